"""From a printed character to the line a pen would follow: thinning, and the distance to the thinned line.

Thinning is boolean algebra on eight pictures to a byte, so that thousands of characters take a second.
"""
from functools import reduce

import torch
import torch.nn.functional as F
from jaxtyping import Bool, UInt8
from torch import Tensor

REACH = 6                                            # distances are cut off here, in pixels
SCALE = 40                                           # a byte holds 40 × the distance: 6 pixels are 240


def distance_to_line(ink: Bool[Tensor, "n side side"]) -> UInt8[Tensor, "n side side"]:
    """SCALE × every pixel's Euclidean distance to the character's center line, cut off at REACH pixels."""
    table = (SCALE * torch.arange(2 * REACH**2 + 1).sqrt()).clamp(max=SCALE * REACH).round().to(torch.uint8)
    return table[squared_distance(thin(ink)).int()]


def thin(ink: Bool[Tensor, "n side side"]) -> Bool[Tensor, "n side side"]:
    """The center line of each picture, one pixel wide (Zhang and Suen, 1984).

    Pixels are peeled off the rim, from south-east and north-west in turn, where that disconnects nothing.
    """
    packed, before = _pack(ink), None
    while before is None or not torch.equal(packed, before):
        before = packed
        packed = _peel(packed, north_west=False)
        packed = _peel(packed, north_west=True)
    return _unpack(packed, len(ink))


def squared_distance(line: Bool[Tensor, "n side side"]) -> UInt8[Tensor, "n side side"]:
    """Squared distance to the nearest pixel of the line: first within each column, then over columns."""
    side = line.shape[-1]
    squared = torch.where(line, 0, REACH**2).to(torch.uint8)
    for axis, edge in ((1, (0, 0, REACH, REACH)), (2, (REACH, REACH))):
        wide = F.pad(squared, edge, value=REACH**2)
        shifted = (wide.narrow(axis, REACH + step, side) + step**2 for step in range(-REACH, REACH + 1))
        squared = reduce(torch.minimum, shifted)
    return squared


def _peel(ink: Tensor, *, north_west: bool) -> Tensor:
    """One half-step of thinning on packed pictures."""
    n, _, e, _, s, _, w, _ = around = _neighbors(ink)
    _, two_inked = _at_least_one_and_two(around)
    _, two_blank = _at_least_one_and_two([~p for p in around])
    rises, more_rises = _at_least_one_and_two([~p & q for p, q in zip(around, [*around[1:], n])])
    needed = (n & e & w) | (n & s & w) if north_west else (n & e & s) | (e & s & w)
    return ink & ~(two_inked & two_blank & rises & ~more_rises & ~needed)


def _neighbors(ink: Tensor) -> list[Tensor]:
    """The eight neighbors of every pixel, clockwise from north."""
    height, width = ink.shape[1:]
    padded = F.pad(ink, (1, 1, 1, 1))
    corners = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    return [padded[:, y:y + height, x:x + width].contiguous() for y, x in corners]


def _at_least_one_and_two(bits: list[Tensor]) -> tuple[Tensor, Tensor]:
    one, two = bits[0], torch.zeros_like(bits[0])
    for bit in bits[1:]:
        two = two | (one & bit)
        one = one | bit
    return one, two


def _pack(ink: Tensor) -> Tensor:
    """Eight pictures in the eight bits of one byte."""
    blank = ink.new_zeros(-len(ink) % 8, *ink.shape[1:])
    eight = torch.cat([ink, blank]).to(torch.uint8).unflatten(0, (-1, 8))
    return sum(eight[:, bit] << bit for bit in range(8))


def _unpack(packed: Tensor, n: int) -> Tensor:
    return torch.stack([(packed >> bit) & 1 for bit in range(8)], dim=1).flatten(0, 1)[:n].bool()
