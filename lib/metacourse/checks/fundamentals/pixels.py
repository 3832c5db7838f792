"""Exercise 1.4: nearest prototype on raw pixels."""
from collections.abc import Iterator

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.expect import true
from metacourse.episode import Examples

WAY, SHOT, QUERIES, ITEM = 3, 2, 24, (1, 2, 2)
SIGN = "the largest score should mean the nearest prototype: put a minus in front of the distance."


@exercise("1.4", points=2)
def nearest_prototype(answer: Attempt) -> Iterator[str]:
    """Nearest prototype on raw pixels."""
    _pencil(answer)
    yield "class 0 shows 0 and 2, class 1 shows 3 and 13: a query of 4 is nearer to 1 than to 8"
    support, x_query = _random(torch.float32)
    scores = _scores(answer, support, x_query)
    _same_choice(scores, support, x_query)
    yield f"{QUERIES} queries in random order, {WAY} classes: each goes to its nearest prototype"
    alone = torch.cat([_scores(answer, support, x[None]) for x in x_query])
    true(torch.equal(alone.argmax(1), scores.argmax(1)) and torch.allclose(alone, scores, rtol=1e-3,
                                                                           atol=1e-4),
         "a query should get the same scores alone as among others",
         came=f"query 0 alone {_row(alone)}, among others {_row(scores)}",
         likely="a mean, a softmax or a normalization runs over the queries: only the support set may tell about the classes.")
    yield "a query is judged alone: the other queries change nothing"
    support, x_query = _random(torch.uint8)
    _same_choice(_scores(answer, support, x_query), support, x_query, overflow=True)
    yield "the same for uint8 images"


def _pencil(answer: Attempt) -> None:
    support = Examples(torch.tensor([0.0, 2, 3, 13]).reshape(2, 2, 1, 1, 1), torch.tensor([[0, 0], [1, 1]]))
    came = answer(support, torch.tensor([4.0, 4.5, 1, 8]).reshape(4, 1, 1, 1))
    scores = expect.tensor(came, "the answer", shape=(4, 2), axes="query, way", likely={
        "these are labels: return a score for each class, the caller takes the largest.": (4,),
        "rows are queries, columns are classes: transpose.": (2, 4)}).double()
    first, tied = scores[0].tolist(), scores[1].tolist()
    true(not (scores[2:].argmax(1) == torch.tensor([1, 0])).all(),
         "an image equal to a prototype should choose it",
         came=f"the image 1 scores {_row(scores[2:])}", wanted="class 0, whose prototype is 1", likely=SIGN)
    true(first[0] > first[1], "the query 4 should choose class 0", came=f"scores {_row(scores)}: class 1",
         wanted="class 0: its prototype is (0 + 2) / 2 = 1, and |4 − 1| < |4 − (3 + 13) / 2|",
         likely="no mean is taken: the nearest single shot is 3, and so is the first shot of class 1.")
    true(abs(tied[0] - tied[1]) < 1e-4,
         "the query 4.5 is as far from 1 as from 8, and should score both alike",
         came=f"scores {_row(scores[1:])}")


def _random(dtype: torch.dtype) -> tuple[Examples, Tensor]:
    """Whole numbers 0 … 255, so that uint8 and float hold the same images."""
    rng = torch.Generator().manual_seed(4)
    x = torch.randint(256, (WAY, SHOT, *ITEM), generator=rng).to(dtype)
    return Examples(x, torch.arange(WAY)[:, None].expand(WAY, SHOT).clone()), torch.randint(256,
                                                                                            (QUERIES, *ITEM),
                                                                                            generator=rng).to(dtype)


def _scores(answer: Attempt, support: Examples, x_query: Tensor) -> Tensor:
    return expect.tensor(answer(support, x_query), "the answer", shape=(len(x_query), WAY), axes="query, way",
                         likely={
        "the mean runs over the classes: shots are axis 1.": (len(x_query), SHOT),
        "every support image has a score: take the mean over shots first.": (len(x_query), WAY * SHOT),
        "rows are queries, columns are classes: transpose.": (WAY, len(x_query))}).double()


def _same_choice(scores: Tensor, support: Examples, x_query: Tensor, overflow: bool = False) -> None:
    mistakes = mistaken_choices(support.x.flatten(2).double(), x_query.flatten(1).double())
    right, chosen = mistakes.pop("right"), scores.argmax(1)
    likely = next((mistake for mistake, wrong in mistakes.items() if torch.equal(chosen, wrong)), "")
    if overflow:
        likely = likely or "uint8 arithmetic: 3 − 5 is 254 there. Turn the images into floats first."
    wrong = (chosen != right).nonzero().flatten().tolist()
    true(not wrong, "some queries do not choose their nearest prototype",
         came=f"{len(wrong)} of {QUERIES} queries, the first is "
         f"query {wrong[0]}: class {chosen[wrong[0]]} instead of {right[wrong[0]]}" if wrong else "",
         likely=likely)


def mistaken_choices(z: Tensor, z_query: Tensor) -> dict[str, Tensor]:
    """What each likely mistake would choose for every query [query], and, under "right", the nearest prototype."""
    c, n = z.mean(1), len(z_query)
    distance = torch.cdist(z_query, c)
    singles = torch.cdist(z_query, z.flatten(0, 1)).reshape(n, WAY, SHOT)
    return {
        "right": distance.argmin(1),
        SIGN: distance.argmax(1),
        "no mean is taken: only the first shot of each class is used.": singles[..., 0].argmin(1),
        "no mean is taken: this is the nearest single shot.": singles.amin(2).argmin(1),
        "this is the cosine: the nearest prototype is wanted, by Euclidean distance.":
            torch.nn.functional.cosine_similarity(z_query[:, None], c, dim=-1).argmax(1),
        "this is the dot product: a bright prototype wins it from anywhere.": (z_query @ c.T).argmax(1),
        "absolute differences are added up: square them.": torch.cdist(z_query, c, p=1).argmin(1),
        "differences are added up with their sign: square them first.": -(z_query[:,
                                                                                  None] - c).sum(-1).argmin(1),
        "the answer follows the order of the queries: they come in any order.": torch.arange(n) * WAY // n,
        "the answer follows the order of the queries, by turns: they come in any order.": torch.arange(n) % WAY,
    }


def _row(scores: Tensor) -> list[float]:
    return [round(score, 3) for score in scores[0].tolist()]
