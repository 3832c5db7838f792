"""Drawing by hand: an axes measured in inches, and the few shapes that schemes and episodes are made of."""
from collections.abc import Sequence
from numbers import Real

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.textpath import TextPath

from metacourse.figures.style import FAINT, INK, PAPER

EDGE, TOP = 0.08, 0.62                                       # inches: margin, room for the title


def board(width: Real, height: Real, title: str) -> tuple[Figure, Axes]:
    """A figure whose one axes is measured in inches from the upper left corner."""
    width = max(width, EDGE + widest([title], size=15, weight="bold")) + EDGE
    figure = Figure(figsize=(width, height), layout="none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_autoscale_on(False)
    axes.axis("off")
    axes.text(EDGE, 0.3, title, fontsize=15, fontweight="bold", va="center")
    return figure, axes


def widest(texts: Sequence[str], size: Real = 12, weight: str = "normal") -> float:
    """Width in inches of the longest of some lines of text."""
    properties = {"family": "DejaVu Sans", "weight": weight}
    lengths = (TextPath((0, 0), text, size=size, prop=properties).get_extents().x1 for text in texts if text)
    return 1.05 * max(lengths, default=0) / 72               # drawn letters are a little wider than outlines


def chip(axes: Axes, x: Real, y: Real, text: str, color: str, size: Real = 0.28) -> None:
    """A label on a colored chip centered on (x, y)."""
    box(axes, x - size / 2, y - size / 2, size, size, face=color, edge="none", radius=0.06)
    write(axes, x, y + 0.01, text, PAPER, fontweight="bold", fontsize=min(12, size * 40))


def write(axes: Axes, x: Real, y: Real, text: str, color: str = INK, *, fontsize: Real = 12, **look):
    """Text centered on (x, y)."""
    centered = {"ha": "center", "va": "center", "color": color, "fontsize": fontsize, "zorder": 4}
    axes.text(x, y, text, **centered | look)


def box(axes: Axes, x: Real, y: Real, width: Real, height: Real, *, face: str = PAPER, edge: str = FAINT,
        radius: Real = 0.1, line: Real = 1.2) -> None:
    """A rounded rectangle with upper left corner (x, y)."""
    axes.add_patch(FancyBboxPatch((x, y), width, height, facecolor=face, edgecolor=edge, linewidth=line,
                                  boxstyle=f"round,pad=0,rounding_size={radius}"))


def arrow(axes: Axes, start: tuple[Real, Real], end: tuple[Real, Real], color: str = INK, *,
          line: Real = 1.8) -> None:
    """A straight arrow from `start` to `end`."""
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9 + 2.5 * line, color=color,
                                   linewidth=line, shrinkA=0, shrinkB=0))


def dot(axes: Axes, x: Real, y: Real, color: str, size: Real = 0.09, edge: str = PAPER) -> None:
    """A disk centered on (x, y)."""
    axes.add_patch(Circle((x, y), size, facecolor=color, edgecolor=edge, linewidth=1, zorder=3))
