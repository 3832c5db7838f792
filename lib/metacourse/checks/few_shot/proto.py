"""Exercise 3.1: class means, and the probabilities that squared distances to them give."""
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

ORDER = "the answer follows the order of the queries, and they may come in any order."
UNSQUARED = ("the distance is not squared. The nearest prototype stays the nearest, so no accuracy tells: "
             "look at the probabilities.")


@exercise("3.1 a", points=1)
def prototypes(answer: Attempt) -> Iterator[str]:
    """Prototypes."""
    _means(answer, torch.tensor([[[0.0], [2], [3], [7]], [[5.0], [5], [6], [8]]]))
    yield "shots at 0, 2, 3 and 7 give the prototype 3; shots at 5, 5, 6 and 8 give 6"
    rng = torch.Generator().manual_seed(1)
    for shape in ((6, 2, 3), (3, 1, 4), (4, 4, 2)):
        _means(answer, torch.randn(shape, generator=rng))
    yield "right for other numbers of classes and shots; one shot is its own prototype"
    against.slopes(answer, {"z_support": torch.randn(3, 2, 4, generator=rng)})
    yield "the gradient reaches every embedding: a network can be trained through it"


def _means(answer: Attempt, z: Tensor) -> None:
    way, shot, dim = z.shape
    came = expect.tensor(against.ask(answer, z), "the answer", shape=(way, dim), axes="way, dim", likely={
        "the mean runs over the classes: shots are axis 1.": (shot, dim),
        "the mean runs over the numbers of an embedding: shots are axis 1.": (way, shot),
        "the mean runs over everything but the numbers of an embedding: each class has its own.": (dim,),
        "`keepdim` keeps an axis of length 1, and no shot is left to count.": (way, 1, dim)})
    against.match(came, z.mean(1), "the prototypes are not right", {
        "the mean runs over the classes: shots are axis 1.": z.mean(0),
        "the sum is not divided: a prototype is a mean.": z.sum(1),
        "the sum is divided by one less than there are shots: that is for variances.": z.sum(1) / (shot - 1),
        "the sum is divided by the number of classes.": z.sum(1) / way,
        "this is the median.": z.median(1).values,
        "only the first shot counts.": z[:, 0],
        "one mean over all classes: each class has its own.": z.mean((0, 1)).expand(way, dim),
        "the prototype is brought to length 1: the mean is wanted as it is.": F.normalize(z.mean(1), dim=-1),
    }, row="class")


@exercise("3.1 b", points=2)
def log_probs(answer: Attempt) -> Iterator[str]:
    """Log-probabilities."""
    _right(answer, torch.tensor([[1.0, 1.0, 0.0]]),
           torch.tensor([[1.6, 1.8, 0.0], [1.0, 3.0, 0.0], [4.0, 1.0, 0.0]]))
    yield "prototypes at distance 1, 2 and 3: p is e⁻¹, e⁻⁴ and e⁻⁹ over their sum, 0.952, 0.047 and 0.0003"
    rng = torch.Generator().manual_seed(2)
    for query, way, dim in ((7, 4, 3), (3, 6, 2), (4, 4, 5)):
        z, c = torch.randn(query, dim, generator=rng), torch.randn(way, dim, generator=rng)
        _right(answer, z, c)
        yield f"{query} queries, {way} classes, embeddings of {dim} numbers: right for each pair"
    far(answer)
    yield "far from every prototype, the logarithms stay finite"
    against.slopes(answer, {"z_query": z, "c": c})
    yield "the gradient reaches queries and prototypes"


def _right(answer: Attempt, z: Tensor, c: Tensor) -> None:
    query, way = len(z), len(c)
    shape = (query, way)
    came = expect.tensor(against.ask(answer, z, c), "the answer", shape=shape, axes="query, way", likely={
        "a row for each query and a column for each class: transpose.": (way, query),
        "these are labels: return a number for each class, and let the caller take the largest.": (query,),
        against.NO_ROOM: (way,),
        "squared differences are still apart: add them up over the last axis.": (query, way, z.shape[1]),
        against.WRITTEN_IN: (query, 5)})
    against.match(came, (-_squared(z, c)).log_softmax(1), "the log-probabilities are not right",
                  wrong_log_probs(z, c) | _from_the_order(came))


def _squared(z: Tensor, c: Tensor) -> Tensor:
    return (z[:, None] - c).square().sum(-1)


def wrong_log_probs(z: Tensor, c: Tensor) -> dict[str, Tensor]:
    """What each likely mistake makes of queries z [query, dim] and prototypes c [way, dim]."""
    d, difference = _squared(z, c), z[:, None] - c
    each = {
        UNSQUARED: -d.sqrt(),
        "the sign: the nearest prototype should have the largest probability. Put a minus in front.": d,
        "the sign, and the distance is not squared.": d.sqrt(),
        "the mean over the numbers of an embedding, where their sum is wanted.": -d / z.shape[1],
        "half of the squared distance: there is no ½ in the equation.": -d / 2,
        "squared twice: `cdist` squared is enough, and so are differences squared.": -d.square(),
        "absolute differences are added up: square them.": -difference.abs().sum(-1),
        "differences are added up first and squared then: the other way round.": -difference.sum(-1).square(),
        "this is the dot product.": z @ c.T,
        "this is the cosine: squared Euclidean distance is wanted.":
            F.cosine_similarity(z[:, None], c, dim=-1),
    }
    return {mistake: logits.log_softmax(1) for mistake, logits in each.items()} | {
        "the softmax runs over the queries: it belongs to the classes, the last axis.": (-d).log_softmax(0),
        "the softmax runs over queries and classes together: each query has its own.":
            (-d).flatten().log_softmax(0).reshape(d.shape),
        "these are probabilities: their logarithms are wanted, `log_softmax`.": (-d).softmax(1),
        "these are probabilities, of distances that are not squared. Square them, and take `log_softmax`.":
            (-d.sqrt()).softmax(1),
        "these are negative squared distances. `log_softmax` makes log-probabilities of them.": -d,
        "these are squared distances: a minus, and `log_softmax` over the classes.": d,
    }


def _from_the_order(came: Tensor) -> dict[str, Tensor]:
    """Where the largest column just follows the rows, the answer itself is the mistake."""
    n, way = came.shape
    orders = (torch.arange(n) * way // n, torch.arange(n) % way)
    told = n > 2 and any(torch.equal(came.argmax(1), order) for order in orders)
    return {ORDER: came} if told else {}


def far(answer: Attempt, **temperature: float) -> None:
    """One query so far from both prototypes that e to minus the squared distance is zero."""
    z, c = torch.tensor([[0.0, 0.0]]), torch.tensor([[20.0, 0.0], [0.0, 30.0]])
    came = expect.tensor(against.ask(answer, z, c, **temperature), "the answer", shape=(1, 2),
                         axes="query, way")
    if not against.close(came, torch.tensor([[0.0, -500.0]])):
        raise CheckFailed("the log-probabilities of a far query are not right", came=came,
                          wanted="(0, −500): the squared distances are 400 and 900",
                          likely="e⁻⁴⁰⁰ is zero in single precision, and its logarithm is lost: "
                                 "`log_softmax` never leaves the logarithms.")
