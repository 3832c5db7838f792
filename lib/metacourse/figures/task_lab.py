"""Charts of the task lab (1.7) and of fairness (1.8): what a dial does, over training seeds."""
from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metacourse.figures import style
from metacourse.figures.style import INK, SOFT, Picture, array, canvas, show, use

LEAST = 0.005                                        # on the logarithmic axis
LOOKS = {"ridge": {"color": INK, "linewidth": 2.6}, "dMMSE": {"color": INK, "linestyle": (0, (2, 2))}}


def task_diversity(pools: Sequence[str], new: Mapping, old: Mapping, *, title: str) -> Picture:
    """Error against the number of different training tasks, on new tasks and on those of the pool.

    `new` and `old` map a method's name to errors [seed, pool]; where there are fewer columns than `pools`,
    they belong to the first of these. Lines are means, bands go from the lowest seed to the highest;
    errors below LEAST are drawn at LEAST.
    """
    with use():
        figure = Figure(figsize=(10, 4.4), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        both = figure.subplots(1, 2, sharey=True)
        for axes, name, errors in zip(both, ("new tasks", "tasks of the pool"), (new, old)):
            _over_pools(axes, errors)
            axes.set_title(f"tested on {name}", color=SOFT)
            axes.set_xticks(range(len(pools)), [{"inf": "∞"}.get(pool, pool) for pool in pools])
            axes.set_xlabel("different tasks in training, M")
            axes.grid(axis="y")
        both[0].set(ylabel="squared error of the answer", yscale="log", ylim=(0.8 * LEAST, 12))
        both[0].yaxis.set_major_formatter("{x:g}")
        both[1].legend(loc="upper left")
        ends = "; ".join(f"{name} {array(e).mean(0)[0]:.2f} to {array(e).mean(0)[-1]:.2f}"
                         for name, e in new.items())
        return show(figure, title=title, alt=f"""
            Two charts of squared error against the number of different training tasks, {pools[0]} to
            {pools[-1]}: on new tasks and on tasks of the pool. On new tasks, from the smallest pool to
            the largest: {ends}.""")


def _over_pools(axes: Axes, errors: Mapping) -> None:
    for name, values in errors.items():
        values = array(values).clip(LEAST)                                   # [seed, pool]
        where = np.arange(values.shape[1])
        look = LOOKS.get(name, {"color": style.color(name), "marker": "o", "markersize": 6})
        axes.plot(where, values.mean(0), label=name, **look)
        axes.fill_between(where, values.min(0), values.max(0), color=look["color"], alpha=0.15, linewidth=0)


def tradeoff(lines: Mapping, *, x: str, y: str, title: str, named: Sequence[str] = ()) -> Picture:
    """One line per label through points that a dial moves: (x [point, seed], y [point, seed]).

    A cross spans the seeds from lowest to highest; `named` are the dial's values, written at the first line.
    """
    with use():
        figure, axes = canvas(8, 4.4, title)
        for row, (label, (xs, ys)) in enumerate(lines.items()):
            xs, ys, hue = array(xs), array(ys), style.color(label)
            axes.plot(xs.mean(1), ys.mean(1), color=hue, marker="o", markersize=7, label=label)
            for along, across in zip(xs, ys):
                axes.plot([along.min(), along.max()], [across.mean()] * 2, color=hue, linewidth=1.2)
                axes.plot([along.mean()] * 2, [across.min(), across.max()], color=hue, linewidth=1.2)
            for name, along, across in zip(named if row == 0 else (), xs.mean(1), ys.mean(1)):
                axes.annotate(name, (along, across), xytext=(-9, 8), textcoords="offset points", ha="right")
        axes.set(xlabel=x, ylabel=y)
        axes.grid()
        axes.legend(loc="lower right")
        axes.margins(0.12)
        said = "; ".join(f"{label}: {_points(xs, ys)}" for label, (xs, ys) in lines.items())
        return show(figure, title=title, alt=f"{y} against {x}. {said}.")


def _points(xs: Sequence[Sequence[Real]], ys: Sequence[Sequence[Real]]) -> str:
    return ", ".join(f"({a:.2f}, {b:.2f})" for a, b in zip(array(xs).mean(1), array(ys).mean(1)))


def descriptions(images, described, read, *, names: Sequence[str], title: str) -> Picture:
    """Drawings beside their classes' attributes, as described and as a network reads them off the drawing.

    images [drawing, H, W] with ink 1; described, read [drawing, attribute], on a scale of deviations.
    """
    images, described, read = array(images), array(described), array(read)
    with use():
        figure = Figure(figsize=(10, 0.23 * len(names) + 2.4), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        pairs = figure.subplots(2, len(images), height_ratios=[1, 0.2 * len(names)], squeeze=False,
                                sharey="row")
        for (top, below), image, told, seen in zip(pairs.T, images, described, read):
            top.imshow(1 - image, cmap="gray", vmin=0, vmax=1)
            top.axis("off")
            rows = np.arange(len(names))
            below.hlines(rows, told, seen, color=SOFT, linewidth=1)
            below.plot(told, rows, "o", color=INK, markersize=7, fillstyle="none", label="described")
            below.plot(seen, rows, "o", color=style.BLUE, markersize=6, label="read off the drawing")
            below.axvline(0, color=SOFT, linewidth=0.8)
        pairs[1, 0].set_yticks(range(len(names)), names)
        pairs[1, 0].invert_yaxis()
        figure.supxlabel("standard deviations from the mean of the training characters", fontsize=12)
        pairs[1, -1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        apart = np.sqrt(np.square(described - read).mean())
        return show(figure, title=title, alt=f"""
            {len(images)} drawings of unseen characters, and under each its {len(names)} attributes as
            described and as read off the drawing; root mean square difference {apart:.2f} deviations.""")
