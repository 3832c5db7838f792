"""Two looks at one picture: what a network without labels is told to ignore (Chen et al., 2020).

Whatever a view changes, the features will not tell. So views decide what is learned, and a wrong one hurts: a
mirrored b is a d. Each function changes a whole batch at once, on the device it lies on; `rng` draws one set
of random numbers per picture on the CPU, so that every device sees the same views.

Differs from the paper:
- `glyphs` is for drawings, which the paper has none of: turned, sheared, scaled and shifted;
- in `photographs` a crop is square, a hue is a rotation of the colors around gray, and there is no blur:
  in small pictures it would hide little.
"""
import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

TURN, SHEAR, SCALE, SHIFT = math.radians(20), 0.25, 0.25, 0.12      # of `glyphs` at strength 1
SMALLEST = 0.08                                                     # part of a photograph that a crop keeps
COLOR, HUE = 0.8, 0.2                                               # of `photographs`, at strength 1
JITTERED, GRAY = 0.8, 0.2                                           # how many photographs
LUMA = (0.299, 0.587, 0.114)                                        # how bright red, green and blue look

Images = Float[Tensor, "n channels height width"]


def glyphs(x: Images, *, rng: torch.Generator, strength: float = 1.0, flip: bool = False) -> Images:
    """Drawings turned, sheared, scaled and shifted by random amounts; not mirrored, unless `flip` asks.

    What comes in from outside continues the border. With strength 0 nothing changes.
    """
    _check(x, strength)
    u = strength * (2 * torch.rand(6, len(x), generator=rng, dtype=x.dtype) - 1)      # in ±strength
    turn, shear, scale = TURN * u[0], SHEAR * u[1], torch.exp(SCALE * u[2])
    rotation = _matrices(turn.cos(), -turn.sin(), turn.sin(), turn.cos())
    stretch = _matrices(scale, shear, torch.zeros_like(shear), torch.exp(SCALE * u[3]))
    look = rotation @ stretch
    if flip:
        look[:, :, 0] *= 1 - 2 * torch.rand(len(x), 1, generator=rng, dtype=x.dtype).round()
    return _seen(x, torch.cat([look, SHIFT * u[4:].T[:, :, None]], dim=2))


def photographs(x: Images, *, rng: torch.Generator, strength: float = 1.0, flip: bool = True) -> Images:
    """A random square part of each picture, enlarged, perhaps mirrored, in other colors, perhaps in gray.

    Pixels lie in [0, 1]. `strength` scales the colors' changes; a picture of one channel has no hue.
    """
    _check(x, strength)
    return colored(cropped(x, rng=rng, flip=flip), rng=rng, strength=strength)


def cropped(x: Images, *, rng: torch.Generator, flip: bool = True) -> Images:
    """A part of each picture, from 8% to all of its area, anywhere, at the size of the whole."""
    u = torch.rand(4, len(x), generator=rng, dtype=x.dtype)
    side = (SMALLEST + (1 - SMALLEST) * u[0]).sqrt()                 # of the part; the whole is 1
    shift = (1 - side) * (2 * u[1:3] - 1)
    mirror = 1 - 2 * u[3].round() if flip else torch.ones_like(side)
    look = _matrices(side * mirror, torch.zeros_like(side), torch.zeros_like(side), side)
    return _seen(x, torch.cat([look, shift.T[:, :, None]], dim=2))


def colored(x: Images, *, rng: torch.Generator, strength: float = 1.0) -> Images:
    """Other brightness, contrast, saturation and hue for four pictures of five; one of five in gray."""
    u = torch.rand(6, len(x), 1, 1, 1, generator=rng, dtype=x.dtype).to(x.device, non_blocking=x.is_cuda)
    brightness, contrast, saturation = (1 + COLOR * strength * (2 * u[:3] - 1)).clamp(min=0)
    new = (x * brightness).clamp(0, 1)
    new = _between(_gray(new).mean(dim=(2, 3), keepdim=True), new, contrast)
    new = _between(_gray(new), new, saturation)
    if x.shape[1] == 3:
        new = _rotated(new, 2 * math.pi * HUE * strength * (2 * u[3] - 1)).clamp(0, 1)
    new = torch.where(u[4] < JITTERED, new, x)
    return torch.where(u[5] < GRAY, _gray(new).expand_as(new), new)


def _gray(x: Images) -> Tensor:
    if x.shape[1] != 3:
        return x.mean(dim=1, keepdim=True)
    return (x * x.new_tensor(LUMA).view(3, 1, 1)).sum(dim=1, keepdim=True)


def _between(a: Tensor, b: Tensor, part: Tensor) -> Tensor:
    return (a + part * (b - a)).clamp(0, 1)


def _rotated(x: Images, angle: Float[Tensor, "n 1 1 1"]) -> Images:
    """Colors turned by an angle around the axis of grays, which stay (Rodrigues' formula)."""
    mean = x.mean(dim=1, keepdim=True)
    across = (x.roll(1, dims=1) - x.roll(-1, dims=1)) / math.sqrt(3)        # the axis × the color
    return mean + angle.cos() * (x - mean) + angle.sin() * across


def _matrices(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Float[Tensor, "n 2 2"]:
    return torch.stack([a, b, c, d], dim=1).view(-1, 2, 2)


def _seen(x: Images, look: Float[Tensor, "n 2 3"]) -> Images:
    """The pictures where each affine map looks; beyond the border its pixels go on."""
    grid = F.affine_grid(look.to(x, non_blocking=x.is_cuda), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def _check(x: Images, strength: float) -> None:
    if not 0 <= strength <= 1:
        raise ValueError(f"strength={strength}; wanted a number from 0 (no change) to 1")
    if not x.is_floating_point():
        raise ValueError(f"pictures of type {x.dtype}; wanted numbers in [0, 1]: x.float() / 255")
