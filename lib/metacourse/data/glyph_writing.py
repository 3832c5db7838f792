"""Many drawings of each character: its center line is bent, turned and scaled, and a pen drawn along it.

Every drawing is fixed by 58 uniform numbers from a generator of its own class, so a character looks the same
whichever others are drawn with it, and the first ten of twenty drawings are the ten drawings.
"""
import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor

from metacourse.data.glyph_strokes import SCALE

GRID = 5                                             # control points of the elastic bend along a side
NUMBERS = 8 + 2 * GRID**2                            # face, pen, scale, turn, shear, aspect, shift (2), bend
TOGETHER = 2000                                      # drawings made at once: they stay in the fast memory
# How far a drawing departs from its character at distortion 1; at 0 not at all.
SHRINK, TURN, SHEAR, ASPECT, SHIFT, BEND, PEN = 0.3, math.radians(15), 0.3, 0.25, 0.1, 0.09, 0.3
RADIUS = 1.3                                         # of the pen, in pixels of the character's picture
SOFT = 2.0                                           # steepness of the pen's edge


def random_numbers(code_points: list[int], drawings: int,
                   seed: int) -> Float[Tensor, "class drawing numbers"]:
    """Uniform numbers in [0, 1), each class's from a generator seeded with `seed` and its code point."""
    def of_class(code_point: int) -> Tensor:
        rng = torch.Generator().manual_seed(seed * 0x110000 + code_point)        # code points end below
        return torch.rand(drawings, NUMBERS, generator=rng)
    return torch.stack([of_class(c) for c in code_points])


def write(distances: UInt8[Tensor, "class face side side"],
          numbers: Float[Tensor, "class drawing numbers"], *, size: int,
          distortion: float = 1.0) -> UInt8[Tensor, "class drawing 1 size size"]:
    """Drawings in ink (255) on paper (0), each from one of its character's font faces, chosen at random."""
    n_classes, n_drawings = numbers.shape[:2]
    numbers = numbers.flatten(0, 1)                                              # [class · drawing, numbers]
    owner = torch.arange(n_classes).repeat_interleave(n_drawings)
    face = (numbers[:, 0] * distances.shape[1]).long()
    parts = zip(owner.split(TOGETHER), face.split(TOGETHER), numbers.split(TOGETHER))
    drawn = [_draw(distances[o, f], u, size, distortion) for o, f, u in parts]
    return torch.cat(drawn).unflatten(0, (n_classes, n_drawings))


def warp(pictures: Float[Tensor, "n 1 side side"], numbers: Float[Tensor, "n numbers"], *, size: int,
         distortion: float = 1.0) -> Float[Tensor, "n 1 size size"]:
    """Each picture moved by its own affine map and elastic bend; what lies outside continues its border."""
    affine = _affine(numbers[:, 2:8], distortion)
    grid = F.affine_grid(affine, [len(pictures), 1, size, size], align_corners=False)
    bend = (numbers[:, 8:].reshape(-1, 2, GRID, GRID) - 0.5) * math.sqrt(12)     # mean 0, deviation 1
    bend = F.interpolate(bend * BEND * distortion, size=(size, size), mode="bicubic", align_corners=True)
    grid = grid + bend.permute(0, 2, 3, 1)
    return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def _draw(distances: Tensor, numbers: Tensor, size: int, distortion: float) -> Tensor:
    """Ink wherever the pen, of random width, passes within its radius."""
    away = warp(distances[:, None].float() / SCALE, numbers, size=size, distortion=distortion)
    away = away * _scale(numbers[:, 2], distortion)[:, None, None, None]         # shrunk like the character
    radius = RADIUS * (1 + PEN * distortion * (2 * numbers[:, 1] - 1))
    return (255 * torch.sigmoid(SOFT * (radius[:, None, None, None] - away))).to(torch.uint8)


def _affine(numbers: Tensor, distortion: float) -> Float[Tensor, "n 2 3"]:
    """Where on the character each point of the paper looks: turned, sheared, scaled, shifted."""
    scale = _scale(numbers[:, 0], distortion)
    turn, shear, aspect, x, y = ((2 * numbers[:, 1:] - 1) * distortion).unbind(1)        # in [−1, 1]
    turn, shear, aspect = TURN * turn, SHEAR * shear, torch.exp(ASPECT * aspect)
    rotation = torch.stack([turn.cos(), -turn.sin(), turn.sin(), turn.cos()], dim=1).view(-1, 2, 2)
    stretch = torch.stack([1 / aspect, shear, torch.zeros_like(shear), aspect], dim=1).view(-1, 2, 2)
    shift = SHIFT * torch.stack([x, y], dim=1)[:, :, None]
    return torch.cat([rotation @ stretch, shift], dim=2) / scale[:, None, None]


def _scale(number: Tensor, distortion: float) -> Tensor:
    return 1 - SHRINK * distortion * number
