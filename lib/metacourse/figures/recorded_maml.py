"""Pictures of chapter 2's recorded runs; a run that is missing says how to make it."""
from collections.abc import Callable, Sequence
from functools import wraps
from numbers import Real

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metacourse.figures import style
from metacourse.figures.measurements import DASHED, PERCENT, curves
from metacourse.figures.recorded import not_run, over_seeds
from metacourse.figures.style import BLUE, SOFT, VERMILLION, Picture, array, show, use
from metacourse.results import NotRun

NAMES = {"maml": "MAML", "fomaml": "first-order MAML", "anil": "ANIL", "reptile": "Reptile",
         "joint": "joint training", "random": "random start"}
HUES = {"joint": BLUE, "random": SOFT}


def or_not_run(draw: Callable) -> Callable:
    """The same figure, which draws the command instead where the run is missing."""
    @wraps(draw)
    def drawn(result, title: str, *arguments, **named) -> Picture:
        if isinstance(result, NotRun):
            return not_run(result, title)
        return draw(result, title, *arguments, **named)
    return drawn


@or_not_run
def error_per_step(result, title: str) -> Picture:
    """Mean squared error after each inner step, a line a start; a panel for each number of shots, or family.

    Reads "walk" {shot or family: {start: {seed: [error after 0, 1, … steps]}}}; bands span seeds.
    """
    with use():
        figure, panels = panels_of(title, len(result["walk"]))
        said = []
        for axes, (panel, starts) in zip(panels, result["walk"].items()):
            panel = f"{panel} points" if panel.isdigit() else panel
            for start, seeds in starts.items():
                errors = array(list(seeds.values()))
                band(axes, range(errors.shape[1]), errors, NAMES[start], _hue(start))
                first, second, last = errors.mean(0)[[0, 1, -1]]
                said.append(f"{panel}, {NAMES[start]}: {first:.2f}, {second:.2f}, {last:.2f}")
            axes.set_title(panel, color=SOFT)
            axes.set(xlabel="inner steps in testing", xticks=range(0, errors.shape[1], 5))
            axes.grid(axis="y")
        panels[0].set(ylabel="mean squared error on queries", ylim=(0, None))
        legend(figure, panels[0])
        return show(figure, title=title, alt=f"Error after 0, 1 and all steps. {'; '.join(said)}.")


@or_not_run
def walk_over_steps(result, title: str, methods: Sequence[str] = ("maml",)) -> Picture:
    """Accuracy after 0, 1, … inner steps beside chance. Reads "walk" {method: {seed: {step: score}}}."""
    lines, chance = {}, 0.2
    for method in methods:
        seeds = result["walk"][method]
        steps = sorted(next(iter(seeds.values())), key=int)
        scores = [over_seeds({seed: walk[step] for seed, walk in seeds.items()}) for step in steps]
        chance = next(iter(seeds.values()))[steps[0]]["chance"]
        lines[NAMES[method]] = ([int(step) for step in steps], *np.array(scores).T)
    return curves(lines, x="inner steps in testing", y="accuracy on queries", title=title, chance=chance)


@or_not_run
def directions(result, title: str) -> Picture:
    """How first-order directions lie to the exact meta-gradient while MAML learns: cosine, and share uphill.

    Reads "directions" {seed: {"steps": [], method: {"cosine": [], "uphill": []}}}.
    """
    seeds = list(result["directions"].values())
    steps = seeds[0]["steps"]
    methods = [method for method in seeds[0] if method != "steps"]
    with use():
        figure, panels = panels_of(title, 2, sharey=False)
        said = []
        for axes, what, name in zip(panels, ("cosine", "uphill"), ("cosine with the exact meta-gradient",
                                                                   "tasks in which it goes uphill")):
            for method in methods:
                values = array([seed[method][what] for seed in seeds])
                band(axes, steps, values, NAMES[method], _hue(method))
                said.append(f"{NAMES[method]}, {name}: {values.mean(0)[0]:.2f} at first, "
                            f"{values.mean(0)[-1]:.2f} at last")
            axes.set_title(name, color=SOFT)
            axes.set_xlabel("outer steps of MAML")
            style.whole(axes)
            axes.grid(axis="y")
        panels[0].set_ylim(min(0, panels[0].get_ylim()[0]), 1)
        panels[1].set_ylim(0, None)
        panels[1].yaxis.set_major_formatter(PERCENT)
        legend(figure, panels[0])
        return show(figure, title=title, alt=f"Two charts along training. {'; '.join(said)}.")


@or_not_run
def instability(result, title: str) -> Picture:
    """Validation accuracy along training, a line a seed, a panel an inner rate.

    Reads "curves" {α: {seed: {"validation": [[step, accuracy]], "exploded": step or null}}}.
    """
    with use():
        figure, panels = panels_of(title, len(result["curves"]))
        said = []
        for axes, (rate, seeds) in zip(panels, result["curves"].items()):
            for curve in seeds.values():
                steps, accuracies = array(curve["validation"]).reshape(-1, 2).T
                axes.plot(steps, accuracies, color=VERMILLION, alpha=0.7, linewidth=1.6)
                if curve["exploded"] is not None:
                    axes.plot(curve["exploded"], 0.2, "x", color=style.INK, markersize=9)
            last = array([curve["validation"][-1][1] for curve in seeds.values() if curve["validation"]])
            exploded = sum(curve["exploded"] is not None for curve in seeds.values())
            said.append(f"α = {rate}: last values {', '.join(f'{100 * v:.0f} %' for v in last)}"
                        + f", {exploded} exploded" * bool(exploded))
            axes.axhline(0.2, **DASHED)
            axes.set_title(f"α = {rate}", color=SOFT)
            axes.set_xlabel("outer steps")
            style.whole(axes)
            axes.grid(axis="y")
        panels[0].set(ylabel="validation accuracy", ylim=(0.1, None))
        panels[0].yaxis.set_major_formatter(PERCENT)
        return show(figure, title=title, alt=f"Validation accuracy along training. {'; '.join(said)}.")


@or_not_run
def overfitting(result, title: str) -> Picture:
    """Accuracy on episodes of training characters and of new ones along training, means over seeds.

    Reads "curves" {seed: {"steps": [], "train": [], "validation": []}}.
    """
    seeds = list(result["curves"].values())
    lines = {name: (seeds[0]["steps"], array([seed[part] for seed in seeds]).mean(0))
             for part, name in [("train", "training characters"), ("validation", "validation scripts")]}
    return curves(lines, x="outer steps", y="accuracy on queries", title=title,
                  chance=1 / result["settings"]["training"]["way"])


def panels_of(title: str, columns: int, *, sharey: bool = True) -> tuple[Figure, np.ndarray]:
    """A figure with its title and some panels side by side."""
    figure = Figure(figsize=(10, 4.3), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
    return figure, figure.subplots(1, columns, sharey=sharey, squeeze=False)[0]


def band(axes: Axes, x: Sequence[Real], values: np.ndarray, name: str, hue: str) -> None:
    """Mean over seeds [seed, x], with a band from the lowest to the highest."""
    axes.plot(x, values.mean(0), color=hue, label=name)
    axes.fill_between(x, values.min(0), values.max(0), color=hue, alpha=0.18, linewidth=0)


def _hue(name: str) -> str:
    return HUES.get(name) or style.color(name)


def legend(figure: Figure, axes: Axes) -> None:
    """The labels of one panel below all of them."""
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4)
