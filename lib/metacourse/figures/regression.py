"""Pictures of regression tasks, and of how few examples most things in the world have."""
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import FuncFormatter

from metacourse.episode import Examples
from metacourse.figures.style import CLASSES, INK, ORANGE, SKY, SOFT, Picture, array, canvas, colors, show, use


def sinusoid_tasks(support: Examples, x, y, *, title: str) -> Picture:
    """Several tasks as curves with their support points. support.x [tasks, shot, 1], x [points], y [tasks, points]."""
    tasks, shot = support.x.shape[:2]
    with use():
        figure, axes = canvas(8, 4, title)
        for i, hue in zip(range(tasks), CLASSES):
            axes.plot(array(x).ravel(), array(y[i]).ravel(), color=hue, alpha=0.75)
            axes.plot(array(support.x[i]).ravel(), array(support.y[i]).ravel(), "o", color=hue, markersize=8,
                      markeredgecolor="white", clip_on=False)
        axes.axhline(0, color=SOFT, linewidth=0.8)
        axes.set(xlabel="x", ylabel="y")
        return show(figure, title=title, alt=f"{title} {tasks} sine curves of different amplitude and phase, each a "
                    f"task, with {shot} support points on each.")


def fit(predictions: Mapping, x, support: Examples, truth, *, title: str) -> Picture:
    """Predictions {label: y [points]} over x [points] beside the true curve and the support points of one task."""
    with use():
        figure, axes = canvas(8, 4, title)
        axes.plot(array(x).ravel(), array(truth).ravel(), color=INK, linewidth=1.8, linestyle=(0, (1, 1.6)), label="truth")
        for hue, (label, y) in zip(colors(list(predictions)), predictions.items()):
            axes.plot(array(x).ravel(), array(y).ravel(), color=hue, label=label)
        axes.plot(array(support.x).ravel(), array(support.y).ravel(), "o", color=INK, markersize=9,
                  markeredgecolor="white", label="support", zorder=5)
        axes.set(xlabel="x", ylabel="y")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        errors = "; ".join(f"{label} {np.square(array(y).ravel() - array(truth).ravel()).mean():.2f}"
                           for label, y in predictions.items())
        return show(figure, title=title, alt=f"{title} Curves fitted to {support.x.numel()} support points beside the "
                    f"truth. Mean squared errors over the curve: {errors}.")


def long_tail(counts: Sequence[int], title: str) -> Picture:
    """Examples per class, classes sorted from the most frequent; the head is a fifth of them."""
    counts = np.sort(array(counts))[::-1]
    rank = np.arange(1, len(counts) + 1)
    head = max(1, len(counts) // 5)
    share = round(100 * counts[:head].sum() / counts.sum())
    said = [f"head: 20 % of the classes, {share} % of the examples", f"tail: 80 % of the classes, {100 - share} %"]
    median = f"the median class has {np.median(counts):.0f} examples"
    with use():
        figure, axes = canvas(8, 4, title)
        axes.fill_between(rank[:head + 1], counts[:head + 1], 0.8, color=SKY, linewidth=0, label=said[0])
        axes.fill_between(rank[head:], counts[head:], 0.8, color=ORANGE, linewidth=0, label=said[1])
        axes.plot([len(counts) / 2] * 2, [np.median(counts), counts[0] ** 0.45], color=SOFT, linewidth=1)
        axes.text(len(counts) / 2, counts[0] ** 0.45, f" {median}", va="bottom", ha="center")
        axes.set(yscale="log", ylim=(0.8, counts[0] * 1.5), xlim=(1, len(counts)),
                 xlabel="class, from the most to the least frequent", ylabel="examples of the class")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.legend(loc="upper right")
        return show(figure, title=title, alt=f"{title} Examples per class of {len(counts)} classes, on a logarithmic "
                    f"scale. The {said[0]}; the {said[1]}; {median}.")
