"""Exercise 3.2: how much a query looks at every support picture, and what that says about its class."""
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

OVERFLOW = ("e¹⁰⁰ is ∞ in single precision, and ∞/∞ is NaN: `softmax` subtracts the largest number first, "
            "and gives the same.")
OVER_ALL = "it belongs to the whole support set, classes and shots together."


@exercise("3.2 a", points=2)
def attention(answer: Attempt) -> Iterator[str]:
    """The attention kernel."""
    z = torch.tensor([[3.0, 0.0]])
    support = torch.tensor([[[3.0, 0.0], [0.0, 1.0]], [[-5.0, 0.0], [0.0, -2.0]], [[2.0, 0.0], [4.0, 0.0]]])
    _right(answer, z, support, 1.0)
    yield "cosines 1, 0, −1, 0, 1 and 1: attention is e, 1, 1/e, 1, e and e over their sum"
    _right(answer, z, support, 0.5)
    yield "at temperature ½ it is e², 1, 1/e², 1, e² and e² over their sum: sharper"
    rng = torch.Generator().manual_seed(3)
    for query, way, shot, dim in ((7, 3, 4, 6), (2, 6, 3, 4), (4, 4, 4, 4)):
        _right(answer, torch.randn(query, dim, generator=rng),
               torch.randn(way, shot, dim, generator=rng), 0.3)
        yield f"{query} queries look at {way} classes of {shot} shots: each query's attention sums to one"
    _sharp(answer, z, support)
    yield "at temperature 0.01 it is shared by the three of cosine 1: no number grows too large"
    against.slopes(answer, {"z_query": torch.randn(3, 4, generator=rng),
                            "z_support": torch.randn(2, 3, 4, generator=rng)}, temperature=0.3)
    yield "the gradient reaches queries and support set"


def _right(answer: Attempt, z: Tensor, support: Tensor, temperature: float) -> None:
    (query, _), (way, shot, dim) = z.shape, support.shape
    came = expect.tensor(against.ask(answer, z, support, temperature=temperature), "the answer",
                         shape=(query, way, shot), axes="query, way, shot", likely={
        "the support set is still one row: `reshape(query, way, shot)` gives classes and shots back.":
            (query, way * shot),
        "attention is for every support picture: do not add up a class yet, or take its mean.": (query, way),
        "queries come first: [query, way, shot].": (way, shot, query),
        "the queries have no axis of their own: `z_query[:, None, None]` makes room.": (way, shot),
        "classes come before shots: [query, way, shot].": (query, shot, way),
        "products of numbers are still apart: add them up over the last axis.": (query, way, shot, dim),
        against.WRITTEN_IN: (query, 5, shot)})
    wanted = _over_support(_cosine(z, support) / temperature)
    against.match(came, wanted, "the attention is not right", wrong_attention(z, support, temperature))


def _sharp(answer: Attempt, z: Tensor, support: Tensor) -> None:
    try:
        _right(answer, z, support, 0.01)
    except CheckFailed as failure:
        failure.likely = OVERFLOW if "nan" in failure.came else failure.likely
        raise


def _cosine(z: Tensor, support: Tensor) -> Tensor:
    return F.cosine_similarity(z[:, None, None], support, dim=-1)            # [query, way, shot]


def _over_support(logits: Tensor) -> Tensor:
    return logits.flatten(1).softmax(-1).reshape(logits.shape)


def wrong_attention(z: Tensor, support: Tensor, temperature: float) -> dict[str, Tensor]:
    """What each likely mistake makes of queries [query, dim] and support [way, shot, dim]."""
    cosine = _cosine(z, support)
    return _wrong_similarity(z, support, cosine, temperature) | _wrong_softmax(cosine, temperature)


def _wrong_similarity(z: Tensor, support: Tensor, cosine: Tensor, temperature: float) -> dict[str, Tensor]:
    unit, unit_support = F.normalize(z, dim=-1), F.normalize(support, dim=-1)
    distance = (z[:, None, None] - support).square().sum(-1)

    def dot(a: Tensor, b: Tensor) -> Tensor:
        return torch.einsum("qd,wsd->qws", a, b)
    each = {
        against.MULTIPLIED: cosine * temperature**2,
        "the temperature is not used. Or it divides embeddings before they are brought to length 1: there "
        "it cancels. Divide the cosines.": cosine * temperature,
        "this is the dot product: a cosine divides by both lengths.": dot(z, support),
        "the dot product, with the temperature multiplied: two mistakes.": dot(z, support) * temperature**2,
        "`F.normalize` works along axis 1 unless told otherwise, and axis 1 counts shots: `dim=-1`.":
            dot(unit, F.normalize(support)),
        "only the queries were brought to length 1: the support set, too.": dot(unit, support),
        "only the support set was brought to length 1: the queries, too.": dot(z, unit_support),
        "the sign: a larger cosine means more alike.": -cosine,
        "this is the squared distance of embeddings of length 1, and so 2 − 2 cos, which is twice as sharp: "
        "take the cosine itself.": 2 * cosine,
        "this is the distance of embeddings of length 1: take the cosine itself.":
            -(2 - 2 * cosine).clamp(min=0).sqrt(),
        "this is the squared distance: matching networks compare by the cosine.": -distance,
        "this is the distance: matching networks compare by the cosine.": -distance.sqrt(),
    }
    return {mistake: _over_support(logits / temperature) for mistake, logits in each.items()}


def _wrong_softmax(cosine: Tensor, temperature: float) -> dict[str, Tensor]:
    logits, (query, way, shot) = cosine / temperature, cosine.shape
    return {
        "the softmax runs over the queries: a query's attention may not depend on other queries. For each "
        f"query, {OVER_ALL}": logits.softmax(0),
        f"the softmax runs over the classes, for each shot apart: {OVER_ALL}": logits.softmax(1),
        f"the softmax runs over the shots, for each class apart: {OVER_ALL}": logits.softmax(2),
        "the softmax runs over everything, the queries included: each query has its own.":
            logits.flatten().softmax(0).reshape(cosine.shape),
        "classes and shots were mixed up by a `reshape`: it does not swap axes, `transpose` does.":
            _over_support(logits).transpose(1, 2).reshape(query, way, shot),
        "these are cosines: the softmax over the support set is missing.": cosine,
        "these are cosines over the temperature: the softmax over the support set is missing.": logits,
        "e to the cosine, not divided by the sum over the support set.": logits.exp(),
        "these are logarithms: attention sums to one.": _over_support(logits).log(),
        "cosines divided by their sum: the softmax takes e to their power first.":
            cosine / cosine.sum((1, 2), keepdim=True),
    }


@exercise("3.2 b", points=1)
def class_probs(answer: Attempt) -> Iterator[str]:
    """From attention to classes."""
    _add_up(answer, torch.tensor([[[0.2, 0.2, 0.2], [0.0, 0.4, 0.0]]]))
    yield "three shots with 0.2 each are worth more than one with 0.4: 0.6 against 0.4"
    rng = torch.Generator().manual_seed(4)
    for shape in ((7, 3, 4), (2, 6, 3), (4, 4, 4)):
        _add_up(answer, _over_support(torch.randn(shape, generator=rng)))
    yield "probabilities for other numbers of queries, classes and shots"
    against.slopes(answer, {"a": _over_support(torch.randn(2, 3, 4, generator=rng))})
    yield "the gradient reaches the attention"


def _add_up(answer: Attempt, a: Tensor) -> None:
    query, way, shot = a.shape
    came = expect.tensor(against.ask(answer, a), "the answer", shape=(query, way), axes="query, way", likely={
        "the sum runs over the classes: add up the shots of each class, the last axis.": (query, shot),
        "the sum runs over the queries.": (way, shot),
        "these are labels: return a probability for each class.": (query,),
        "`keepdim` keeps an axis of length 1, and no shot is left to count.": (query, way, 1)})
    against.match(came, a.sum(-1), "the probabilities are not right", {
        "the mean over the shots: these do not sum to one. Add them up.": a.mean(-1),
        "only the shot that the query looks at most counts: add them up.": a.amax(-1),
        "only the first shot counts.": a[..., 0],
        "these are logarithms: probabilities are wanted.": a.sum(-1).log(),
        "a second softmax: the sums are probabilities already.": a.sum(-1).softmax(-1),
        "a second softmax, over means: sums are probabilities already.": a.mean(-1).softmax(-1),
        "the sum runs over the classes: add up the shots of each class, the last axis.":
            a.sum(1) if way == shot else a,
    })
