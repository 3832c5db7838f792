"""A plane of embeddings: support points, their prototypes, and how sure a prototypical network is where."""
from collections.abc import Sequence
from itertools import pairwise
from numbers import Real

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from torch import Tensor

from metacourse.figures.style import CLASSES, INK, PAPER, SOFT, Picture, canvas, show, use
from metacourse.methods.protonet import log_probs, prototypes

LEVELS = (0.5, 0.7, 0.9, 0.99)                               # of the winner's probability: a shade begins
SHADES = (0.08, 0.2, 0.34, 0.48, 0.64)                       # below the first level, and from each one on
DISTANCES = {"squared": "squared distance", "euclidean": "plain Euclidean distance", "cosine": "cosine"}
GRID = 481                                                   # pixels along each side; borders use a quarter


def prototype_board(points: Float[Tensor, "way shot 2"] | Sequence, *, distance: str = "squared",
                    temperature: Real = 1.0, query: Sequence[Real] | None = None, title: str,
                    reach: Real | None = None) -> Picture:
    """Support points, prototypes c_k, and the plane shaded by the probability of the likeliest class.

    With a `query` its class probabilities stand beside the plane, which goes from −`reach` to `reach`.
    """
    points = torch.as_tensor(points, dtype=torch.float64)
    c = prototypes(points)
    reach = reach or reach_of([*points.flatten(0, 1).tolist(), *([query] if query is not None else [])])
    with use():
        figure, (plane, beside) = canvas(8.4, 5, title, 1, 2, width_ratios=[1.75, 1])
        _regions(plane, c, distance, temperature, reach)
        _marks(plane, points, c, query, reach)
        told = "" if query is None else _bars(beside, c, query, distance, temperature)
        beside.set_axis_off()
        figure.legend(handles=_shades(), loc="lower right", title="probability of the likeliest class",
                      title_fontsize=11, fontsize=11, alignment="left", ncols=2)
        return show(figure, title=title, alt=f"""
            A plane with {points.shape[1]} support points for each of {len(c)} classes, their means and the
            region of each class under {DISTANCES.get(distance, distance)} with temperature {temperature:g}.
            Prototypes: {"; ".join(f"c{k} at ({x:.2f}, {y:.2f})" for k, (x, y) in enumerate(c.tolist()))}.
            {told}""")


def reach_of(points: Sequence[Sequence[Real]]) -> float:
    """Half the side of a plane around the origin that has room for all points: 1, 1.5, 2, 3, 4, 5, 7, …"""
    least = 1.15 * max(abs(float(value)) for point in points for value in point)
    size = 10.0 ** np.floor(np.log10(max(least, 1e-6)))
    return float(next(step * size for step in (1, 1.5, 2, 3, 4, 5, 7, 10) if step * size >= least))


def probabilities(c: Float[Tensor, "way 2"], at: Float[Tensor, "query 2"], distance: str,
                  temperature: Real) -> Float[Tensor, "query way"]:
    """p(y = k | z) at points of the plane."""
    return log_probs(at, c, distance=distance, temperature=temperature).exp()


def shade(p: Float[Tensor, "query way"]) -> Float[Tensor, " query"]:
    """The opacity that stands for the winner's probability."""
    levels = torch.tensor(LEVELS, dtype=p.dtype)
    return torch.tensor(SHADES)[torch.bucketize(p.amax(dim=-1), levels, right=True)]


def _regions(axes: Axes, c: Tensor, distance: str, temperature: Real, reach: float) -> None:
    side = torch.linspace(-reach, reach, GRID, dtype=c.dtype)
    grid = torch.cartesian_prod(side, side).reshape(GRID, GRID, 2).transpose(0, 1)       # rows go up
    log_p = log_probs(grid.flatten(0, 1), c, distance=distance, temperature=temperature)
    hues = torch.tensor([to_rgb(CLASSES[k % len(CLASSES)]) for k in range(len(c))])[log_p.argmax(dim=-1)]
    picture = 1 - shade(log_p.exp())[:, None] * (1 - hues)
    axes.imshow(picture.reshape(GRID, GRID, 3).numpy(), origin="lower", extent=(-reach, reach) * 2)
    log_p, coarse = log_p.reshape(GRID, GRID, -1)[::4, ::4].numpy(), side[::4].numpy()
    for k in range(len(c)):
        others = np.delete(log_p, k, axis=-1).max(axis=-1)
        axes.contour(coarse, coarse, log_p[..., k] - others, [0], colors=[INK], linewidths=1.2)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="first dimension", ylabel="second dimension")
    axes.spines[:].set_visible(False)


def _marks(axes: Axes, points: Tensor, c: Tensor, query: Sequence[Real] | None, reach: float) -> None:
    axes.plot(0, 0, "+", color=INK, markersize=11, markeredgewidth=1.4)              # cosine looks from here
    for k, (own, center) in enumerate(zip(points.tolist(), c.tolist())):
        hue = CLASSES[k % len(CLASSES)]
        for point in own:
            axes.plot(*zip(center, point), color=hue, linewidth=1.2, zorder=3)
            axes.plot(*point, "o", color=hue, markersize=9, markeredgecolor=PAPER, zorder=4)
        number(axes, *center, k, hue)
    if query is not None:
        axes.plot(*query, "D", color=INK, markersize=11, markeredgecolor=PAPER, markeredgewidth=1.6, zorder=6)


def number(axes: Axes, x: Real, y: Real, k: int | str, hue: str, *, size: Real = 12) -> None:
    """A prototype: the number (or letter) of its class on a chip."""
    axes.text(x, y, str(k), color=PAPER, ha="center", va="center_baseline", fontweight="bold",
              fontsize=size, zorder=5, bbox={"boxstyle": "round,pad=0.3,rounding_size=0.4", "facecolor": hue,
                                             "edgecolor": PAPER, "linewidth": 1.5})


def _bars(axes: Axes, c: Tensor, query: Sequence[Real], distance: str, temperature: Real) -> str:
    """Draw the query's probabilities, and return them in words."""
    p = probabilities(c, torch.tensor([query], dtype=c.dtype), distance, temperature)[0].tolist()
    axes.set(xlim=(-0.2, 1.3), ylim=(7.5, -0.8))
    axes.text(-0.2, -0.6, "the query (◆) belongs to class")
    for k, share in enumerate(p):
        axes.barh(k + 0.4, share, color=CLASSES[k % len(CLASSES)], height=0.6)
        axes.text(-0.07, k + 0.4, str(k), ha="right", va="center", fontweight="bold")
        axes.text(share + 0.04, k + 0.4, f"{share:.2f}", va="center")
    said = ", ".join(f"class {k} {share:.2f}" for k, share in enumerate(p))
    return f"The query at ({query[0]:.2f}, {query[1]:.2f}): {said}."


def _shades() -> list[Patch]:
    names = [f"below {LEVELS[0]:g}", *(f"{low:g} to {high:g}" for low, high in pairwise(LEVELS)),
             f"over {LEVELS[-1]:g}"]
    return [Patch(facecolor=SOFT, alpha=opacity, label=name) for name, opacity in zip(names, SHADES)]
