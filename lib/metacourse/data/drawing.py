"""From pen strokes to the picture that a network trained on glyphs expects: centered, scaled, the same pen.

A drawing is a list of strokes; a stroke is a flat list x, y, x, y, … on a sheet of 100 × 100; y points down.

How it matches the glyphs (`glyph_writing`), which is tested:
- the pen: the same formula turns the distance to the line into ink, with the mean radius. It is THINNER, as
  glyphs are: their lines run through whole pixels of a small picture, and interpolating costs them ink;
- the extent: glyphs fill their square and are then shrunk, turned and bent, by chance. What remains, as a
  mean over the training characters, is an ink box with a longer side of 19.7 of 28 pixels (ink above 64).
  A line whose longer side is LONGER of the picture's side gives that;
- the place: the middle of the box lies in the middle, where glyphs lie on average.
So a drawing's place and size on the sheet do not matter, and its proportions and slant stay.
"""
import math
from collections.abc import Iterable, Sequence
from numbers import Real

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from metacourse.data.glyph_fonts import SIDE
from metacourse.data.glyph_strokes import thin
from metacourse.data.glyph_writing import RADIUS, SOFT

Drawing = Sequence[Sequence[Real]]

SHEET = 100                                          # side of the sheet
LONGER = 0.65                                        # the line's longer side, as a share of the picture's
THINNER = 0.93                                       # of the glyphs' mean radius
DOT = 2                                              # a drawing that is no larger on the sheet is a dot
MOST = 4000                                          # points of a drawing
WANTED = "a drawing is a list of strokes, and a stroke a flat list x, y, x, y, … of numbers"


def normalized(drawing: Drawing, *, size: int = 28) -> UInt8[Tensor, "1 size size"]:
    """The drawing in ink (255) on paper (0), as glyphs are written.

    Raises ValueError for a drawing that is empty, is one dot, or is none.
    """
    strokes = checked(drawing)
    if not strokes:
        raise ValueError("the drawing is empty: draw a line first")
    points = torch.tensor([number for stroke in strokes for number in stroke], dtype=torch.float32)
    low, high = points.view(-1, 2).aminmax(dim=0)
    if (high - low).max() <= DOT:
        raise ValueError("the drawing is one dot, which has no shape: draw a line")
    return _written(torch.cat([_segments(stroke) for stroke in strokes]), size)


def of_pixels(ink: UInt8[Tensor, "height width"], *, size: int = 28) -> UInt8[Tensor, "1 size size"]:
    """The same for a picture with bright ink on dark paper: it is thinned to its center line first."""
    line = thin(ink[None] > 127)[0]
    if not line.any():
        raise ValueError("the picture is empty: wanted is bright ink (above 127) on dark paper; turn it over")
    segments = _neighbors(line)
    if (segments.amax((0, 1)) - segments.amin((0, 1))).max() == 0:
        raise ValueError("the picture is one dot, which has no shape: draw a line")
    return _written(segments, size)


def checked(drawing) -> list[Sequence[Real]]:
    """The strokes that have points. Raises ValueError for whatever is no drawing."""
    if isinstance(drawing, str) or not isinstance(drawing, Iterable):
        raise ValueError(f"got {drawing!r:.60}; {WANTED}")
    for i, stroke in enumerate(drawing):
        if isinstance(stroke, str) or not isinstance(stroke, Sequence) or not all(map(_is_number, stroke)):
            raise ValueError(f"stroke {i + 1} is {stroke!r:.60}; {WANTED}")
        if len(stroke) % 2:
            raise ValueError(f"stroke {i + 1} has {len(stroke)} numbers, so a y is missing; {WANTED}")
    if (points := sum(map(len, drawing)) // 2) > MOST:
        raise ValueError(f"the drawing has {points} points, {MOST} are allowed: clear it, draw it simpler")
    return [stroke for stroke in drawing if len(stroke)]


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _segments(stroke: Sequence[Real]) -> Float[Tensor, "segment 2 2"]:
    """Both ends of every straight piece; a stroke of one point is a piece without length."""
    points = torch.tensor(stroke, dtype=torch.float32).view(-1, 2)
    if len(points) == 1:
        points = points.expand(2, 2)
    return torch.stack([points[:-1], points[1:]], dim=1)


def _neighbors(line: Bool[Tensor, "height width"]) -> Float[Tensor, "segment 2 2"]:
    """Each pixel of a thin line with itself, and with the neighbors to the right and below it."""
    here, found = line.nonzero(), []
    padded = torch.nn.functional.pad(line, (1, 1, 0, 1))
    for down, right in ((0, 0), (0, 1), (1, -1), (1, 0), (1, 1)):
        there = here + torch.tensor([down, right])
        inked = padded[there[:, 0], there[:, 1] + 1]
        found.append(torch.stack([here[inked], there[inked]], dim=1))
    return torch.cat(found).flip(-1).float()                                     # (row, column) is (y, x)


def _written(segments: Float[Tensor, "segment 2 2"], size: int) -> UInt8[Tensor, "1 size size"]:
    """Ink where the pen, with its middle on a segment, covers a pixel: glyph_writing without chance."""
    low, high = segments.amin((0, 1)), segments.amax((0, 1))
    scale = LONGER * size / (high - low).max()
    away = _distance((segments - (low + high) / 2) * scale + size / 2, size) * SIDE / size
    return (255 * torch.sigmoid(SOFT * (THINNER * RADIUS - away))).to(torch.uint8)[None]


def _distance(segments: Float[Tensor, "segment 2 2"], size: int) -> Float[Tensor, "size size"]:
    """From the middle of each pixel to the nearest point of any segment, in pixels."""
    middle = torch.arange(size) + 0.5
    pixel = torch.stack(torch.meshgrid(middle, middle, indexing="xy"), dim=-1).view(-1, 1, 2)
    start, along = segments[:, 0], segments[:, 1] - segments[:, 0]
    share = ((pixel - start) * along).sum(-1) / along.square().sum(-1).clamp(min=1e-9)
    foot = start + share.clamp(0, 1)[..., None] * along                          # [pixel, segment, 2]
    return (pixel - foot).norm(dim=-1).amin(1).view(size, size)
