"""One picture, the classes it may belong to, and how probable each of them is."""
from collections.abc import Sequence

from jaxtyping import Shaped
from matplotlib.patches import Rectangle
from torch import Tensor

from metacourse.figures.board import EDGE, TOP, board, box, chip, widest, write
from metacourse.figures.grids import GAP, tile
from metacourse.figures.style import CLASSES, FAINT, INK, SOFT, Picture, show, use

SIDE, BIG, BAR = 0.62, 1.5, 2.2                              # inches: a tile, the query, a bar of 100 %


def lineup(classes: Sequence[Sequence[Shaped[Tensor, "C H W"]]], query: Shaped[Tensor, "C H W"] | None,
           probabilities: Sequence[float | None], *, names: Sequence[str], title: str) -> Picture:
    """On the left the `query`, on the right the drawings of each class and a bar for its probability.

    The most probable class is framed. None stands for what is not there: a query, a probability.
    """
    known = [p for p in probabilities if p is not None]
    step, most = SIDE + GAP, max(1, *map(len, classes))
    x_tiles = EDGE + BIG + 0.95
    x_bar = x_tiles + most * step + 0.15 + widest(names)
    with use():
        figure, axes = board(x_bar + 0.2 + BAR + 0.75, TOP + len(classes) * step + 0.05, title)
        _query(axes, query, TOP + (len(classes) * step - BIG - 0.3) / 2)
        for row, (drawings, name, p) in enumerate(zip(classes, names, probabilities)):
            y, hue = TOP + row * step, CLASSES[row % len(CLASSES)]
            middle = y + SIDE / 2
            if known and p == max(known):
                width = x_bar + BAR + 1.4 - x_tiles
                box(axes, x_tiles - 0.5, y - GAP / 2, width, step, face="none", edge=hue, line=2.4)
            chip(axes, x_tiles - 0.26, middle, str(row + 1), hue)
            for column, drawing in enumerate(drawings):
                tile(axes, drawing, x_tiles + column * step, y, SIDE, edge=hue)
            write(axes, x_tiles + most * step + 0.05, middle, name, ha="left")
            if p is not None:
                axes.add_patch(Rectangle((x_bar + 0.2, middle - 0.1), BAR, 0.2, color=FAINT, linewidth=0))
                axes.add_patch(Rectangle((x_bar + 0.2, middle - 0.1), BAR * p, 0.2, color=hue, linewidth=0))
                write(axes, x_bar + BAR + 0.82, middle, f"{100 * p:.0f} %", ha="right")
        return show(figure, title=title, alt=_described(classes, query, probabilities, names))


def _query(axes, query: Tensor | None, y: float) -> None:
    if query is None:
        axes.add_patch(Rectangle((EDGE, y), BIG, BIG, fill=False, edgecolor=FAINT, linestyle="--"))
        write(axes, EDGE + BIG / 2, y + BIG / 2, "?", SOFT, fontsize=24)
    else:
        tile(axes, query, EDGE, y, BIG, edge=INK)
    write(axes, EDGE + BIG / 2, y + BIG + 0.18, "which one is it?", SOFT, fontsize=11)


def _described(classes, query, probabilities, names) -> str:
    counted = [f"{len(some)} drawing{'s' * (len(some) > 1)}" for some in classes]
    drawn = [f"{name} ({count})" for name, count, some in zip(names, counted, classes) if some]
    said = [f"{name} {100 * p:.0f} %" for name, p in zip(names, probabilities) if p is not None]
    answer = f"The picture is: {', '.join(said)}." if said else ""
    return f"""The classes: {', '.join(drawn) or 'none yet'}.
        {'There is no picture to recognize yet.' if query is None else ''} {answer}"""
