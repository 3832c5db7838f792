"""Pictures of drawings: an episode, a data set, alphabets beside each other."""
from collections.abc import Sequence
from numbers import Real

import numpy as np
from jaxtyping import Float, Shaped
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from torch import Tensor

from metacourse.episode import Episode
from metacourse.figures.board import EDGE, TOP, board, chip, widest
from metacourse.figures.style import CLASSES, FAINT, SOFT, Picture, show, use

GAP = 0.09                                                   # inches between drawings


def episode(episode: Episode, *, title: str, names: Sequence[str] | None = None) -> Picture:
    """One task: rows are classes, support on the left, queries on the right, the label on a colored chip.

    `episode` holds one task, x [way, shot, C, H, W]. `names` are the true names, one per class.
    """
    support, query = episode
    names = [name.replace("_", " ") for name in names or []]
    way, shot = support.x.shape[:2]
    queries = query.x.shape[1]
    name_width = widest(names) + 0.14 if names else 0
    step = cell(columns=shot + queries, rows=way, left=name_width + 1.2)
    x_support = EDGE + name_width + 0.45                     # the chip's column
    x_query = x_support + max(shot * step, widest(["support S"])) + 0.45
    with use():
        width = x_query + max(queries * step, widest(["query Q"]))
        figure, axes = board(width, TOP + 0.34 + way * step, title)
        heading(axes, x_support, shot * step - GAP, r"support $\mathcal{S}$")
        heading(axes, x_query, queries * step - GAP, r"query $\mathcal{Q}$")
        for row in range(way):
            hue, y = CLASSES[row % len(CLASSES)], TOP + 0.34 + row * step
            middle = y + (step - GAP) / 2
            chip(axes, x_support - 0.28, middle, str(row), hue, size=min(0.3, step - 0.04))
            if names:
                axes.text(EDGE + name_width - 0.14, middle, names[row], ha="right", va="center")
            for column in range(shot):
                if support.mask is None or support.mask[row, column]:
                    tile(axes, support.x[row, column], x_support + column * step, y, step - GAP, edge=hue)
            for column in range(queries):
                tile(axes, query.x[row, column], x_query + column * step, y, step - GAP)
        called = f" The classes are {', '.join(names)}." if names else ""
        return show(figure, title=title, alt=f"""
            A grid of drawings, one row for each of {way} classes: on the left {shot} labeled support
            drawings of each class, on the right {queries} queries of each.{called}""")


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
            known = ", ".join(dict.fromkeys(image_set.groups))
            raise ValueError(f"no class belongs to {group!r}; choose among {known}")
        rows.append(image_set.images[members[:per_group], 0])
    return wall(rows, groups, title, f"{per_group} characters each of {', '.join(groups)}, a row each.")


def wall(rows: Sequence[Shaped[Tensor, "_ C H W"]], names: Sequence[str], title: str, alt: str) -> Picture:
    """Rows of drawings with a name in front of each row."""
    columns, names = max(map(len, rows)), [name.replace("_", " ") for name in names]
    left = EDGE + widest(names) + 0.16
    step = cell(columns, len(rows), left)
    with use():
        figure, axes = board(left + columns * step, TOP + len(rows) * step, title)
        for row, (images, name) in enumerate(zip(rows, names)):
            y = TOP + row * step
            axes.text(left - 0.16, y + (step - GAP) / 2, name, ha="right", va="center")
            for column, image in enumerate(images):
                tile(axes, image, left + column * step, y, step - GAP)
        return show(figure, title=title, alt=alt)


def cell(columns: int, rows: int, left: Real) -> Real:
    """Inches from one drawing to the next, so that all fit on a page of about 8.4 × 7 inches."""
    return max(0.28, min(0.8, (8.4 - left) / columns, 6.4 / rows))


def tile(axes: Axes, image: Shaped[Tensor, "C H W"], x: Real, y: Real, size: Real, edge=FAINT) -> None:
    """One drawing with a frame; (x, y) is its upper left corner."""
    picture = AxesImage(axes, cmap="gray", interpolation="bicubic", extent=(x, x + size, y + size, y))
    picture.set_data(paper(image))
    picture.set_clim(0, 1)
    axes.add_image(picture)
    line = 1 if edge == FAINT else 2
    axes.add_patch(Rectangle((x, y), size, size, fill=False, edgecolor=edge, linewidth=line))


def paper(image: Shaped[Tensor, "C H W"]) -> Float[np.ndarray, "H W C"]:
    """Color as it is; one channel as dark ink on white paper. uint8 or float in [0, 1]."""
    pixels = image.detach().cpu().float() / (1 if image.is_floating_point() else 255)
    return np.clip((1 - pixels if len(image) == 1 else pixels).movedim(0, -1).numpy(), 0, 1)


def heading(axes: Axes, x: Real, width: Real, text: str) -> None:
    """A name over a block of drawings, with a thin rule."""
    axes.plot([x, x + width], [TOP + 0.22] * 2, color=SOFT, linewidth=1)
    axes.text(x, TOP + 0.14, text, ha="left", va="baseline")
