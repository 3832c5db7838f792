"""From a printed character to the line a pen would follow: thinning, and the distance to the thinned line.

Everything is boolean algebra on a batch of pictures, eight pictures to a byte, so that thousands of characters take a second.
"""
import torch
from jaxtyping import Bool, UInt8
from torch import Tensor

REACH = 6                                            # distances are cut off here, in pixels
SCALE = 40                                           # one pixel of distance in a stored byte: 6 pixels are 240


def distance_to_line(ink: Bool[Tensor, "n side side"]) -> UInt8[Tensor, "n side side"]:
    """SCALE × the Euclidean distance of every pixel to the character's centre line, cut off at REACH pixels."""
    table = (SCALE * torch.arange(2 * REACH**2 + 1).sqrt()).clamp(max=SCALE * REACH).round().to(torch.uint8)
    return table[squared_distance(thin(ink)).int()]


def thin(ink: Bool[Tensor, "n side side"]) -> Bool[Tensor, "n side side"]:
    """The centre line of each picture, one pixel wide (Zhang and Suen, 1984).

    Pixels are peeled off the rim, from the south-east and the north-west in turn, as long as that disconnects nothing.
    """
    packed, before = _pack(ink), None
    while before is None or not torch.equal(packed, before):
        before = packed
        packed = _peel(packed, north_west=False)
        packed = _peel(packed, north_west=True)
    return _unpack(packed, len(ink))


def squared_distance(line: Bool[Tensor, "n side side"]) -> UInt8[Tensor, "n side side"]:
    """Squared distance to the nearest pixel of the line: the nearest in each column first, then over columns."""
    far = REACH**2
    squared = torch.where(line, 0, far).to(torch.uint8)
    for axis in (1, 2):
        nearest = squared.clone()
        for step in range(1, REACH + 1):
            for there, here in ((slice(step, None), slice(None, -step)), (slice(None, -step), slice(step, None))):
                there, here = ((slice(None),) * axis + (part,) for part in (there, here))
                nearest[here] = torch.minimum(nearest[here], squared[there] + step**2)
        squared = nearest
    return squared


def _peel(ink: Tensor, *, north_west: bool) -> Tensor:
    """One half-step of thinning on packed pictures."""
    n, ne, e, se, s, sw, w, nw = around = _neighbors(ink)
    _, two_inked = _at_least_one_and_two(around)
    _, two_blank = _at_least_one_and_two([~p for p in around])
    rises, more_rises = _at_least_one_and_two([~p & q for p, q in zip(around, [*around[1:], n])])
    needed = (n & e & w) | (n & s & w) if north_west else (n & e & s) | (e & s & w)
    return ink & ~(two_inked & two_blank & rises & ~more_rises & ~needed)


def _neighbors(ink: Tensor) -> list[Tensor]:
    """The eight neighbours of every pixel, clockwise from north."""
    height, width = ink.shape[1:]
    padded = torch.nn.functional.pad(ink, (1, 1, 1, 1))
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
