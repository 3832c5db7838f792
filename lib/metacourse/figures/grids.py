"""Pictures of drawings: an episode, a data set, alphabets beside each other."""
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Shaped
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle
from torch import Tensor

from metacourse.episode import Episode
from metacourse.figures.style import CLASSES, FAINT, INK, PAPER, SOFT, Picture, canvas, show, use

TILE = 0.9                                                   # share of a cell that its drawing fills


def episode(episode: Episode, *, title: str, names: Sequence[str] | None = None) -> Picture:
    """One task: rows are classes, support on the left, queries on the right, the label on a colored chip.

    `episode` holds one task, x [way, shot, C, H, W]. `names` are the true names, one per class.
    """
    way, shot = episode.support.x.shape[:2]
    queries = episode.query.x.shape[1]
    gap, left = 0.7, 2.6 if names else 1.1
    cell = min(0.82, 6.4 / way, 8.2 / (shot + queries + gap + left))
    with use():
        figure, axes = board((left + shot + gap + queries) * cell, way * cell + 1.15, title)
        axes.set_xlim(-left, shot + gap + queries)
        axes.set_ylim(way, -0.62)
        for row in range(way):
            hue = CLASSES[row % len(CLASSES)]
            chip(axes, -0.52, row + 0.5, str(row), hue)
            if names:
                axes.text(-1.0, row + 0.5, names[row], ha="right", va="center", color=INK)
            for column in range(shot):
                if episode.support.mask is None or episode.support.mask[row, column]:
                    tile(axes, episode.support.x[row, column], column, row, edge=hue)
            for column in range(queries):
                tile(axes, episode.query.x[row, column], shot + gap + column, row)
        heading(axes, 0, shot, rf"support $\mathcal{{S}}$")
        heading(axes, shot + gap, queries, rf"query $\mathcal{{Q}}$")
        called = f" The classes are {', '.join(names)}." if names else ""
        return show(figure, title=title, alt=f"{title} A grid of drawings with one row per class: {way} classes; "
                    f"on the left {shot} labelled support drawings each, on the right {queries} queries each.{called}")


def drawings(image_set, classes: Sequence[int], per_class: int, title: str) -> Picture:
    """`per_class` drawings of each of the `classes` (indices into `image_set`), one row per class."""
    rows = [image_set.images[index, :per_class] for index in classes]
    names = [image_set.names[index] for index in classes]
    return wall(rows, names, title, f"{per_class} drawings each of {', '.join(names)}, one row per class.")


def alphabets(image_set, groups: Sequence[str], per_group: int, title: str) -> Picture:
    """The first drawing of `per_group` classes from each of the `groups` (alphabet, script), one row each."""
    rows = []
    for group in groups:
        members = [index for index, name in enumerate(image_set.groups) if name == group]
        if not members:
            raise ValueError(f"no class belongs to {group!r}; the groups are {', '.join(dict.fromkeys(image_set.groups))}")
        rows.append(image_set.images[members[:per_group], 0])
    return wall(rows, list(groups), title, f"{per_group} characters each of {', '.join(groups)}, one row per group.")


def wall(rows: Sequence[Shaped[Tensor, "column C H W"]], names: Sequence[str], title: str, description: str) -> Picture:
    """Rows of drawings with a name in front of each row."""
    columns = max(len(row) for row in rows)
    left = 0.36 + 0.135 * max(map(len, names))
    cell = min(0.75, 8.4 / (columns + left), 6.6 / len(rows))
    with use():
        figure, axes = board(columns * cell + left * 0.75, len(rows) * cell + 0.75, title)
        axes.set_xlim(-left * 0.75 / cell, columns)
        axes.set_ylim(len(rows), 0)
        for row, (images, name) in enumerate(zip(rows, names)):
            axes.text(-0.2, row + 0.5, name, ha="right", va="center")
            for column, image in enumerate(images):
                tile(axes, image, column, row)
        return show(figure, title=title, alt=f"{title} {description}")


def board(width: float, height: float, title: str):
    """An empty axes of square cells for tiles."""
    figure, axes = canvas(max(width, 0.125 * len(title) + 0.3), height, title)
    axes.set_aspect("equal", anchor="W")
    axes.axis("off")
    return figure, axes


def tile(axes: Axes, image: Shaped[Tensor, "C H W"], x: float, y: float, edge: str = FAINT) -> None:
    """One drawing in the cell whose upper left corner is (x, y)."""
    margin = (1 - TILE) / 2
    box = (x + margin, x + 1 - margin, y + 1 - margin, y + margin)
    axes.imshow(paper(image), extent=box, cmap="gray", vmin=0, vmax=1, interpolation="bicubic", aspect="equal")
    strong = edge != FAINT
    axes.add_patch(Rectangle((box[0], box[3]), TILE, TILE, fill=False, edgecolor=edge, linewidth=2 if strong else 1))


def paper(image: Shaped[Tensor, "C H W"]) -> Float[np.ndarray, "H W channels"]:
    """Color as it is; one channel as dark ink on white paper. uint8 or float in [0, 1]."""
    pixels = image.detach().cpu().float() / (1 if image.is_floating_point() else 255)
    return np.clip((1 - pixels if len(image) == 1 else pixels).movedim(0, -1).numpy(), 0, 1)


def chip(axes: Axes, x: float, y: float, text: str, color: str) -> None:
    """A label on a colored chip, centered on (x, y)."""
    size = 0.46
    axes.add_patch(FancyBboxPatch((x - size / 2, y - size / 2), size, size, linewidth=0, facecolor=color,
                                  boxstyle="round,pad=0,rounding_size=0.12"))
    axes.text(x, y, text, ha="center", va="center_baseline", color=PAPER, fontweight="bold")


def heading(axes: Axes, x: float, width: float, text: str) -> None:
    """A name over a block of tiles, with a thin bracket."""
    axes.plot([x + 0.05, x + width - 0.05], [-0.1, -0.1], color=SOFT, linewidth=1)
    axes.text(x + 0.05, -0.2, text, ha="left", va="bottom", color=INK)
