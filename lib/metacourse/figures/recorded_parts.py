"""Pictures of recorded runs that take MAML apart: frozen blocks, and the parts of MAML++."""
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from metacourse.figures import style
from metacourse.figures.measurements import DASHED, percent, rows, score_row
from metacourse.figures.recorded import over_seeds
from metacourse.figures.recorded_maml import legend, or_not_run
from metacourse.figures.style import BLUE, SOFT, VERMILLION, Picture, array, canvas, show, use


@or_not_run
def frozen_blocks(result, title: str, families: Sequence[str] | None = None) -> Picture:
    """Accuracy where only some parts move in the inner loop, and how alike layers stay; a color a family.

    Reads "frozen" {family: {moving: {seed: score}}} and "cka" {family: {layer: {seed: value}}}.
    `families` are those to draw, or None for all.
    """
    hues = dict(zip(result["frozen"], (VERMILLION, BLUE)))
    families = list(hues) if families is None else families
    places = (-0.17, 0.17) if len(families) > 1 else (0,)
    with use():
        figure = Figure(figsize=(10, 4.6), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        left, right = figure.subplots(1, 2, width_ratios=[1.7, 1])
        said = []
        for place, family in zip(places, families):
            moving, hue = result["frozen"][family], hues[family]
            for row, (name, seeds) in enumerate(moving.items()):
                accuracy, interval = over_seeds(seeds)
                score_row(left, row + place, accuracy, interval, hue)
                said.append(f"{family}, {name}: {100 * accuracy:.1f} %")
            layers = {layer.removeprefix("block "): np.mean(list(seeds.values()))
                      for layer, seeds in result["cka"][family].items()}
            right.plot(list(layers), list(layers.values()), color=hue, marker="o", label=f"{family} tasks")
            said.append(f"{family}, similarity: {', '.join(f'{k} {v:.2f}' for k, v in layers.items())}")
        rows(left, list(moving))
        percent(left, "accuracy on queries")
        left.set_title("what moves in the inner loop", color=SOFT)
        right.set_title("alike before and after (CKA)", color=SOFT)
        right.set(xlabel="block", ylim=(0, 1.03))
        right.grid(axis="y")
        legend(figure, right)
        return show(figure, title=title, alt=f"Two charts. {'; '.join(said)}.")


@or_not_run
def ablation(result, title: str) -> Picture:
    """One row per variant: a dot for each seed, with its interval over episodes, and the mean over seeds.

    Reads "accuracy" {variant: {seed: score}}; the first variant's mean is the dashed line.
    """
    variants = {name: array([score["accuracy"] for score in seeds.values()])
                for name, seeds in result["accuracy"].items()}
    with use():
        figure, axes = canvas(8.6, 1.5 + 0.5 * len(variants), title)
        for row, (name, values) in enumerate(variants.items()):
            hue = style.color(name, SOFT)
            halves = [score["interval"] for score in result["accuracy"][name].values()]
            axes.errorbar(values, np.full(len(values), row), xerr=halves, fmt="o", color=hue, alpha=0.5,
                          markersize=7, linewidth=1.6)
            axes.plot([values.mean()] * 2, [row - 0.26, row + 0.26], color=hue, linewidth=3)
            axes.text(1.02, row, f"{100 * values.mean():.1f} %", transform=axes.get_yaxis_transform(),
                      va="center")
        axes.axvline(next(iter(variants.values())).mean(), **DASHED)
        rows(axes, list(variants))
        axes.set_xlabel("accuracy on queries (a dot: one seed and its 95 % interval; the bar: the mean)")
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        said = "; ".join(f"{name} {100 * v.mean():.1f} % ({100 * v.min():.1f} to {100 * v.max():.1f})"
                         for name, v in variants.items())
        return show(figure, title=title, alt=f"Mean accuracy, and lowest and highest seed: {said}.")
