"""Ten small invented characters, six drawings each: they stand in where nobody draws.

How they came to be: nobody's hand was recorded. For each character two ways of writing it were thought out
for this course and written down as the points that the pen passes, in `recorded_drawings.json` (a point
given twice is a corner). Each way gives three drawings: every point is moved a little, the whole is turned,
slanted and stretched a little, and the pen runs smoothly through the points. The moves are random numbers
from fixed seeds, so the drawings are always the same. No data set, and no font, was used.
"""
import json
import math
from functools import cache
from importlib.resources import files

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.data import alphabet
from metacourse.data.drawing import SHEET, Drawing
from metacourse.data.imageset import ImageSet

DRAWINGS = 6                                         # of each character
WOBBLE = 2.5                                         # standard deviation of a point's move, of 100
TURN, SLANT, STRETCH, SHRINK = math.radians(8), 0.15, 0.12, 0.25     # the most, each from a uniform number
BETWEEN = 5                                          # places along the pen's way from one point to the next


def load() -> ImageSet:
    """The pictures `[class, drawing, 1, 28, 28]`, and the characters' names."""
    return alphabet.images(strokes())


def strokes() -> dict[str, list[Drawing]]:
    """{name: drawings}, as `alphabet` keeps them; those of the two ways of writing take turns."""
    return {name: [_drawn(ways[i % len(ways)], c, i) for i in range(DRAWINGS)]
            for c, (name, ways) in enumerate(_written_down().items())}


@cache
def _written_down() -> dict[str, list[Drawing]]:
    return json.loads((files(__package__) / "recorded_drawings.json").read_text("utf-8"))


def _drawn(way: Drawing, character: int, drawing: int) -> Drawing:
    """One drawing: the points moved, then joined."""
    rng = torch.Generator().manual_seed(1000 * character + drawing)
    turn, slant, stretch, shrink = (2 * torch.rand(4, generator=rng) - 1).tolist()
    turn, scale = TURN * turn, 1 - SHRINK * (1 + shrink) / 2
    rotation = torch.tensor([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    shape = torch.tensor([[math.exp(STRETCH * stretch), SLANT * slant], [0.0, math.exp(-STRETCH * stretch)]])
    lines = []
    for stroke in way:
        points = torch.tensor(stroke, dtype=torch.float32).view(-1, 2)
        corner = (points[1:] == points[:-1]).all(dim=1)                          # a corner stays one point
        move = torch.randn(points.shape, generator=rng) * WOBBLE
        move[1:][corner] = move[:-1][corner]
        moved = (points + move - SHEET / 2) @ (scale * rotation @ shape).T + SHEET / 2
        lines.append([round(number, 1) for number in _smooth(moved).flatten().tolist()])
    return lines


def _smooth(points: Float[Tensor, "point 2"]) -> Float[Tensor, "place 2"]:
    """A curve through all points (Catmull and Rom, 1974); its first and last point count twice."""
    p = torch.cat([points[:1], points, points[-1:]])
    t = (torch.arange(BETWEEN) / BETWEEN)[:, None]                               # [place, 1]
    a, b, c, d = (p[i:len(p) - 3 + i, None] for i in range(4))                   # [piece, 1, 2]
    curve = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    piece = (points[1:] != points[:-1]).any(dim=1)                               # a corner is none
    return torch.cat([curve[piece].flatten(0, 1), points[-1:]])
