"""Unfreezing schedules: which blocks moved in which phase of training, and the accuracy that followed."""
from collections.abc import Sequence
from itertools import groupby
from numbers import Real
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from metacourse.figures.measurements import DASHED, PERCENT
from metacourse.figures.style import CLASSES, FAINT, INK, SOFT, Picture, show, use, whole
from metacourse.methods.finetuning import Rates

MOST = 6                                                     # schedules on one picture
HUES = CLASSES[:MOST]


class Schedule(NamedTuple):
    """The rates of the blocks that move in each phase; accuracies at equal times, from before training on."""

    name: str
    rates: Sequence[Rates]                                   # of each phase
    accuracy: Sequence[Real]                                 # empty if it was not run


def unfreezing(schedules: Sequence[Schedule], blocks: Sequence[str], *, title: str,
               chance: Real | None = None) -> Picture:
    """Each schedule as a small grid (blocks × phases, the darker the faster), and all curves beside them.

    `blocks` are named from input to output; the output lies on top.
    """
    with use():
        places = max(4, len(schedules))
        height = 1.2 + 0.8 * places
        figure = Figure(figsize=(10, height))
        figure.suptitle(title, x=0.01, y=1 - 0.12 / height, ha="left", va="top", fontsize=15,
                        fontweight="bold")
        inside = {"bottom": 0.6 / height, "top": 1 - 0.6 / height}
        grids = figure.add_gridspec(places, 1, left=0.13, right=0.38, hspace=0.15, **inside)
        rows = grids.subplots(squeeze=False)
        for axes, schedule, hue in zip(rows.flat, schedules, HUES):
            _grid(axes, schedule, blocks, hue)
        for axes in rows.flat[len(schedules):]:
            axes.set_axis_off()
        for axes in rows.flat[len(schedules) - 1:len(schedules)]:
            axes.set_xlabel("phase of training (output on top)")
        _curves(figure.add_gridspec(1, 1, left=0.48, right=0.98, **inside).subplots(), schedules, chance)
        said = "; ".join(f"{schedule.name}: {in_words(schedule)}" for schedule in schedules)
        return show(figure, title=title, alt=f"""
            Which of the blocks {", ".join(blocks)} (from input to output) move in which phase of training,
            and accuracy over time. {said or "Nothing was run yet"}.""")


def in_words(schedule: Schedule) -> str:
    """What moves when, and the accuracies before and after."""
    said, phase = [], 1
    for moving, same in groupby(schedule.rates, key=lambda rates: " and ".join(rates) or "nothing"):
        last = phase + len(list(same)) - 1
        said.append(f"{moving} in phase{f' {phase}' if last == phase else f's {phase} to {last}'}")
        phase = last + 1
    if not len(schedule.accuracy):
        return f"{', '.join(said)}; not run yet"
    return f"{', '.join(said)}; accuracy {schedule.accuracy[0]:.0%} to {schedule.accuracy[-1]:.0%}"


def speed(rate: Real, fastest: Real) -> float:
    """From 1 for the fastest rate to 0 for one that is a thousand times slower, or frozen."""
    return 0.0 if rate <= 0 else float(np.clip(1 + np.log10(rate / fastest) / 3, 0, 1))


def _grid(axes: Axes, schedule: Schedule, blocks: Sequence[str], hue: str) -> None:
    fastest = max((rate for rates in schedule.rates for rate in rates.values()), default=1)
    for phase, rates in enumerate(schedule.rates):
        for row, block in enumerate(blocks):
            axes.add_patch(Rectangle((phase, row), 1, 1, facecolor="none", edgecolor=FAINT))
            axes.add_patch(Rectangle((phase + 0.03, row + 0.05), 0.94, 0.9, facecolor=hue,
                                     alpha=0.9 * speed(rates.get(block, 0), fastest)))
    axes.set(xlim=(0, len(schedule.rates)), ylim=(0, len(blocks)), xticks=[], yticks=[])
    axes.spines[["left", "bottom"]].set_visible(False)
    end = f"{schedule.accuracy[-1]:.0%}" if len(schedule.accuracy) else "not run yet"
    axes.set_ylabel(f"{schedule.name}\n{end}", rotation=0, ha="right", va="center", color=INK)


def _curves(axes: Axes, schedules: Sequence[Schedule], chance: Real | None) -> None:
    for schedule, hue in zip(schedules, HUES):
        at = np.linspace(0, len(schedule.rates), len(schedule.accuracy))
        axes.plot(at, schedule.accuracy, color=hue, marker="o", markersize=4.5, clip_on=False)
    phases = max((len(schedule.rates) for schedule in schedules), default=1)
    if chance is not None:
        axes.axhline(chance, **DASHED)
        axes.text(phases, chance, "chance ", ha="right", va="bottom", color=SOFT)
    axes.set(xlim=(0, phases), ylim=(0, 1.02), xlabel="phases of training done", ylabel="accuracy")
    axes.yaxis.set_major_formatter(PERCENT)
    axes.grid(axis="y")
    whole(axes)
