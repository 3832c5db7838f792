"""Exercise 3.5 ◇: what a relation network compares, and what its scores are compared with."""
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

LABELS = ("`F.one_hot(y)` has as many columns as the largest label says: tell it the number of classes, "
          "`F.one_hot(y, way)`.")


@exercise("3.5 a", points=2, further=True)
def relation_pairs(answer: Attempt) -> Iterator[str]:
    """Pairs for a relation network."""
    rng = torch.Generator().manual_seed(11)
    for query, way, shot, maps in ((7, 3, 1, (5, 2, 4)), (7, 3, 4, (5, 2, 6)), (2, 6, 3, (4, 1, 1))):
        z_support = torch.randn(way, shot, *maps, generator=rng)
        z_query = torch.randn(query, *maps, generator=rng)
        _right(answer, z_support, z_query)
        yield f"{query} queries with {way} classes of {shot} shot{'s' * (shot > 1)}: support, then query"
    against.slopes(answer, {"z_support": z_support, "z_query": z_query})
    yield "the gradient reaches support set and queries"


def _right(answer: Attempt, z_support: Tensor, z_query: Tensor) -> None:
    (way, shot, channels, h, w), query = z_support.shape, len(z_query)
    came = expect.tensor(against.ask(answer, z_support, z_query), "the answer",
                         shape=(query, way, 2 * channels, h, w), axes="query, way, 2·channels, h, w", likely={
        "the maps are beside each other: concatenate along the channels, `dim=2` here.":
            (query, way, channels, 2 * h, w),
        "the maps are beside each other: concatenate along the channels, `dim=-3`.":
            (query, way, channels, h, 2 * w),
        "the two are added, or one is taken from the other: concatenate them, and let the network compare.":
            (query, way, channels, h, w),
        "queries come first: [query, way, …].": (way, query, 2 * channels, h, w),
        "every shot has a pair: add up the shots of a class first.": (query, way, shot, 2 * channels, h, w),
        "`stack` makes a new axis: `cat` along the channels.": (query, way, 2, channels, h, w),
        "the sum runs over the classes: shots are axis 1.": (query, shot, 2 * channels, h, w),
        "the maps were flattened: the network that compares is convolutional.":
            (query, way, 2 * channels * h * w)})
    against.match(came.flatten(2), _pairs(z_support.sum(1), z_query).flatten(2),
                  "the pairs are not right", _wrong(z_support, z_query))


def _pairs(c: Tensor, z: Tensor) -> Tensor:
    """c [way, channels, h, w] beside z [query, channels, h, w]."""
    shape = (len(z), *c.shape)
    return torch.cat([c.expand(shape), z[:, None].expand(shape)], 2)


def _wrong(z_support: Tensor, z_query: Tensor) -> dict[str, Tensor]:
    right = _pairs(z_support.sum(1), z_query)
    support, query = right.chunk(2, 2)
    mixed = torch.stack([support, query], 3).flatten(2, 3)
    return {mistake: wrong.flatten(2) for mistake, wrong in {
        "the query comes first: support first, and the same way in training and in testing.":
            torch.cat([query, support], 2),
        "the mean over shots: the paper adds them up.": _pairs(z_support.mean(1), z_query),
        "only the first shot counts: add them up.": _pairs(z_support[:, 0], z_query),
        "the sum runs over all classes: each has its own.":
            _pairs(z_support.sum((0, 1)).expand_as(z_support[:, 0]), z_query),
        "channels of support and query take turns: `cat`, and not `stack` and `flatten`.": mixed,
        "the support sum stands twice, and no query.": torch.cat([support, support], 2),
    }.items()}


@exercise("3.5 b", points=1, further=True)
def relation_loss(answer: Attempt) -> Iterator[str]:
    """The loss of a relation network."""
    r = torch.tensor([[0.5, 0.9, 0.0], [0.8, 0.4, 0.3]])
    _loss(answer, r, torch.tensor([1, 0]))
    yield "0.9 and 0.8 should be 1, the rest 0: (0.5² + 0.1² + 0.2² + 0.4² + 0.3²) / 6 = 0.0917"
    rng = torch.Generator().manual_seed(12)
    r, y = torch.rand(7, 4, generator=rng), torch.tensor([3, 0, 2, 2, 1, 0, 3])
    _loss(answer, r, y)
    yield "right for 7 queries in any order"
    against.slopes(answer, {"r": r, "y": y})
    yield "the gradient reaches every score"


def _loss(answer: Attempt, r: Tensor, y: Tensor) -> None:
    (query, way), wanted = r.shape, F.one_hot(y, r.shape[1])
    square = (r - wanted).square()
    in_order = F.one_hot(torch.arange(query) * way // query, way)
    came = _ask(answer, r, y)
    against.number(came, square.mean().item(), "the loss", {
        "the sum over all pairs: take the mean.": square.sum().item(),
        "the sum over classes, the mean over queries: take the mean over all pairs.":
            square.sum(1).mean().item(),
        "the sum over queries, the mean over classes: take the mean over all pairs.":
            square.sum(0).mean().item(),
        "only the right class counts: the others should be 0, and that has to be asked for, too.":
            square[wanted.bool()].mean().item(),
        "this is the cross-entropy: relation scores are no logits, and the paper takes squares.":
            F.cross_entropy(r, y).item(),
        "a softmax was taken: relation scores lie in [0, 1] already.":
            (r.softmax(1) - wanted).square().mean().item(),
        "this is the binary cross-entropy: the paper takes squares.":
            F.binary_cross_entropy(r, wanted.float()).item(),
        "differences are not squared.": (r - wanted).abs().mean().item(),
        "the root of the mean: the mean square is wanted.": square.mean().sqrt().item(),
        "half of the mean square.": square.mean().item() / 2,
        "labels are told from the order of the queries: they are in y.":
            (r - in_order).square().mean().item(),
        "the other way round: 1 for the right class, 0 for the others.":
            (r - (1 - wanted)).square().mean().item(),
    })


def _ask(answer: Attempt, r: Tensor, y: Tensor) -> object:
    try:
        return against.ask(answer, r, y)
    except CheckFailed as failure:
        if "must match the size" in failure.came or "target size" in failure.came:
            failure.likely = LABELS
        raise
