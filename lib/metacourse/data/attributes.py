"""What can be said about a printed character without showing it: loops, ends, crossings, where the ink is.

A class gets one *attribute vector*, measured on its printed form. It plays the part of the description that a
person would write ("one loop, a tail to the left") or that comes with a data set, as the 85 attributes of
Animals with Attributes (Lampert et al., 2009). No drawing of the class is looked at.
"""
from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from metacourse.data import sampling
from metacourse.data.glyph_fonts import FACES, picture
from metacourse.data.glyph_strokes import thin
from metacourse.data.glyphs import INK
from metacourse.episode import Episode, Examples

COUNTS = ("pieces", "loops", "ends", "crossings")
SHAPE = ("length of line", "wide", "mirror left-right", "mirror top-bottom", "half turn",
         "horizontal", "vertical", "rising", "falling")
ZONES = tuple(f"ink {row} {column}" for row in ("top", "middle", "bottom")
              for column in ("left", "middle", "right"))
NAMES = COUNTS + SHAPE + ZONES
KINDS = {"counts": COUNTS, "shape": SHAPE, "zones": ZONES}


def describe(classes: Sequence[str]) -> Float[Tensor, "class attribute"]:
    """One attribute vector (columns `NAMES`) for each glyph class, such as "Armenian/ա"."""
    letters = [name.split("/", 1)[1] for name in classes]
    ink = torch.stack([picture(ord(letter), FACES[0]) for letter in letters]) > INK
    return measure(ink)


def measure(ink: Bool[Tensor, "class side side"]) -> Float[Tensor, "class attribute"]:
    """The attributes of black-and-white pictures."""
    line = thin(ink)
    return torch.cat([_counts(ink, line), _shape(line), _zones(line)], 1)


def standardized(attributes: Float[Tensor, "class attribute"],
                 scale: Mapping[str, Sequence[float]]) -> Float[Tensor, "class attribute"]:
    """On a scale where the training classes have mean 0 and variance 1; `scale` is that of `scale_of`."""
    return (attributes - torch.tensor(scale["mean"])) / torch.tensor(scale["std"])


def scale_of(train: Float[Tensor, "class attribute"]) -> dict[str, list[float]]:
    """Mean and standard deviation of every attribute over the training classes."""
    return {"mean": train.mean(0).tolist(), "std": train.std(0).tolist()}


def sample_episodes(images: Shaped[Tensor, "class drawing *item"],
                    described: Float[Tensor, "class attribute"], *, tasks: int, way: int, queries: int,
                    rng: torch.Generator) -> Episode:
    """A meta-batch of zero-shot tasks: support x `[tasks, way, 1, attribute]` holds descriptions, no picture.

    The query set is as ever, x `[tasks, way, queries, C, H, W]`; uint8 becomes float32 in [0, 1].
    """
    classes, drawings = images.shape[:2]
    numbers = torch.arange(classes * drawings).view(classes, drawings, 1)
    support, query = sampling.sample_episodes(numbers, tasks=tasks, way=way, shot=1, queries=queries, rng=rng)
    whose = (support.x.squeeze(-1) // drawings).to(described.device)
    x = images.flatten(0, 1)[query.x.squeeze(-1).to(images.device)]
    x = x.float() / 255 if x.dtype == torch.uint8 else x
    return Episode(Examples(described[whose], support.y), Examples(x, query.y))


def columns(*kinds: str) -> list[int]:
    """Where the attributes of these kinds stand: "counts", "shape", "zones"."""
    return [NAMES.index(name) for kind in kinds for name in KINDS[kind]]


def _counts(ink: Bool[Tensor, "class side side"],
            line: Bool[Tensor, "class side side"]) -> Float[Tensor, "class 4"]:
    loops = components(~F.pad(ink, (1, 1, 1, 1)), diagonal=False) - 1      # pieces of paper, less the outside
    around = _neighbors(line)                                              # [class, 8, side, side]
    branches = (~around & around.roll(-1, 1)).sum(1) * line                # strokes that leave a pixel
    ends, crossings = branches == 1, F.max_pool2d((branches > 2).float(), 3, 1, 1) > 0
    counts = [components(ink), loops, ends.sum((1, 2)), components(crossings)]
    return torch.stack(counts, 1).float()


def _shape(line: Bool[Tensor, "class side side"]) -> Float[Tensor, "class 9"]:
    line = line.float()
    length = line.sum((1, 2)) / line.shape[-1]
    height, width = ((line.amax(axis) > 0).sum(1).clamp(min=1) for axis in (2, 1))
    soft = F.avg_pool2d(line[:, None], 7, 1, 3)[:, 0].flatten(1)
    mirrored = [line.flip(axes) for axes in ((2,), (1,), (1, 2))]
    alike = [F.cosine_similarity(soft, F.avg_pool2d(m[:, None], 7, 1, 3)[:, 0].flatten(1)) for m in mirrored]
    steps = [(line[:, :, 1:] * line[:, :, :-1]), (line[:, 1:] * line[:, :-1]),              # –  |
             (line[:, 1:, :-1] * line[:, :-1, 1:]), (line[:, 1:, 1:] * line[:, :-1, :-1])]  # /  \
    steps = torch.stack([step.sum((1, 2)) for step in steps], 1)
    shares = steps / steps.sum(1, keepdim=True).clamp(min=1)
    return torch.cat([torch.stack([length, (width / height).log(), *alike], 1), shares], 1)


def _zones(line: Bool[Tensor, "class side side"]) -> Float[Tensor, "class 9"]:
    """Share of the line in each of three by three fields of the picture."""
    return F.normalize(F.adaptive_avg_pool2d(line[:, None].float(), 3).flatten(1), p=1, dim=1)


def components(ink: Bool[Tensor, "n height width"], *, diagonal: bool = True) -> Float[Tensor, " n"]:
    """How many connected pieces each picture has, by letting the largest pixel number of each spread."""
    return torch.cat([_components(some, diagonal) for some in ink.split(128)])     # 128 stay in the cache


def _components(ink: Bool[Tensor, "n height width"], diagonal: bool) -> Float[Tensor, " n"]:
    number = torch.arange(1, ink[0].numel() + 1, dtype=torch.int16).view(ink.shape[1:]) * ink
    reached, before = number, None
    while before is None or not torch.equal(reached, before):
        before = reached
        for _ in range(8):
            reached = _spread(reached, diagonal) * ink
    return (ink & (reached == number)).sum((1, 2)).float()


def _spread(number: Int[Tensor, "n height width"], diagonal: bool) -> Int[Tensor, "n height width"]:
    """The largest number among each pixel and its eight (or four) neighbors."""
    wide, tall = F.pad(number, (1, 1)), F.pad(number, (0, 0, 1, 1))
    across = torch.maximum(torch.maximum(wide[..., :-2], number), wide[..., 2:])
    tall = F.pad(across, (0, 0, 1, 1)) if diagonal else tall
    return torch.maximum(torch.maximum(tall[:, :-2], across), tall[:, 2:])


def _neighbors(line: Bool[Tensor, "n side side"]) -> Bool[Tensor, "n 8 side side"]:
    """The eight neighbors of every pixel, clockwise from north."""
    height, width = line.shape[1:]
    padded = F.pad(line, (1, 1, 1, 1))
    corners = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    return torch.stack([padded[:, y:y + height, x:x + width] for y, x in corners], 1)
