"""Time and memory of meta-gradients, one row for each way to compute one."""
from collections.abc import Sequence
from numbers import Real
from typing import NamedTuple

from matplotlib.figure import Figure

from metacourse.figures.style import BLUE, ORANGE, PURPLE, SOFT, VERMILLION, Picture, show, use

WAYS = {"loop": BLUE, "threads": ORANGE, "vmap": VERMILLION, "recompute": PURPLE}


class Bill(NamedTuple):
    """One measured meta-gradient: how the tasks were gone over, and what it cost."""

    way: str
    tasks: int
    inner_steps: int
    order: str                                               # "second" or "first"
    milliseconds: Real                                       # per task
    megabytes: Real                                          # held at the fullest moment: the peak

    def __str__(self) -> str:
        def count(number: int, what: str) -> str:
            return f"{number} {what}" if number == 1 else f"{number} {what}s"
        tasks, steps = count(self.tasks, "task"), count(self.inner_steps, "step")
        return f"{self.way}, {tasks}, {steps}, {self.order} order"

    def in_words(self) -> str:
        """What was measured, and what it cost."""
        return f"{self}: {_three_digits(self.milliseconds)} ms per task, {_three_digits(self.megabytes)} MB"


def _three_digits(value: Real) -> str:
    """2.88, 28.8, 288 or 2,880."""
    return f"{value:.3g}" if value < 999.5 else f"{float(f'{value:.3g}'):,.0f}"


def costs(bills: Sequence[Bill], *, title: str) -> Picture:
    """Milliseconds per task and megabytes, the first bill on top."""
    with use():
        figure = Figure(figsize=(10, 1.6 + 0.38 * max(1, len(bills))), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        panels = figure.subplots(1, 2, sharey=True)
        columns = [[bill.milliseconds for bill in bills], [bill.megabytes for bill in bills]]
        names = ("time per task, in ms", "peak memory, in MB")
        for axes, values, name in zip(panels, columns, names):
            hues = [WAYS.get(bill.way, SOFT) for bill in bills]
            axes.barh(range(len(bills)), values, color=hues, height=0.62)
            for row, value in enumerate(values):
                axes.annotate(_three_digits(value), (value, row), (4, 0), textcoords="offset points",
                              va="center")
            axes.set(xlabel=name, xlim=(0, 1.22 * max(values, default=1)), ylim=(len(bills) - 0.4, -0.6))
            axes.spines["left"].set_visible(False)
        panels[0].set_yticks(range(len(bills)), [str(bill) for bill in bills])
        panels[0].tick_params(axis="y", length=0)
        panels[1].tick_params(axis="y", length=0)
        said = "; ".join(map(Bill.in_words, bills)) or "Nothing yet"
        return show(figure, title=title, alt=f"Measured on this machine. {said}.")
