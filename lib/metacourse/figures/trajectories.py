"""Inner loops on a plane: a network of two parameters, its loss as a landscape, and where each task goes."""
from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise
from numbers import Real

import numpy as np
import torch
from contourpy import contour_generator
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from torch import Tensor

from metacourse.episode import Episode, Loss, Params, task
from metacourse.figures.style import CLASSES, INK, PAPER, SOFT, Picture, show, use
from metacourse.methods import trajectories

GRID = 61                                                    # points along each side of a landscape
RINGS = 10
TASKS = (*CLASSES[:7], "#9467BD")                            # an eighth color that is seen on dark pages, too
Plane = Mapping[str, tuple[Real, Real]]                      # the horizontal and the vertical parameter: ends


def landscape(loss: Loss, episodes: Episode, starts: Mapping[str, Params], *, plane: Plane, inner_lr: Real,
              inner_steps: int, title: str, optima: Params | None = None, of: int | None = None,
              arrows: Mapping[str, tuple[str, Sequence[Real]]] | None = None) -> Picture:
    """From each start, a panel with every task's path. Darker is lower: the mean support loss, or task `of`.

    Crosses are the tasks' `optima`, each parameter [tasks]. The panels' titles tell the mean query loss.
    `arrows` {name: (color, direction)} stand at the start.
    """
    points = {name: torch.stack([start[name] for start in starts.values()]) for name in plane}
    went = trajectories.walks(loss, points, episodes, inner_lr=inner_lr, inner_steps=inner_steps)
    means = went.query_loss.mean(dim=1)                      # [starts, steps]
    said = [f"{label}: {before:.2f} → {after:.2f}"
            for label, before, after in zip(starts, means[:, 0].tolist(), means[:, -1].tolist())]
    with use():
        figure = Figure(figsize=(0.9 + 3.25 * len(starts) + 2 * bool(arrows), 4.3), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        panels = figure.subplots(1, len(starts), sharey=True, squeeze=False)[0]
        z = surface(loss, episodes, plane, of)
        for i, (axes, words) in enumerate(zip(panels, said)):
            _ground(axes, z, plane, TASKS[of % len(TASKS)] if of is not None else SOFT)
            _paths(axes, [p[i] for p in went.phi.values()], optima and [optima[name] for name in plane], of)
            axes.set_title(words, color=SOFT)
            _directions(axes, [p[i, 0, 0].item() for p in went.phi.values()], arrows or {})
        panels[0].set_ylabel(list(plane)[1])
        if arrows:
            figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
        return show(figure, title=title, alt=f"""
            Paths of {inner_steps} inner steps with α = {inner_lr:g} for {len(episodes.support.x)} tasks on
            the plane of {" and ".join(plane)}. Mean query loss before and after: {"; ".join(said)}.""")


def surface(loss: Loss, episodes: Episode, plane: Plane,
            of: int | None = None) -> Float[Tensor, "rows columns"]:
    """The support loss over the plane: of one task, or the mean over all."""
    x, y = (torch.linspace(*ends, GRID) for ends in plane.values())
    places = torch.meshgrid(x, y, indexing="xy")
    grid = {name: place.flatten().to(episodes.support.x) for name, place in zip(plane, places)}
    which = range(len(episodes.support.x)) if of is None else [of]
    z = [trajectories.heights(loss, grid, task(episodes, i).support) for i in which]
    return torch.stack(z).mean(dim=0).reshape(GRID, GRID)


def levels(z: Float[Tensor, "rows columns"]) -> list[float]:
    """Heights of the rings: in a round bowl they would stand equally far apart."""
    low, high = z.min().item(), z.max().item()
    return [low + (high - low) * (k / RINGS) ** 2 for k in range(1, RINGS)]


def rings(z: Float[Tensor, "rows columns"], plane: Plane) -> list[list[Float[np.ndarray, "points 2"]]]:
    """What lies below each level, as polygons on the plane (holes go the other way round)."""
    x, y = (np.linspace(*map(float, ends), GRID) for ends in plane.values())
    below = contour_generator(x, y, z.numpy(), fill_type="OuterOffset")
    found = []
    for level in levels(z):
        polygons, offsets = below.filled(-np.inf, level)
        found.append([polygon[a:b] for polygon, ends in zip(polygons, offsets) for a, b in pairwise(ends)])
    return found


def _ground(axes: Axes, z: Tensor, plane: Plane, hue: str) -> None:
    x, y = (np.linspace(*map(float, ends), GRID) for ends in plane.values())
    for level in levels(z):
        axes.contourf(x, y, z.numpy(), [-np.inf, level], colors=[hue], alpha=0.06)
        axes.contour(x, y, z.numpy(), [level], colors=[hue], linewidths=0.6, alpha=0.5)
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), xlabel=next(iter(plane)), aspect="equal")
    axes.spines[:].set_visible(False)


def _directions(axes: Axes, start: Sequence[Real], arrows: Mapping[str, tuple[str, Sequence[Real]]]) -> None:
    for width, (name, (hue, (dx, dy))) in zip((9, 6.5, 4.5, 2), arrows.items()):      # later ones lie on top
        axes.annotate("", (start[0] + 1.6 * dx, start[1] + 1.6 * dy), start, zorder=8,
                      arrowprops=dict(arrowstyle="-|>", color=hue, linewidth=width / 2, shrinkA=5, shrinkB=0,
                                      mutation_scale=10 + width))
        axes.plot([], [], color=hue, linewidth=width / 2, label=name)


def _paths(axes: Axes, phi: list[Float[Tensor, "tasks steps"]], optima: list[Tensor] | None,
           of: int | None) -> None:
    for i, (x, y, hue) in enumerate(zip(*phi, cycle(TASKS))):
        alpha = 1 if of in (None, i) else 0.35
        axes.plot(x, y, color=hue, marker="o", markersize=3.5, linewidth=1.6, alpha=alpha)
        axes.plot(x[-1], y[-1], "o", color=hue, markersize=8, markeredgecolor=PAPER, zorder=5, alpha=alpha)
        if optima:
            at = (part[i] for part in optima)
            axes.plot(*at, "x", color=hue, markersize=9, markeredgewidth=2.2, alpha=alpha)
    axes.plot(phi[0][0, 0], phi[1][0, 0], "o", color=INK, markersize=11, markeredgecolor=PAPER, zorder=6)
    axes.annotate(r"$\theta$", (phi[0][0, 0], phi[1][0, 0]), (8, 8), textcoords="offset points", fontsize=15,
                  path_effects=[withStroke(linewidth=3, foreground=PAPER)], zorder=7)
