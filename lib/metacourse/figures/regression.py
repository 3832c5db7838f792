"""Pictures of regression tasks, and of how few examples most things in the world have."""
from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from torch import Tensor

from metacourse.episode import Episode, Examples, tasks
from metacourse.figures import style
from metacourse.figures.style import CLASSES, INK, ORANGE, SKY, SOFT, Picture, array, canvas, show, use

DOTTED = (0, (1, 1.6))                                       # the truth, which no learner sees


def sinusoid_tasks(episodes: Episode, *, title: str) -> Picture:
    """Several tasks: each one's queries joined to a curve, its support as dots. x and y [tasks, shot, 1]."""
    with use():
        figure, axes = canvas(8, 4, title)
        axes.axhline(0, color=SOFT, linewidth=0.8)
        for (support, query), hue in zip(tasks(episodes), cycle(CLASSES)):
            order = query.x.ravel().argsort()
            axes.plot(array(query.x.ravel()[order]), array(query.y.ravel()[order]), color=hue, alpha=0.75)
            points(axes, support, hue)
        axes.set(xlabel="x", ylabel="y")
        return show(figure, title=title, alt=f"""
            {len(episodes.support.x)} sine curves of different amplitude and phase, each one task,
            with {episodes.support.x.shape[1]} support points on each.""")


def fit(predictions: Mapping, x, support: Examples, truth, *, title: str) -> Picture:
    """Predictions {label: y [points]} over x [points], beside the truth and one task's support points."""
    x, truth = array(x).ravel(), array(truth).ravel()
    predictions = {label: array(y).ravel() for label, y in predictions.items()}
    with use():
        figure, axes = canvas(8, 4, title)
        axes.plot(x, truth, color=INK, linewidth=1.8, linestyle=DOTTED, label="truth")
        for hue, (label, y) in zip(style.colors(list(predictions)), predictions.items()):
            axes.plot(x, y, color=hue, label=label)
        points(axes, support, INK, label="support")
        axes.set(xlabel="x", ylabel="y")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        errors = (f"{label} {np.square(y - truth).mean():.2f}" for label, y in predictions.items())
        return show(figure, title=title, alt=f"""
            Curves fitted to {support.x.numel()} support points beside the truth. Mean squared errors over
            the curve: {"; ".join(errors)}.""")


def walks(predictions: Mapping[str, Mapping[int, Tensor]], x: Float[Tensor, "point 1"], support: Examples,
          truth: Float[Tensor, "tasks point 1"], *, title: str) -> Picture:
    """One row for each start, one column for each task: what the network says after some inner steps.

    `predictions` {start: {steps: y [tasks, point, 1]}}; later steps are drawn darker. Support x and y
    [tasks, shot, 1].
    """
    x, truth, shape = array(x).ravel(), array(truth), (len(predictions), len(truth))
    with use():
        figure, grid = canvas(9.5, 1.2 + 1.6 * shape[0], title, *shape,
                              sharex=True, sharey=True, squeeze=False)
        for row, (start, by_steps) in zip(grid, predictions.items()):
            row[0].set_ylabel(start)
            for i, axes in enumerate(row):
                axes.plot(x, truth[i].ravel(), color=INK, linewidth=1.8, linestyle=DOTTED, label="truth")
                for strength, (steps, y) in zip(np.linspace(0.3, 1, len(by_steps)), by_steps.items()):
                    axes.plot(x, array(y)[i].ravel(), color=style.color(start, style.BLUE), alpha=strength,
                              linewidth=0.8 + 1.4 * strength, label=f"{steps} step{'s' * (steps != 1)}")
                points(axes, Examples(support.x[i], support.y[i]), INK, size=6)
        figure.legend(*grid[-1, 0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
        return show(figure, title=title, alt=f"""
            Predictions on {shape[1]} tasks, one row each for {", ".join(predictions)}, after
            {", ".join(str(steps) for steps in next(iter(predictions.values())))} inner steps, beside the
            truth and the support points.""")


def points(axes: Axes, support: Examples, color: str, label: str | None = None, size: int = 9) -> None:
    """The support points of one task."""
    axes.plot(array(support.x).ravel(), array(support.y).ravel(), "o", color=color, label=label,
              markersize=size, markeredgecolor="white", zorder=5)


def long_tail(counts: Sequence[int], title: str) -> Picture:
    """Examples per class, classes sorted from the most frequent; the head is a fifth of them."""
    counts = np.sort(array(counts))[::-1]
    rank, middle, median = np.arange(1, len(counts) + 1), len(counts) / 2, np.median(counts)
    head = max(1, len(counts) // 5)
    share = round(100 * counts[:head].sum() / counts.sum())
    said = [f"head: 20 % of the classes, {share} % of the examples",
            f"tail: 80 % of the classes, {100 - share} %",
            f"the median class has {median:.0f} examples"]
    with use():
        figure, axes = canvas(8, 4, title)
        axes.fill_between(rank[:head + 1], counts[:head + 1], 0.8, color=SKY, linewidth=0, label=said[0])
        axes.fill_between(rank[head:], counts[head:], 0.8, color=ORANGE, linewidth=0, label=said[1])
        axes.plot([middle, middle], [median, counts[0] ** 0.45], color=SOFT, linewidth=1)
        axes.text(middle, counts[0] ** 0.45, said[2], va="bottom", ha="center")
        axes.set(yscale="log", ylim=(0.8, counts[0] * 1.5), xlim=(1, len(counts)),
                 xlabel="class, from the most to the least frequent", ylabel="examples of the class")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.legend(loc="upper right")
        return show(figure, title=title, alt=f"""
            Examples per class of {len(counts)} classes, on a logarithmic scale. The {said[0]}; the
            {said[1]}; {said[2]}.""")
