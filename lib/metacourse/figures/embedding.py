"""Embeddings on a plane: the best flat view of each checkpoint, and who is near in all dimensions."""
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float, Int, Shaped
from matplotlib.axes import Axes
from torch import Tensor

from metacourse.figures.board import EDGE, TOP, board, box, write
from metacourse.figures.grids import tile
from metacourse.figures.prototype_board import number
from metacourse.figures.style import INK, PAPER, SOFT, Picture, show, use
from metacourse.figures.trajectories import TASKS as HUES  # eight colors that dark pages show, too
from metacourse.methods.protonet import log_probs, prototypes

NEAREST = 5                                                  # neighbors that are shown
WIDTH, GAP = 2.9, 0.22                                       # inches: a panel, and between two
Plane = Float[Tensor, "way drawing 2"]


def embedding(z: Float[Tensor, "way drawing dim"] | Mapping[str, Float[Tensor, "way drawing dim"]],
              images: Shaped[Tensor, "way drawing C H W"] | None = None, *, title: str, shot: int = 1,
              picked: Sequence[int] | None = None) -> Picture:
    """Drawings on the plane that shows most of their variance; several checkpoints {name: z} side by side.

    The first `shot` drawings of each class are its support (large); their mean is the numbered prototype.
    With `images` and `picked` (class, drawing), a row shows that drawing and its nearest in all dimensions.
    """
    checkpoints = dict(z) if isinstance(z, Mapping) else {"": z}
    views, found = aligned(list(checkpoints.values())), picked is not None and images is not None
    with use():
        width = 2 * EDGE + len(views) * (WIDTH + GAP) - GAP
        height = TOP + WIDTH + 0.95 + 0.5 * found
        figure, axes = board(width, height, title)
        told = []
        for i, ((name, z), (xy, visible)) in enumerate(zip(checkpoints.items(), views)):
            x, right = EDGE + i * (WIDTH + GAP), accuracy(z, shot)
            _panel(axes, x, TOP + 0.3, xy, shot, picked)
            axes.text(x, TOP + 0.12, name, va="center")
            axes.text(x, TOP + WIDTH + 0.5, f"{visible:.0%} of the variance is visible", va="center",
                      fontsize=11)
            axes.text(x, TOP + WIDTH + 0.74, f"{right:.0%} of queries right in {z.shape[-1]} dimensions",
                      va="center", fontsize=11)
            if found:
                _nearest(axes, x, TOP + WIDTH + 0.94, images, neighbors(z), picked)
            told.append(f"{name or 'here'}: {visible:.0%} of the variance on the plane, {right:.0%} right")
        planes = "A plane" if len(views) == 1 else f"{len(views)} planes"
        return show(figure, title=title, alt=f"""
            {planes} with {z.shape[1]} drawings of each of {len(z)} classes, {shot} of them support.
            Queries that lie nearest to the prototype of their class, in all {z.shape[-1]} dimensions:
            {"; ".join(told)}.""")


def flat(z: Float[Tensor, "way drawing dim"]) -> tuple[Plane, float]:
    """The two main directions (principal components) of all drawings, and their share of the variance."""
    x = z.detach().cpu().double().flatten(0, 1)
    x = x - x.mean(dim=0)
    variance, directions = torch.linalg.eigh(x @ x.T)        # of drawings: far fewer than dimensions
    variance = variance.clamp_min(0)
    xy = directions[:, -2:].flip(-1) * variance[-2:].flip(-1).sqrt()
    return xy.unflatten(0, z.shape[:2]), (variance[-2:].sum() / variance.sum().clamp_min(1e-30)).item()


def aligned(checkpoints: Sequence[Float[Tensor, "way drawing dim"]]) -> list[tuple[Plane, float]]:
    """Each checkpoint's own best plane, turned to match the next one (Procrustes) and scaled to fill [−1, 1].

    The plane of the last one stays as it is, but for its signs: class 0 lies up and to the right.
    """
    views, after = [], None
    for z in reversed(checkpoints):
        xy, visible = flat(z)
        if after is None:
            xy = xy * torch.where(xy[0].mean(dim=0) < 0, -1, 1)
        else:
            u, _, v = torch.linalg.svd(xy.flatten(0, 1).T @ after.flatten(0, 1))
            xy = xy @ (u @ v)                                # the turn or mirror image that fits best
        after = xy / xy.abs().max().clamp_min(1e-30)
        views.insert(0, (after, visible))
    return views


def neighbors(z: Float[Tensor, "way drawing dim"], most: int = NEAREST) -> Int[Tensor, "point nearest"]:
    """The other points (class by class) nearest to each one by Euclidean distance in all dimensions."""
    x = z.detach().cpu().double().flatten(0, 1)
    distance = torch.cdist(x, x).fill_diagonal_(torch.inf)
    return distance.argsort(dim=1, stable=True)[:, :min(most, len(x) - 1)]


def own_neighbors(z: Float[Tensor, "way drawing dim"], most: int = NEAREST) -> Int[Tensor, "way drawing"]:
    """How many of each point's nearest are of its class."""
    drawings, near = z.shape[1], neighbors(z, most)
    own = near // drawings == torch.arange(len(near))[:, None] // drawings
    return own.sum(dim=1).unflatten(0, z.shape[:2])


def accuracy(z: Float[Tensor, "way drawing dim"], shot: int) -> float:
    """The share of queries (all but the first `shot` drawings) that lie nearest to their own prototype."""
    z = z.detach().cpu().double()
    chosen = log_probs(z[:, shot:].flatten(0, 1), prototypes(z[:, :shot])).argmax(dim=1)
    return (chosen.unflatten(0, (len(z), -1)) == torch.arange(len(z))[:, None]).double().mean().item()


def _panel(axes: Axes, x: float, y: float, xy: Plane, shot: int, picked: Sequence[int] | None) -> None:
    box(axes, x, y, WIDTH, WIDTH)
    inches = torch.tensor([x, y]) + WIDTH * (0.5 + 0.46 * xy * torch.tensor([1, -1]))
    for k, own in enumerate(inches):
        hue = HUES[k % len(HUES)]
        axes.scatter(*own[shot:].T, s=20, color=hue, alpha=0.75, linewidths=0, zorder=3)
        axes.scatter(*own[:shot].T, s=70, color=hue, edgecolors=PAPER, linewidths=1, zorder=4)
    for k, center in enumerate(inches[:, :shot].mean(dim=1).tolist()):
        number(axes, *center, k, HUES[k % len(HUES)], size=10)
    if picked is not None:
        here = inches[tuple(picked)]
        axes.scatter(*here, s=150, facecolors=PAPER, edgecolors=INK, linewidths=2, zorder=6)
        axes.scatter(*here, s=45, color=HUES[picked[0] % len(HUES)], linewidths=0, zorder=7)


def _nearest(axes: Axes, x: float, y: float, images: Tensor, near: Tensor, picked: Sequence[int]) -> None:
    """The picked drawing, and its neighbors framed in the colors of their classes."""
    drawings, size = images.shape[1], (WIDTH - 0.3) / (NEAREST + 1) - 0.05
    tile(axes, images[tuple(picked)], x, y, size, edge=HUES[picked[0] % len(HUES)])
    write(axes, x + size + 0.13, y + size / 2, "→", SOFT)
    for i, index in enumerate(near[picked[0] * drawings + picked[1]].tolist()):
        k, drawing = divmod(index, drawings)
        left = x + size + 0.28 + i * (size + 0.05)
        tile(axes, images[k, drawing], left, y, size, edge=HUES[k % len(HUES)])
