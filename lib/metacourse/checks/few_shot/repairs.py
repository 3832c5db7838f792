"""Exercise 3.4, repairs 1 and 2: the program of exercise 3.4 without its bugs."""
from collections.abc import Iterator

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.few_shot.proto import ORDER, UNSQUARED, far
from metacourse.checks.report import CheckFailed

WAY, SHOT, DIM, QUERIES = 3, 2, 4, 24
LEAK = ("row k of the queries is taken to be class k: true in the sampler's order, which nobody else's "
        "queries have. A prototype is made of support pictures only.")


@exercise("3.4 (1)", points=2)
def soft_log_probs(answer: Attempt) -> Iterator[str]:
    """Squared distance, temperature."""
    z, c = torch.tensor([[1.0, 1.0]]), torch.tensor([[1.6, 1.8], [1.0, 3.0], [4.0, 1.0]])
    _right(answer, z, c, 1.0)
    yield "prototypes at distance 1, 2 and 3: p is e⁻¹, e⁻⁴ and e⁻⁹ over their sum"
    for temperature, word in ((3.0, "softer"), (0.5, "sharper")):
        _right(answer, z, c, temperature)
        yield f"temperature {temperature:g} divides the squared distances: {word}"
    rng = torch.Generator().manual_seed(6)
    z, c = torch.randn(7, 3, generator=rng), torch.randn(4, 3, generator=rng)
    _right(answer, z, c, 2.0)
    yield "right for 7 queries and 4 classes"
    far(answer, temperature=1.0)
    yield "far from every prototype, the logarithms stay finite"
    against.slopes(answer, {"z_query": z, "c": c}, temperature=2.0)
    yield "the gradient reaches queries and prototypes"


def _right(answer: Attempt, z: Tensor, c: Tensor, temperature: float) -> None:
    came = expect.tensor(against.ask(answer, z, c, temperature=temperature), "the answer",
                         shape=(len(z), len(c)), axes="query, way", likely={
        "a row for each query and a column for each class: transpose.": (len(c), len(z)),
        against.NO_ROOM: (len(c),),
        "squared differences are still apart: add them up over the last axis.": (len(z), *c.shape)})
    distance = (z[:, None] - c).square().sum(-1)
    against.match(came, (-distance / temperature).log_softmax(1), "the log-probabilities are not right",
                  wrong_soft_log_probs(distance, temperature))


def wrong_soft_log_probs(distance: Tensor, temperature: float) -> dict[str, Tensor]:
    """What mistakes make of squared distances [query, way] at a temperature."""
    each = {
        UNSQUARED: -distance.sqrt() / temperature,
        against.MULTIPLIED: -distance * temperature,
        "nothing is changed: the distance is not squared, and the temperature multiplies.":
            -distance.sqrt() * temperature,
        "the temperature is squared, too: divide the squared distance by it.": -distance / temperature**2,
        "the temperature is under the root: divide the squared distance by it.":
            -(distance / temperature).sqrt(),
        "the temperature is not used.": -distance,
        "the sign: a minus in front of the distance.": distance / temperature,
    }
    return {mistake: logits.log_softmax(1) for mistake, logits in each.items()} | {
        "the temperature divides log-probabilities: these do not sum to one any more. Divide the distances.":
            (-distance).log_softmax(1) / temperature,
        "the softmax runs over the queries: it belongs to the classes.":
            (-distance / temperature).log_softmax(0),
        "these are probabilities: their logarithms are wanted.": (-distance / temperature).softmax(1),
        "`log_softmax` is missing.": -distance / temperature,
    }


@exercise("3.4 (2)", points=1)
def classify_alone(answer: Attempt) -> Iterator[str]:
    """Each query by itself."""
    z_support, z_query = _episode()
    shuffled = z_query[torch.randperm(len(z_query), generator=torch.Generator().manual_seed(8))]
    right, mistakes = choices(z_support, z_query)
    came = _labels(answer, z_support, z_query)
    _as_wanted(came, right, mistakes)
    yield f"{QUERIES} queries, {WAY} classes: each gets the class of its nearest prototype"
    _as_wanted(_labels(answer, z_support, shuffled), *choices(z_support, shuffled))
    yield "shuffled, each keeps its class"
    alone = torch.cat([_labels(answer, z_support, z[None]) for z in z_query])
    if not torch.equal(alone, right):
        raise CheckFailed("a query should get the same class alone as among others",
                          came=f"{int((alone != right).sum())} of {QUERIES} change", likely=LEAK)
    yield "alone, too"


def _episode() -> tuple[Tensor, Tensor]:
    """Queries in class order, as the sampler gives them; some lie nearer to another class."""
    rng = torch.Generator().manual_seed(16)
    middle = torch.randn(WAY, 1, DIM, generator=rng)
    z_support = middle + torch.randn(WAY, SHOT, DIM, generator=rng)
    z_query = middle + torch.randn(WAY, QUERIES // WAY, DIM, generator=rng)
    return z_support, z_query.flatten(0, 1)


def choices(z_support: Tensor, z_query: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The class of every query, and what mistakes would choose instead."""
    c, n = z_support.mean(1), len(z_query)
    rows = z_query.reshape(WAY, -1, DIM)

    def nearest(c: Tensor) -> Tensor:
        return torch.cdist(z_query, c).argmin(1)
    return nearest(c), {
        LEAK: nearest(torch.cat([z_support, rows], 1).mean(1)),
        LEAK + " (Here the queries alone make the prototypes.)": nearest(rows.mean(1)),
        ORDER: torch.arange(n) * WAY // n,
        "the farthest prototype wins: the sign.": torch.cdist(z_query, c).argmax(1),
        "only the first shot counts: take the mean.": nearest(z_support[:, 0]),
    }


def _labels(answer: Attempt, z_support: Tensor, z_query: Tensor) -> Tensor:
    try:
        came = against.ask(answer, z_support, z_query)
    except CheckFailed as failure:
        if len(z_query) == 1 and "raised an exception" in failure.what:
            failure.what, failure.likely = "a single query should do", LEAK
        raise
    return expect.tensor(came, "the answer", shape=(len(z_query),), axes="query", likely={
        "these are scores: the class is the one with the largest, `argmax(-1)`.": (len(z_query), WAY)})


def _as_wanted(came: Tensor, right: Tensor, mistakes: dict[str, Tensor]) -> None:
    wrong = (came != right).nonzero().flatten().tolist()
    if wrong:
        named = [mistake for mistake, other in mistakes.items() if torch.equal(came, other)]
        raise CheckFailed("some queries do not get the class of the nearest prototype",
                          came=f"{len(wrong)} of {QUERIES} queries; query {wrong[0]} gets {came[wrong[0]]}",
                          wanted=f"for query {wrong[0]}, class {right[wrong[0]]}", likely="".join(named[:1]))
