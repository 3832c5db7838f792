"""Walks in the plane before and after each gradient step, toward goals that the walker does not see."""
from collections.abc import Mapping
from itertools import cycle

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from torch import Tensor

from metacourse.figures.style import CLASSES, FAINT, INK, PAPER, SOFT, Picture, array, canvas, show, use


def paths(walked: Mapping[str, Float[Tensor, "tasks rounds time 2"]], goals: Float[Tensor, "tasks 2"], *,
          title: str, reach: float = 0.8) -> Picture:
    """A row for each start: where its walker goes in every round, one color per task; a cross is the goal.

    A round is a number of gradient steps, 0, 1, 2, … What lies outside `reach` is cut off.
    """
    goals, walked = array(goals), {label: array(path) for label, path in walked.items()}
    rounds = next(iter(walked.values())).shape[1]
    with use():
        figure, _ = canvas(2.15 * rounds + 0.4, 2.15 * len(walked) + 0.7, title)
        figure.clear()
        figure.suptitle(title, x=0.02, ha="left", fontsize=15, fontweight="bold")
        grid = figure.subplots(len(walked), rounds, squeeze=False)
        for row, (label, path) in zip(grid, walked.items()):
            row[0].set_ylabel(label, color=INK)
            for steps, axes in enumerate(row):
                _square(axes, reach)
                for walk, goal, hue in zip(path[:, steps], goals, cycle(CLASSES)):
                    _walk(axes, walk, goal, hue)
        for steps, axes in enumerate(grid[0]):
            axes.set_title("before" if steps == 0 else f"{steps} step{'s' * (steps > 1)}", color=SOFT)
        left = {label: np.linalg.norm(path[:, :, -1] - goals[:, None], axis=-1).mean(0)
                for label, path in walked.items()}
        said = "; ".join(f"{label}: {', '.join(f'{d:.2f}' for d in far)}" for label, far in left.items())
        return show(figure, title=title, alt=f"""
            Walks from the middle of a square for {len(goals)} goals, before and after up to {rounds - 1}
            steps.
            Mean distance between the end of a walk and its goal, by number of steps: {said}.""")


def _walk(axes: Axes, walk: Float[np.ndarray, "time 2"], goal: Float[np.ndarray, " 2"], color: str) -> None:
    axes.plot(*walk.T, color=color, linewidth=1.8)
    axes.plot(*walk[-1], "o", color=color, markersize=6, markeredgecolor=PAPER, zorder=4)
    axes.plot(*goal, "x", color=color, markersize=9, markeredgewidth=2.4, zorder=5)


def _square(axes: Axes, reach: float) -> None:
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(FAINT)
    axes.plot(0, 0, "+", color=SOFT, markersize=7, zorder=0)
