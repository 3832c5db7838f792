"""Exercise 3.3 b: a loss that pulls and pushes pairs."""
from collections.abc import Iterator

import torch

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

WRONG_PAIRS = ("the margin is on the wrong pairs: pictures of the same class are pulled without end, and "
               "pictures of different classes are pushed until they are a margin apart.")
ROOT = ("the square root has an infinite slope at zero, and ∞ · 0 is NaN. `.norm(dim=-1)` knows what to do "
        "there; for pairs of the same class no root is needed.")


@exercise("3.3 b", points=2)
def contrastive(answer: Attempt) -> Iterator[str]:
    """The contrastive loss."""
    def ask(far: list[float], same: list[bool], margin: float) -> object:
        z_b = torch.tensor([[0.6, 0.8]]) * torch.tensor(far)[:, None]
        return against.ask(answer, torch.zeros_like(z_b), z_b, torch.tensor(same), margin=margin)

    against.number(ask([5.0], [True], 2.0), 12.5, "the loss of a pair of the same class", _pulled(5.0, 2.0))
    yield "the same class, 5 apart: ½ · 5² = 12.5, whatever the margin"
    against.number(ask([0.3], [False], 2.0), 1.445, "the loss of a pair of different classes",
                   _pushed(0.3, 2.0))
    yield "different classes, 0.3 apart, margin 2: ½ · 1.7² = 1.445"
    against.number(ask([5.0], [False], 2.0), 0.0, "the loss of different classes beyond the margin",
                   _pushed(5.0, 2.0))
    yield "different classes, 5 apart, margin 2: nothing is left to push"
    three = ask([5.0, 0.3, 5.0], [True, False, False], 2.0)
    against.number(three, 13.945 / 3, "the loss of these three pairs", _together())
    yield "of several pairs it is the mean"
    _several(answer)
    yield "another margin, nine pairs, embeddings of four numbers"
    _coincide(answer)
    yield "the gradient reaches both embeddings, and is finite where two are in the same place"


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
        "`margin` is not used: a margin of 1 is written in.": max(0.0, 1 - d) ** 2 / 2,
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
    """What mistakes make of three pairs with losses 12.5, 1.445 and 0."""
    return {"the pairs are added up: take their mean.": 13.945,
            "a mean for each kind of pair: one mean over all pairs is wanted.": 12.5 + 1.445 / 2,
            "half of a mean for each kind of pair: one mean over all pairs is wanted.":
                (12.5 + 1.445 / 2) / 2,
            "only the first pair counts.": 12.5, "only the last pair counts.": 0.0,
            "pairs whose loss is zero are left out of the mean.": 13.945 / 2}


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


def _coincide(answer: Attempt) -> None:
    z, same = torch.tensor([[1.0, 2.0], [0.0, 3.0]]), torch.tensor([True, False])
    for slope in against.slopes(answer, {"z_a": z, "z_b": z, "same": same}, margin=1.0):
        if not slope.isfinite().all():
            raise CheckFailed("the gradient is not finite where two embeddings coincide", came=slope,
                              likely=ROOT)
