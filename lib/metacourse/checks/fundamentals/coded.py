"""Images that say where they came from: every pixel of drawing d of class c is 10 (c + 1) + d."""
from typing import Any, NamedTuple

import torch
from torch import Tensor

from metacourse.checks.expect import true
from metacourse.checks.report import CheckFailed


class Source(NamedTuple):
    """For each image of one side of an episode: the class and the drawing it was taken from, and its label."""

    classes: Tensor                                       # [way, n]
    drawings: Tensor                                      # [way, n]
    labels: Tensor                                        # [way, n]

    def pairs(self, row: int, real: Tensor | None = None) -> list[tuple[int, int]]:
        """(class, drawing) of every image in a row; with `real` [way, n], only where it is True."""
        pairs = list(zip(self.classes[row].tolist(), self.drawings[row].tolist()))
        return pairs if real is None else [pair for pair, is_real in zip(pairs, real[row].tolist())
                                           if is_real]


def images(classes: int, drawings: int) -> Tensor:
    """uint8 [class, drawing, 1, 2, 2]; at most 24 classes of 10 drawings fit into a byte."""
    codes = 10 * torch.arange(1, classes + 1)[:, None] + torch.arange(drawings)
    return codes[..., None, None, None].expand(-1, -1, 1, 2, 2).to(torch.uint8).clone()


def source(x: Tensor, y: Tensor, of: Tensor, what: str, real: Tensor | None = None) -> Source:
    """Where the images x [way, n, 1, 2, 2] came from. Raises where one was never in the data `of`."""
    codes = x.double().flatten(2)
    chosen = codes if real is None else codes[real.bool()]
    true(bool((chosen == chosen[..., :1]).all()),
         f"{what} has an image that mixes several images of the data",
         likely="an axis was reshaped or permuted that belongs inside an image: index class and drawing only.")
    if len(chosen) and chosen.max() <= 1:
        raise CheckFailed(f"{what} has other pixel values than the data",
                          came=f"values up to {chosen.max():.2f}",
                          wanted="images exactly as they are in `images`",
                          likely="dividing by 255: leave that to the caller.")
    known = set(of.flatten(2)[..., 0].flatten().tolist())
    strange = [code for code in chosen[..., 0].flatten().tolist() if code not in known]
    true(not strange, f"{what} has an image that is not in the data",
         came=f"pixel values {sorted(set(strange))[:4]}",
         wanted="images exactly as they are in `images`")
    codes = codes[..., 0].long()
    return Source(codes // 10 - 1, codes % 10, y)


def repeated(items: list[Any]) -> list[Any]:
    """What occurs more than once."""
    return sorted({item for item in items if items.count(item) > 1})
