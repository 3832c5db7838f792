"""Two methods on the same episodes: their intervals apart, and the interval of their difference."""
from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
from matplotlib.ticker import PercentFormatter

from metacourse.figures import style
from metacourse.figures.measurements import rows, written
from metacourse.figures.style import INK, SOFT, VERMILLION, Picture, array, show, use


def two_methods(scores: Mapping[str, tuple], difference: tuple, draws: Sequence, truth: Real, *,
                title: str) -> Picture:
    """Above, (accuracy, interval) of two methods; below, their paired (difference, interval), and `draws`.

    All are fractions. Draws on the other side of zero than the `truth` had the order wrong: they are red.
    """
    draws, (mean, half) = array(draws), difference
    wrong = np.sign(draws) != np.sign(truth)
    with use():
        figure, (above, below) = style.canvas(8, 4.5, title, rows=2)
        for row, (label, (accuracy, interval)) in enumerate(scores.items()):
            hue, beside = style.color(label, INK), above.get_yaxis_transform()
            above.errorbar(accuracy, row, xerr=interval, fmt="o", color=hue, markersize=9, capsize=5)
            above.text(1.02, row, written(accuracy, interval), transform=beside, va="center")
        rows(above, list(scores))
        above.set_xlabel("accuracy")
        above.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        below.axvline(0, color=INK, linewidth=1.4)
        hues = np.where(wrong, VERMILLION, SOFT)
        below.scatter(draws, np.full(len(draws), -0.3), s=26, linewidth=0, c=hues,
                      alpha=np.where(wrong, 0.9, 0.4))
        below.errorbar(mean, 0.15, xerr=half, fmt="D", color=INK, markersize=8, capsize=5)
        beside = below.get_yaxis_transform()
        below.text(1.02, 0.15, f"{100 * mean:+.1f} ± {100 * half:.1f}", transform=beside, va="center")
        rows(below, ["difference"])
        below.set_xlabel(f"{' − '.join(scores)} in points (diamond: the same episodes for both;\n"
                         "dots: each on its own episodes, red where the order is wrong)")
        below.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g}".replace("-", "−"))
        said = "; ".join(f"{label} {written(*score)}" for label, score in scores.items())
        return show(figure, title=title, alt=f"""{said}. Paired difference {100 * mean:+.1f} ±
            {100 * half:.1f} points. The order was wrong in {wrong.sum()} of {len(draws)} draws.""")
