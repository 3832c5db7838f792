"""The picture of chapter 4's recorded students: what a small network loses, and what a teacher gives back."""
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator, PercentFormatter

from metacourse.figures.measurements import DASHED
from metacourse.figures.recorded_few_shot import mean_over_seeds, written
from metacourse.figures.recorded_maml import or_not_run
from metacourse.figures.style import INK, METHODS, SOFT, Picture, array, show, use

GREEN = METHODS["distillation"]
HOW = {"labels": ("labels", {"color": METHODS["scratch"], "marker": "o"}),
       "distilled": ("labels and the teacher's answers", {"color": GREEN, "marker": "s"}),
       "features": ("labels and the teacher's features",
                    {"color": GREEN, "marker": "D", "linestyle": (0, (2, 1.5)), "markerfacecolor": "white"})}
AXES = {"parameters": "parameters",
        "milliseconds_of_many": "milliseconds a picture, 100 at once"}


@or_not_run
def student_sizes(result, title: str) -> Picture:
    """Accuracy against parameters, and against milliseconds, a line a way to learn; the teacher at the right.

    The time is that of a picture among many: alone, it is mostly spent on calling the layers.

    Reads "accuracy" {how: {width: {seed: score}}}, "teacher" {seed: score} and "cost" {width: numbers}. Bars
    are 95 % intervals over seeds.
    """
    with use():
        figure = Figure(figsize=(10, 4.9), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        panels = figure.subplots(1, 2, sharey=True)
        for axes, key in zip(panels, AXES):
            sizes(axes, result, key)
            axes.set(xlabel=AXES[key])
        panels[0].set_ylabel("accuracy on new drawings")
        panels[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        panels[1].tick_params(axis="y", length=0)
        panels[0].set_xscale("log")
        panels[0].xaxis.set_minor_locator(NullLocator())
        panels[0].set_xticks([cost["parameters"] for cost in result["cost"].values()],
                             [named(width, cost) for width, cost in result["cost"].items()])
        panels[1].set_xlim(0, None)
        panels[1].xaxis.set_major_locator(MaxNLocator(5))
        lines, names = panels[0].get_legend_handles_labels()
        figure.legend(lines, names, loc="outside lower center", ncols=len(names), columnspacing=1.6)
        return show(figure, title=title, alt=told(result))


def told(result) -> str:
    """All numbers of the picture in words."""
    said = [f"{HOW[how][0]}, {width} channels: {written(*over_seeds(seeds))}"
            for how, widths in result["accuracy"].items() for width, seeds in widths.items()]
    said.append(f"the teacher: {written(*over_seeds(result['teacher']))}")
    costs = [f"{width} channels: {cost['parameters']:,} parameters, {cost['kilobytes']:.0f} kB, "
             f"{cost['milliseconds']:.2f} ms alone, {cost['milliseconds_of_many']:.3f} among many"
             for width, cost in result["cost"].items()]
    return f"{'; '.join(said)}. {'; '.join(costs)}."


def sizes(axes: Axes, result, key: str) -> None:
    """One panel: accuracy against one kind of cost."""
    teacher, costs = over_seeds(result["teacher"]), result["cost"]
    largest = max(costs, key=lambda width: costs[width]["parameters"])
    for how, widths in result["accuracy"].items():
        name, look = HOW[how]
        points = array([over_seeds(seeds) for seeds in widths.values()])
        where = [costs[width][key] for width in widths]
        axes.errorbar(where, points[:, 0], yerr=points[:, 1], label=name, markersize=8, capsize=4, **look)
    axes.axhline(teacher[0], **DASHED)
    axes.errorbar(costs[largest][key], teacher[0], yerr=teacher[1], color=INK, marker="*", markersize=15,
                  capsize=4, linestyle="none")
    axes.annotate("teacher", (costs[largest][key], teacher[0]), (-12, 5), textcoords="offset points",
                  ha="right", color=SOFT)
    axes.grid(axis="y")
    axes.margins(x=0.12)


def named(width: str, cost: dict) -> str:
    """What stands below a size: parameters, channels and kilobytes, in three lines."""
    return f"{cost['parameters']:,}\n{width} channels\n{cost['kilobytes']:.0f} kB"


def over_seeds(seeds: dict) -> tuple[float, float]:
    """Mean accuracy and the half-width of its 95 % interval over seeds."""
    return mean_over_seeds(np.array([score["accuracy"] for score in seeds.values()]))
