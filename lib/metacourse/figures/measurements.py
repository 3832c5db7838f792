"""Charts of accuracies: methods beside each other, curves, intervals, and where a difference comes from."""
from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, PercentFormatter

from metacourse.figures import style
from metacourse.figures.style import INK, PAPER, SKY, SOFT, VERMILLION, Picture, array, canvas, show, use

PERCENT = PercentFormatter(1, symbol=" %")
DASHED = {"color": SOFT, "linestyle": (0, (4, 3)), "linewidth": 1.4}


def accuracies(scores: Mapping, *, chance: Real, title: str, colors: Mapping[str, str] | None = None
               ) -> Picture:
    """Accuracy and 95 % interval per label, from top to bottom, beside the chance line.

    Values are Evaluations or pairs (accuracy, interval), as fractions in [0, 1].
    """
    pairs = {label: accuracy_and_interval(score) for label, score in scores.items()}
    with use():
        figure, axes = canvas(8, 1.55 + 0.5 * len(pairs), title)
        axes.axvline(chance, **DASHED)
        axes.text(chance, -0.64, "chance", ha="center", va="bottom", color=SOFT)
        for row, (label, (accuracy, interval)) in enumerate(pairs.items()):
            hue = (colors or {}).get(label) or style.color(label)
            score_row(axes, row, accuracy, interval, hue)
        rows(axes, list(pairs))
        percent(axes, "accuracy on queries, with its 95 % interval")
        numbers = "; ".join(f"{label} {written(*pair)}" for label, pair in pairs.items())
        return show(figure, title=title, alt=f"Accuracies: {numbers}. Chance is {100 * chance:.0f} %.")


def curves(lines: Mapping, *, x: str, y: str, title: str, chance: Real | None = None,
           log_x: bool = False, log_y: bool = False) -> Picture:
    """One line per label from (x values, y values) or (x, y, interval); names stand at the lines' ends.

    Where `chance` is given, y is an accuracy as a fraction and is shown in percent.
    """
    with use():
        figure, axes = canvas(8, 4.2, title)
        ends = {}
        for hue, (label, (xs, ys, *interval)) in zip(style.colors(list(lines)), lines.items()):
            xs, ys = array(xs), array(ys)
            axes.plot(xs, ys, color=hue, marker="o" if len(xs) <= 15 else None, markersize=6, clip_on=False)
            for half in map(array, interval):
                axes.fill_between(xs, ys - half, ys + half, color=hue, alpha=0.18, linewidth=0)
            ends[label] = (xs[-1], ys[-1], hue)
        axes.grid(axis="y")
        axes.set(xlabel=x, ylabel=y, xscale="log" if log_x else "linear",
                 yscale="log" if log_y else "linear")
        if log_y:
            axes.yaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_minor_formatter("{x:g}")
            axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        if log_x:
            axes.xaxis.set_major_formatter("{x:g}")
        elif all((array(xs) % 1 == 0).all() for xs, *_ in lines.values()):
            style.whole(axes)                                # there is no step two and a half
        last = "; ".join(f"{label} {height:.3g}" for label, (_, height, _) in ends.items())
        if chance is not None:
            axes.axhline(chance, **DASHED)
            axes.set_ylim(0, 1)
            axes.yaxis.set_major_formatter(PERCENT)
            ends["chance"] = (axes.get_xlim()[1], chance, SOFT)
        name_ends(axes, ends)
        return show(figure, title=title, alt=f"Curves of {y} against {x}. Last values: {last}.")


def intervals(means: Sequence, half_widths: Sequence, truth: Real, *, title: str) -> Picture:
    """Repeated small evaluations with 95 % intervals (fractions); those that miss the `truth` stand out."""
    means, half_widths = array(means), array(half_widths)
    misses = np.abs(means - truth) > half_widths
    said = f"{(~misses).sum()} of {len(means)} intervals contain the truth"
    with use():
        figure, axes = canvas(8, 3.8, title)
        for chosen, look in [(~misses, {"color": SKY, "linewidth": 1.6}), (misses, {"color": VERMILLION})]:
            which = np.flatnonzero(chosen)
            axes.errorbar(which + 1, means[which], yerr=half_widths[which], fmt="o", markersize=4, **look)
        axes.axhline(truth, color=INK, linewidth=1.4)
        beside = axes.get_yaxis_transform()
        axes.text(1.01, truth, f"truth {100 * truth:.1f} %", transform=beside, va="center")
        axes.set(xlabel="repeated evaluation", ylabel="accuracy", xlim=(0, len(means) + 1))
        axes.yaxis.set_major_formatter(PERCENT)
        axes.set_title(f"{said}; {misses.sum()} (red, heavy) do not", color=SOFT)
        return show(figure, title=title, alt=f"{said}, {100 * truth:.1f} %; {misses.sum()} do not.")


def spread(sources: Mapping, title: str) -> Picture:
    """Accuracies (fractions) that vary with one source of chance each: a row of dots per source."""
    sources = {label: array(values) for label, values in sources.items()}
    with use():
        figure, axes = canvas(8, 1.5 + 0.75 * len(sources), title)
        for row, (hue, values) in enumerate(zip(style.colors(list(sources)), sources.values())):
            axes.plot([values.min(), values.max()], [row, row], color=hue, alpha=0.3, linewidth=9)
            axes.plot(values, np.full(len(values), row), "o", color=hue, markersize=9, markeredgecolor=PAPER)
            axes.plot([values.mean()] * 2, [row - 0.24, row + 0.24], color=INK, linewidth=2)
        rows(axes, list(sources))
        axes.set_xlabel("accuracy (a dot is one run, the bar their mean)")
        axes.xaxis.set_major_formatter(PERCENT)
        ranges = (f"{label} {100 * v.min():.1f} to {100 * v.max():.1f} %" for label, v in sources.items())
        return show(figure, title=title, alt=f"Accuracies range with {'; '.join(ranges)}.")


def confusion(counts, names: Sequence[str], title: str) -> Picture:
    """Share of each true class (row) that was given each answer (column). counts: [way, way]."""
    share = array(counts) / array(counts).sum(axis=1, keepdims=True).clip(1)
    way = len(names)
    with use():
        figure, axes = canvas(2.2 + 0.72 * way, 1.5 + 0.62 * way, title)
        axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, column), value in np.ndenumerate(share):
            axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center",
                      color=PAPER if value > 0.55 else INK)
        axes.set_xticks(range(way), names)
        axes.set_yticks(range(way), names)
        axes.set(xlabel="answer (percent of each true class)", ylabel="true class")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        right = "; ".join(f"{name} {100 * share[k, k]:.0f} %" for k, name in enumerate(names))
        return show(figure, title=title, alt=f"Confusion matrix. Answered rightly: {right}.")


def accuracy_and_interval(score) -> tuple[Real, Real]:
    """The pair from an Evaluation, or the pair itself."""
    pair = (score.accuracy, score.interval) if hasattr(score, "accuracy") else score
    return float(pair[0]), float(pair[1])


def written(accuracy: Real, interval: Real) -> str:
    """0.912, 0.005 -> "91.2 ± 0.5 %"."""
    return f"{100 * accuracy:.1f} ± {100 * interval:.1f} %"


def score_row(axes: Axes, y: Real, accuracy: Real, interval: Real, color: str,
              label: str | None = None, bar: bool = True) -> None:
    """A dot with its interval on a pale bar from 0 (if the axis begins there), and the numbers beside it."""
    if bar:
        axes.plot([0, accuracy], [y, y], color=color, alpha=0.28, linewidth=7, solid_capstyle="butt")
    axes.errorbar(accuracy, y, xerr=interval, fmt="o", color=color, markersize=9, capsize=5, label=label)
    beside = axes.get_yaxis_transform()
    axes.text(1.02, y, written(accuracy, interval), transform=beside, ha="left", va="center")


def percent(axes: Axes, label: str) -> None:
    """A horizontal axis from 0 to 100 %."""
    axes.set(xlim=(0, 1.02), xticks=np.linspace(0, 1, 6), xlabel=label)
    axes.xaxis.set_major_formatter(PERCENT)


def rows(axes: Axes, names: Sequence[str]) -> None:
    """One named row per entry, the first on top."""
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def name_ends(axes: Axes, ends: Mapping[str, tuple[Real, Real, str]]) -> None:
    """Names at the right edge, moved apart, each tied to the end (x, y, color) of its line."""
    axes.autoscale_view()                                    # the limits that will be drawn
    to_share = axes.transData + axes.transAxes.inverted()
    points = [to_share.transform((x, y)) for x, y, _ in ends.values()]
    heights = style.apart([height for _, height in points], gap=0.075)
    for (label, (_, _, hue)), (start, height), moved in zip(ends.items(), points, heights):
        axes.plot([start, 1.02, 1.035], [height, moved, moved], color=hue, linewidth=1, alpha=0.8,
                  transform=axes.transAxes, clip_on=False)
        axes.text(1.045, moved, label, transform=axes.transAxes, ha="left", va="center")
