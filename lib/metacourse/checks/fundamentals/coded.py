"""Images that say where they came from: every pixel of drawing d of class c is 10 (c + 1) + d."""
from typing import NamedTuple

import torch
from torch import Tensor

from metacourse.checks.report import CheckFailed

AS_THEY_ARE = "images exactly as they are in `images`"


class Source(NamedTuple):
    """For each image of one side of an episode: the class and drawing it was taken from, and its label."""

    classes: Tensor                                       # [way, n]
    drawings: Tensor                                      # [way, n]
    labels: Tensor                                        # [way, n]


def images(classes: int, drawings: int) -> Tensor:
    """uint8 [class, drawing, 1, 2, 2]; at most 24 classes of 10 drawings fit into a byte."""
    codes = 10 * torch.arange(1, classes + 1)[:, None] + torch.arange(drawings)
    return codes[..., None, None, None].expand(-1, -1, 1, 2, 2).to(torch.uint8).clone()


def source(x: Tensor, y: Tensor, data: Tensor, what: str, real: Tensor | None = None) -> Source:
    """Where the images x [way, n, 1, 2, 2] came from. Only those marked `real` must be from `data`."""
    codes = x.double().flatten(2)
    meant = codes if real is None else codes[real]
    if (meant != meant[..., :1]).any():
        raise CheckFailed(f"{what} has an image that mixes several images of the data", wanted=AS_THEY_ARE,
                          likely="an axis inside the images was moved: index classes and drawings only.")
    if meant.max() <= 1:
        raise CheckFailed(f"{what} has other pixel values than the data", came=f"at most {meant.max():.2f}",
                          wanted=AS_THEY_ARE, likely="dividing by 255: leave that to the caller.")
    strange = set(meant[..., 0].flatten().tolist()) - set(data.flatten().tolist())
    if strange:
        raise CheckFailed(f"{what} has an image that is not in the data", wanted=AS_THEY_ARE,
                          came=f"an image full of the pixel value {min(strange):g}")
    codes = codes[..., 0].long()
    return Source(codes // 10 - 1, codes % 10, y)


def repeated(items: list) -> list:
    """What occurs more than once."""
    return sorted({item for item in items if items.count(item) > 1})
