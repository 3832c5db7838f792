"""Many drawings of each character: the centre line is bent, turned and scaled, then drawn with a pen, in one batch.

Every drawing is fixed by 59 uniform numbers from a generator of its own class, so a character looks the same whichever
others are drawn with it, and the first ten of twenty drawings are the ten drawings.
"""
import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor

from metacourse.data.glyph_strokes import SCALE

GRID = 5                                             # control points of the elastic bend along a side
NUMBERS = 9 + 2 * GRID**2                            # uniform numbers that fix one drawing
TOGETHER = 2000                                      # drawings made at once: they stay in the processor's cache
# What distortion = 1 means; all of it shrinks to nothing at 0.
TURN, SHEAR, SHRINK, ASPECT, SHIFT, BEND, PEN = math.radians(15), 0.3, 0.3, 0.25, 0.1, 0.09, 0.3
SOFT = 2.5                                           # steepness of the pen's edge


def random_numbers(code_points: list[int], drawings: int, seed: int) -> Float[Tensor, "class drawing numbers"]:
    """Uniform numbers in [0, 1), each class's from a generator seeded with `seed` and its code point."""
    def of_class(code_point: int) -> Tensor:
        rng = torch.Generator().manual_seed(seed * 0x110000 + code_point)       # 0x110000: one past the last code point
        return torch.rand(drawings, NUMBERS, generator=rng)
    return torch.stack([of_class(c) for c in code_points])


def write(distances: UInt8[Tensor, "class face side side"], numbers: Float[Tensor, "class drawing numbers"], *,
          size: int, distortion: float = 1.0) -> UInt8[Tensor, "class drawing 1 size size"]:
    """Drawings in ink (255) on paper (0), each from one of its character's font faces, chosen at random."""
    n_classes, n_drawings = numbers.shape[:2]
    numbers = numbers.flatten(0, 1)                                             # [class · drawing, numbers]
    owner = torch.arange(n_classes).repeat_interleave(n_drawings)
    face = (numbers[:, 0] * distances.shape[1]).long()
    parts = zip(owner.split(TOGETHER), face.split(TOGETHER), numbers[:, 1:].split(TOGETHER))
    drawn = [_draw(distances[o, f], u, size, distortion) for o, f, u in parts]
    return torch.cat(drawn).unflatten(0, (n_classes, n_drawings))


def warp(pictures: Float[Tensor, "n 1 side side"], numbers: Float[Tensor, "n 57"], size: int,
         distortion: float) -> Float[Tensor, "n 1 size size"]:
    """Each picture moved by its own affine map and elastic bend."""
    grid = F.affine_grid(_affine(numbers[:, :7], distortion), [len(pictures), 1, size, size], align_corners=False)
    bend = (numbers[:, 7:].reshape(-1, 2, GRID, GRID) - 0.5) * math.sqrt(12)    # mean 0, standard deviation 1
    bend = F.interpolate(bend * BEND * distortion, size=(size, size), mode="bicubic", align_corners=True)
    return F.grid_sample(pictures, grid + bend.permute(0, 2, 3, 1), padding_mode="border", align_corners=False)


def _draw(distances: Tensor, numbers: Tensor, size: int, distortion: float) -> Tensor:
    """Ink where the pen, of random width, comes within its radius of the line."""
    shape, pen = numbers[:, :57], numbers[:, 57]
    away = warp(distances[:, None].float() / SCALE, shape, size, distortion)
    away = away * _scale(shape[:, 2], distortion)[:, None, None, None]           # as far as it looks on the paper
    radius = 1 + PEN * distortion * (2 * pen - 1)
    return (255 * torch.sigmoid(SOFT * (radius[:, None, None, None] - away))).to(torch.uint8)


def _affine(numbers: Tensor, distortion: float) -> Tensor:
    """[n, 2, 3]: where on the character each point of the paper looks: a turn, a shear, a scale, a shift."""
    turn, shear, _, aspect, *_ = ((2 * u - 1) * distortion for u in numbers.T)
    scale, aspect = _scale(numbers[:, 2], distortion), torch.exp(ASPECT * aspect)
    cos, sin = torch.cos(TURN * turn), torch.sin(TURN * turn)
    rotation = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    stretch = torch.stack([1 / aspect, SHEAR * shear, torch.zeros_like(aspect), aspect], dim=1).view(-1, 2, 2)
    shift = SHIFT * distortion * (2 * numbers[:, 4:6] - 1)
    return torch.cat([rotation @ stretch, shift[:, :, None]], dim=2) / scale[:, None, None]


def _scale(number: Tensor, distortion: float) -> Tensor:
    return 1 - SHRINK * distortion * number
