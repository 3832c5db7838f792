"""Same class or not: how far apart pairs lie, and what every threshold on the distance would accept."""
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from metacourse.figures import style
from metacourse.figures.style import FAINT, INK, PAPER, SOFT, Picture, array, canvas, show, use
from metacourse.methods import verification as verify

SAME, DIFFERENT = style.BLUE, style.VERMILLION


def verification(pairs: Mapping[str, tuple], *, title: str) -> Picture:
    """Distances of pairs above each other, one row per embedding, and the ROC curves of all of them.

    `pairs` maps a label to (distance [pair], same [pair]), as from `methods.verification.pairs`. Dots on the
    curves are where both errors are equal.
    """
    with use():
        figure, axes = canvas(9, 1.6 + 1.9 * max(len(pairs), 2), title, columns=2, width_ratios=(1.1, 1))
        grid = axes[0].get_gridspec()
        axes[0].remove()
        rows = grid[0].subgridspec(len(pairs), 1, hspace=0.35)
        said = []
        for row, (hue, (label, (distance, same))) in enumerate(zip(style.colors(list(pairs)), pairs.items())):
            rate, threshold = verify.equal_error_rate(distance, same)
            area = verify.area(distance, same)
            _distances(figure.add_subplot(rows[row]), label, array(distance), array(same) > 0, threshold,
                       first=row == 0, last=row == len(pairs) - 1)
            _curve(axes[1], f"{label}: {100 * rate:.1f} %", verify.roc(distance, same), rate, hue)
            said.append(f"{label}: equal error rate {100 * rate:.1f} %, area under the curve {area:.3f}")
        _square(axes[1])
        return show(figure, title=title, alt=f"""Histograms of the distances of pairs of the same class and of
            different classes, and a ROC curve for each embedding. {'; '.join(said)}. Guessing has 50 % and
            0.5.""")


def _distances(axes: Axes, label: str, distance: np.ndarray, same: np.ndarray, threshold: float, *,
               first: bool, last: bool) -> None:
    edges = np.linspace(0, np.quantile(distance, 0.99), 41)
    for chosen, hue, name in ((same, SAME, "same class"), (~same, DIFFERENT, "different classes")):
        share = np.histogram(distance[chosen], edges)[0] / chosen.sum()
        axes.stairs(share, edges, color=hue, fill=True, alpha=0.25)
        axes.stairs(share, edges, color=hue, linewidth=1.6, label=name)
    axes.axvline(threshold, color=INK, linewidth=1.2)
    axes.set_title(label, color=SOFT)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if first:
        axes.legend(loc="upper right", fontsize=10, handlelength=1.2)
    if last:
        axes.set_xlabel("distance of a pair (line: equal errors)")


def _curve(axes: Axes, label: str, curve: verify.Curve, rate: float, hue: str) -> None:
    axes.plot(array(curve.false_accept), array(curve.true_accept), color=hue, label=label)
    axes.plot(rate, 1 - rate, "o", color=hue, markersize=9, markeredgecolor=PAPER)


def _square(axes: Axes) -> None:
    """Where guessing is the diagonal, and equal errors lie on the other one."""
    axes.plot([0, 1], [0, 1], color=SOFT, linestyle=(0, (4, 3)), linewidth=1.4)
    axes.plot([0, 1], [1, 0], color=FAINT, linewidth=1)
    axes.text(0.6, 0.55, "guessing", color=SOFT, ha="left", va="top")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1],
             xlabel="accepted pairs of different classes", ylabel="accepted pairs of the same class")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes.legend(loc="lower right", title="equal error rate", fontsize=10, title_fontsize=10)
