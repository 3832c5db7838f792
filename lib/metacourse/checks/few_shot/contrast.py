"""Exercise 3.3: pairs of pictures, and a loss that pulls and pushes them."""
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

WRONG_PAIRS = ("the margin is on the wrong pairs: pictures of the same class are pulled without end, and "
               "pictures of different classes are pushed until they are a margin apart.")
ROOT = ("the square root has an infinite slope at zero, and ∞ · 0 is NaN. `.norm(dim=-1)` knows what to do "
        "there; for pairs of the same class no root is needed.")


@exercise("3.3 a", points=1)
def all_pairs(answer: Attempt) -> Iterator[str]:
    """Pairs."""
    pairs = _pairs(answer, [2, 0, 2, 1])
    yield "4 pictures make 6 pairs: none with itself, none twice"
    _same(pairs, [2, 0, 2, 1])
    yield "labels 2, 0, 2, 1: only the first and the third picture are of the same class"
    y = [1, 0, 3, 1, 1, 0, 3]
    _same(_pairs(answer, y), y)
    yield "7 pictures in any order make 21 pairs, 5 of them of the same class"


def _pairs(answer: Attempt, y: list[int]) -> list[tuple[int, int, bool]]:
    came = against.ask(answer, torch.tensor(y))
    parts = expect.parts(came, ["first", "second", "same"], "the answer")
    first, second, same = map(_row, parts, ("first", "second", "same"))
    if same.dtype != torch.bool or first.is_floating_point() or second.is_floating_point():
        likely = "" if same.dtype == torch.bool else "compare labels with `==`, which gives True or False."
        raise CheckFailed("places should be whole numbers, and same should be True or False", likely=likely,
                          came=f"{first.dtype}, {second.dtype}, {same.dtype}")
    if not len(first) == len(second) == len(same):
        raise CheckFailed("the three parts should be equally long",
                          came=f"{len(first)}, {len(second)} and {len(same)}")
    pairs = list(zip(first.tolist(), second.tolist(), same.tolist()))
    _each_once([(i, j) for i, j, _ in pairs], y)
    return pairs


def _row(part: object, name: str) -> Tensor:
    part = torch.tensor(part) if isinstance(part, list | tuple) and _plain(part) else part
    if not isinstance(part, Tensor) or part.ndim != 1:
        raise CheckFailed(f"{name} should be a tensor [pair]", came=part)
    return part.detach().cpu()


def _plain(part: Sequence) -> bool:
    return bool(part) and all(isinstance(item, bool | int) for item in part)


def _each_once(pairs: list[tuple[int, int]], y: list[int]) -> None:
    n, kinds = len(y), {tuple(sorted(pair)) for pair in pairs}
    wanted = f"{n * (n - 1) // 2} pairs of {n} pictures"
    strange = [pair for pair in pairs if not all(0 <= i < n for i in pair)]
    if strange:
        raise CheckFailed("a pair names a picture that is not there", came=strange[0], wanted=f"0 to {n - 1}")
    if any(i == j for i, j in pairs):
        raise CheckFailed("a picture is paired with itself", came=f"{len(pairs)} pairs", wanted=wanted,
                          likely="such a pair has distance zero and teaches nothing: keep those with "
                                 "first < second.")
    if len(kinds) < len(pairs):
        raise CheckFailed("a pair comes twice", came=f"{len(pairs)} pairs", wanted=wanted,
                          likely="(0, 2) and (2, 0) are one pair: keep those with first < second.")
    if len(kinds) < n * (n - 1) // 2:
        raise CheckFailed("some pairs are missing", came=f"{len(pairs)} pairs", wanted=wanted,
                          likely=_which(kinds, y))


def _which(kinds: set[tuple[int, int]], y: list[int]) -> str:
    if all(y[i] == y[j] for i, j in kinds):
        return "only pairs of the same class are there: without the others, all pictures end in one point."
    if not any(y[i] == y[j] for i, j in kinds):
        return "only pairs of different classes are there: nothing pulls together what belongs together."
    if all(j - i == 1 for i, j in kinds):
        return "only neighbors are paired: every picture is to meet every other."
    return ""


def _same(pairs: list[tuple[int, int, bool]], y: list[int]) -> None:
    right, came = [y[i] == y[j] for i, j, _ in pairs], [same for *_, same in pairs]
    if came == right:
        return
    i, j, said = next(pair for pair, true in zip(pairs, right) if pair[2] != true)
    inverted = came == [not true for true in right]
    raise CheckFailed("`same` is not right", wanted=str(not said),
                      came=f"{said} for pictures {i} and {j}, with labels {y[i]} and {y[j]}",
                      likely="it is inverted: True marks pairs of the same class." if inverted else
                      "it is told from the places of the pictures, or from anything else but their labels: "
                      "pictures come in any order.")


@exercise("3.3 b", points=2)
def contrastive(answer: Attempt) -> Iterator[str]:
    """The contrastive loss."""
    def ask(far: list[float], same: list[bool], margin: float) -> object:
        z_b = torch.tensor([[0.6, 0.8]]) * torch.tensor(far)[:, None]
        return against.ask(answer, torch.zeros_like(z_b), z_b, torch.tensor(same), margin=margin)

    against.number(ask([5.0], [True], 2.0), 12.5, "the loss of a pair of the same class", _pulled(5.0, 2.0))
    yield "the same class, 5 apart: ½ · 5² = 12.5, whatever the margin"
    against.number(ask([0.5], [False], 2.0), 1.125, "the loss of a pair of different classes",
                   _pushed(0.5, 2.0))
    yield "different classes, 0.5 apart, margin 2: ½ · 1.5² = 1.125"
    against.number(ask([5.0], [False], 2.0), 0.0, "the loss of different classes beyond the margin",
                   _pushed(5.0, 2.0))
    yield "different classes, 5 apart, margin 2: nothing is left to push"
    three = ask([5.0, 0.5, 5.0], [True, False, False], 2.0)
    against.number(three, 13.625 / 3, "the loss of these three pairs", _together())
    yield "of several pairs it is the mean"
    _several(answer)
    yield "another margin, nine pairs, embeddings of four numbers"
    _coincide(answer)
    yield "two embeddings in the same place: the gradient is finite"


def _pulled(d: float, m: float) -> dict[str, float]:
    """What mistakes make of a pair of the same class."""
    return {
        WRONG_PAIRS: max(0.0, m - d) ** 2 / 2,
        "the margin is subtracted: pairs of the same class are pulled all the way, without a margin.":
            max(0.0, d - m) ** 2 / 2,
        "the distance is not squared.": d / 2, "the distance is not squared, and ½ is forgotten.": d,
        "½ is forgotten.": d**2, "squared twice.": d**4 / 2, "this is minus the loss.": -d**2 / 2}


def _pushed(d: float, m: float) -> dict[str, float]:
    """What mistakes make of a pair of different classes."""
    return {
        WRONG_PAIRS: d**2 / 2,
        "the hinge is missing: beyond the margin nothing is pushed, max(0, m − d).": (m - d) ** 2 / 2,
        "the squared distance is taken from the margin: m − d, and then the square.":
            max(0, m - d**2) ** 2 / 2,
        "the squares are subtracted, m² − d²: take (m − d)².": max(0, m**2 - d**2) / 2,
        "the hinge is not squared.": max(0.0, m - d) / 2,
        "the hinge is not squared, and ½ is forgotten.": max(0.0, m - d),
        "½ is forgotten.": max(0.0, m - d) ** 2,
        "they count for nothing: near pairs are pushed, max(0, m − d). Is the hinge turned around, or are "
        "pairs of different classes left out?": 0.0}


def _together() -> dict[str, float]:
    """What mistakes make of three pairs with losses 12.5, 1.125 and 0."""
    return {"the pairs are added up: take their mean.": 13.625,
            "a mean for each kind of pair: one mean over all pairs is wanted.": 12.5 + 1.125 / 2,
            "half of a mean for each kind of pair: one mean over all pairs is wanted.":
                (12.5 + 1.125 / 2) / 2,
            "only the first pair counts.": 12.5, "only the last pair counts.": 0.0,
            "pairs whose loss is zero are left out of the mean.": 13.625 / 2}


def _several(answer: Attempt) -> None:
    rng = torch.Generator().manual_seed(5)
    z_a, z_b = torch.randn(2, 9, 4, generator=rng)
    same = torch.tensor([True, False, False, True, False, True, False, False, False])
    d, margin = (z_a - z_b).norm(dim=-1), 3.5

    def loss(margin: float) -> float:
        return torch.where(same, d, (margin - d).clamp(min=0)).square().mean().item() / 2
    came = against.ask(answer, z_a, z_b, same, margin=margin)
    against.number(came, loss(margin), "the loss of nine pairs",
                   {"`margin` is not used: a margin of 2 is written in.": loss(2.0),
                    "`margin` is not used: a margin of 1 is written in.": loss(1.0)})
    if not isinstance(came, Tensor):
        raise CheckFailed("the loss should be a tensor that can be differentiated", came=came,
                          likely="`.item()` and `float()` cut the graph.")


def _coincide(answer: Attempt) -> None:
    z_a, z_b = torch.tensor([[1.0, 2.0], [0.0, 3.0]]), torch.tensor([[1.0, 2.0], [0.0, 3.0]])
    came = against.ask(answer, z_a.requires_grad_(), z_b, torch.tensor([True, False]), margin=1.0)
    z = answer.given[0]
    slope, = torch.autograd.grad(came, z, allow_unused=True) if came.requires_grad else (None,)
    if slope is None:
        raise CheckFailed("the loss does not depend on the embeddings any more",
                          likely="`.detach()`, `.item()` or `.data` cuts the graph.")
    if not slope.isfinite().all():
        raise CheckFailed("the gradient is not finite where two embeddings coincide", came=slope, likely=ROOT)
