"""Verification: do two pictures show the same class? A yes when their distance is at most a threshold.

Identification asks which of N classes; verification has one question and two kinds of error. A *false
accept* says yes to different classes, a *false reject* no to one class. The threshold trades one for the
other; the ROC curve is that trade. Koch et al. (2015) train Siamese networks for verification, and then
classify with them.

Differs from the paper: nothing; the curve is exact, with a point for every distance that occurs.
"""
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor


class Curve(NamedTuple):
    """Shares of pairs that are accepted: of different classes, and of the same, by growing threshold."""

    false_accept: Float[Tensor, " threshold"]
    true_accept: Float[Tensor, " threshold"]
    thresholds: Float[Tensor, " threshold"]


class AtThreshold(NamedTuple):
    """A value and the threshold on the distance that gives it."""

    value: float
    threshold: float


def roc(distance: Float[Tensor, " pair"], same: Bool[Tensor, " pair"]) -> Curve:
    """The ROC curve, from "never yes" (threshold −∞) to "always yes". Equal distances are one point of it.

    Raises ValueError without a pair of each kind, and for a distance that is not a number.
    """
    if not (same.any() and (~same).any()):
        raise ValueError(f"{int(same.sum())} of {len(same)} pairs are of the same class; wanted both kinds "
                         "of pairs: without one of them there is nothing to tell apart")
    if distance.isnan().any():
        raise ValueError(f"{int(distance.isnan().sum())} of {len(distance)} distances are not a number; look "
                         "at the embedding, or at its loss")
    ordered, order = distance.double().sort()
    true, false = same[order].double().cumsum(0), (~same[order]).double().cumsum(0)
    last = torch.cat([ordered[1:] > ordered[:-1], torch.ones_like(same[:1])])            # of its equals
    start, never = ordered.new_zeros(1), ordered.new_full((1,), -torch.inf)
    return Curve(torch.cat([start, false[last] / false[-1]]), torch.cat([start, true[last] / true[-1]]),
                 torch.cat([never, ordered[last]]))


def area(distance: Float[Tensor, " pair"], same: Bool[Tensor, " pair"]) -> float:
    """Area under the ROC curve: how often a same pair is nearer than a different one (ties count half)."""
    false, true, _ = roc(distance, same)
    return torch.trapezoid(true, false).item()


def equal_error_rate(distance: Float[Tensor, " pair"], same: Bool[Tensor, " pair"]) -> AtThreshold:
    """Where both errors are equally frequent: 0 is perfect, ½ is guessing.

    Between two points of the curve it is read off the straight line that joins them; the threshold is that
    of the nearer point.
    """
    false, true, thresholds = roc(distance, same)
    gap = false - (1 - true)                           # false accepts less false rejects: from −1 up to 1
    right = int((gap >= 0).nonzero()[0])
    left = right - 1
    share = (-gap[left] / (gap[right] - gap[left])).item()
    value = false[left] + share * (false[right] - false[left])
    nearer = right if share >= 0.5 or left == 0 else left
    return AtThreshold(value.item(), thresholds[nearer].item())


def best_f1(distance: Float[Tensor, " pair"], same: Bool[Tensor, " pair"]) -> AtThreshold:
    """The largest F1 of any threshold, 2·TP / (2·TP + FP + FN), where "same" is the positive answer.

    It depends on how many pairs of each kind there are, unlike the ROC curve.
    """
    false, true, thresholds = roc(distance, same)
    positives, negatives = same.sum(), (~same).sum()
    found, wrong = true * positives, false * negatives                       # TP, FP; FN = positives − TP
    f1 = 2 * found / (found + wrong + positives)
    best = int(f1.argmax())
    return AtThreshold(f1[best].item(), thresholds[best].item())


def f1(distance: Float[Tensor, " pair"], same: Bool[Tensor, " pair"], *, threshold: float) -> float:
    """F1 at a threshold that was chosen elsewhere, on validation pairs: the honest way to report it."""
    yes = distance <= threshold
    found, wrong, missed = ((yes & same).sum(), (yes & ~same).sum(), (~yes & same).sum())
    return (2 * found / (2 * found + wrong + missed).clamp(min=1)).item()


def pairs(z: Float[Tensor, "class drawing dim"], *, number: int,
          rng: torch.Generator) -> tuple[Float[Tensor, " pair"], Bool[Tensor, " pair"]]:
    """Squared distances of `number` random pairs, half of one class and half of two, and which is which."""
    classes, drawings, _ = z.shape
    if classes < 2 or drawings < 2:
        raise ValueError(f"{classes} classes with {drawings} drawings; wanted 2 of each, for both kinds")
    same = torch.arange(number) < number // 2
    first = torch.randint(classes, (number,), generator=rng)
    other = (first + torch.randint(1, classes, (number,), generator=rng)) % classes
    left = torch.randint(drawings, (number,), generator=rng)
    right = (left + torch.randint(1, drawings, (number,), generator=rng)) % drawings    # another picture
    distance = (z[first, left] - z[torch.where(same, first, other), right]).square().sum(-1)
    return distance, same.to(z.device)
