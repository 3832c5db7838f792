"""Exercise 1.4: nearest prototype on raw pixels."""
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.report import CheckFailed, show
from metacourse.episode import Examples

WAY, SHOT, QUERIES = 3, 2, 24
PENCIL = "class 0 shows images of one pixel, 0 and 2; class 1 shows 3 and 13; the queries are 4, 4.5, 1, 8"
SIGN = "the largest score should mean the nearest prototype: put a minus in front of the distance."
ORDER = "the answer follows the order of the queries, and they may come in any order."
LEAK = "a mean, a softmax or a normalization runs over the queries: only the support set may tell of classes."
OVERFLOW = "uint8 arithmetic, where 3 − 5 is 254: turn the images into floats first."


@exercise("1.4", points=2)
def nearest_prototype(answer: Attempt) -> Iterator[str]:
    """Nearest prototype on raw pixels."""
    pencil = _pencil_scores(answer)
    yield "a score for each query and class"
    support, x_query = _images(torch.float32)
    right, mistakes = choices(support.x.flatten(2), x_query.flatten(1))
    scores = _scores(answer, support, x_query)
    _named_mistake(scores, right, mistakes)
    _alone_as_together(answer, support, x_query, scores)
    yield "a query is judged alone: the other queries change nothing"
    _pencil(pencil)
    yield "class 0 shows 0 and 2, class 1 shows 3 and 13: a query of 4 is nearer to 1 than to 8"
    _right(scores, right)
    yield f"{QUERIES} queries in random order, {WAY} classes: each chooses its nearest prototype"
    scores = _scores(answer, *_images(torch.uint8))
    _named_mistake(scores, right, mistakes)
    _right(scores, right, likely=OVERFLOW)
    yield "the same for uint8 images"


def _pencil_scores(answer: Attempt) -> Tensor:
    support = Examples(torch.tensor([0.0, 2, 3, 13]).reshape(2, 2, 1, 1, 1), torch.tensor([[0, 0], [1, 1]]))
    came = answer(support, torch.tensor([4.0, 4.5, 1, 8]).reshape(4, 1, 1, 1))
    return expect.tensor(came, "the answer", shape=(4, 2), axes="query, way", likely={
        "these are labels: return a score for each class, and let the caller take the largest.": (4,),
        "the answer has a row for each query and a column for each class: transpose.": (2, 4)}).double()


def _pencil(scores: Tensor) -> None:
    if scores[2:].argmax(1).tolist() == [1, 0]:
        raise CheckFailed("an image equal to a prototype should choose it", given=PENCIL, came=scores[2],
                          wanted="for the image 1, class 0 first: its prototype is 1", likely=SIGN)
    if scores[0, 0] <= scores[0, 1]:
        raise CheckFailed("the query 4 should choose class 0", given=PENCIL, came=scores[0],
                          wanted="class 0 first: |4 − (0 + 2) / 2| = 3, |4 − (3 + 13) / 2| = 4",
                          likely="no mean is taken: of the single images, 3 of class 1 is the nearest.")
    if not torch.isclose(scores[1, 0], scores[1, 1]):
        raise CheckFailed("the query 4.5 should score both classes alike", given=PENCIL,
                          came=scores[1], wanted="equal scores: the prototypes 1 and 8 are equally far")


def _images(dtype: torch.dtype) -> tuple[Examples, Tensor]:
    """Whole numbers from 0 to 255, so that uint8 and float hold the same images."""
    rng = torch.Generator().manual_seed(20)
    x = torch.randint(256, (WAY, SHOT, 1, 2, 2), generator=rng).to(dtype)
    x_query = torch.randint(256, (QUERIES, 1, 2, 2), generator=rng).to(dtype)
    return Examples(x, torch.arange(WAY)[:, None].repeat(1, SHOT)), x_query


def _scores(answer: Attempt, support: Examples, x_query: Tensor) -> Tensor:
    shape = (len(x_query), WAY)
    return expect.tensor(answer(support, x_query), "the answer", shape=shape, axes="query, way", likely={
        "the mean runs over the classes: shots are axis 1.": (len(x_query), SHOT),
        "every support image has a score: take the mean over shots first.": (len(x_query), WAY * SHOT),
        "the answer has a row for each query and a column for each class: transpose.": shape[::-1]}).double()


def choices(z: Tensor, z_query: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The nearest prototype of every query [query], and what each likely mistake would choose instead."""
    c, n = z.mean(1), len(z_query)
    distance = torch.cdist(z_query, c)                                       # [query, way]
    singles = torch.cdist(z_query, z.transpose(0, 1))                        # [shot, query, way]
    return distance.argmin(1), {
        SIGN: distance.argmax(1),
        "no mean is taken: only the first shot of each class counts.": singles[0].argmin(1),
        "no mean is taken: the nearest single image wins.": singles.amin(0).argmin(1),
        "this is the cosine: Euclidean distance is wanted.":
            F.cosine_similarity(z_query[:, None], c, dim=-1).argmax(1),
        "this is the dot product: with it a bright prototype wins everywhere.": (z_query @ c.T).argmax(1),
        "absolute differences are added up: square them.": torch.cdist(z_query, c, p=1).argmin(1),
        "differences are added up with their sign: square them first.":
            (z_query[:, None] - c).sum(-1).argmin(1),
        ORDER: torch.arange(n) * WAY // n,
        ORDER + " (By turns, here.)": torch.arange(n) % WAY,
    }


def _named_mistake(scores: Tensor, right: Tensor, mistakes: dict[str, Tensor]) -> None:
    for mistake, wrong in mistakes.items():
        if torch.equal(scores.argmax(1), wrong):
            _right(scores, right, likely=mistake)


def _right(scores: Tensor, right: Tensor, likely: str = "") -> None:
    wrong = (scores.argmax(1) != right).nonzero().flatten().tolist()
    if wrong:
        i = wrong[0]
        raise CheckFailed("some queries do not choose their nearest prototype", likely=likely,
                          came=f"{len(wrong)} of {QUERIES} queries; query {i} scores {show(scores[i])}",
                          wanted=f"for query {i}, class {right[i]} first")


def _alone_as_together(answer: Attempt, support: Examples, x_query: Tensor, together: Tensor) -> None:
    alone = torch.cat([_scores(answer, support, x[None]) for x in x_query])
    if not torch.allclose(alone, together, rtol=1e-3, atol=1e-4):
        i = (alone - together).abs().sum(1).argmax().item()
        raise CheckFailed("a query should score the same alone as among others", likely=LEAK,
                          came=f"query {i} scores {show(alone[i])} alone, {show(together[i])} among others")
