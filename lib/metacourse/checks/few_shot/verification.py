"""Exercise 3.7 ◇: the same or not? Two kinds of error, and the threshold at which they are equal."""
from collections.abc import Iterator

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

DISTANCE = torch.arange(1.0, 11.0)
SAME = torch.tensor([True, True, False, True, False, False, False, False, True, False])
GRID = "thresholds were tried from 0 to 1 only: distances may be larger. Try the distances themselves."
ONLY_ORDER = ("only the order of the distances may count. A fixed list of thresholds misses them: try the "
              "distances themselves.")
CHANGES = {"squared": torch.square, "in logarithms": torch.log, "a hundred times as large": lambda d: 100 * d}
INFINITY = float("inf")                                   # a tolerance: any number will do
NEAR = "pairs are accepted that are far apart: a pair is taken for the same where its distance is small."


@exercise("3.7 a", points=1, further=True)
def error_rates(answer: Attempt) -> Iterator[str]:
    """Two kinds of error."""
    _rates(answer, DISTANCE, SAME, 5.5)
    yield "same: 1, 2, 4, 9; different: 3, 5, 6, 7, 8, 10: at 5.5, false are 2/6 accepts and 1/4 rejects"
    _rates(answer, DISTANCE, SAME, 5.0)
    yield "a pair exactly at the threshold is accepted"
    _rates(answer, 100 * DISTANCE, SAME, 50.0)
    _rates(answer, DISTANCE, SAME, 12.0)
    yield "a threshold that accepts none, and one that accepts all"


def _rates(answer: Attempt, distance: Tensor, same: Tensor, threshold: float) -> None:
    came = against.ask(answer, distance, same, threshold=threshold)
    parts = expect.parts(came, ["false_accept", "false_reject"], "the answer")
    wanted, mistakes = rates(distance, same, threshold), wrong_rates(distance, same, threshold)
    values = [expect.number(part, right, name, tolerance=INFINITY) for part, right, name in
              zip(parts, wanted, ("false_accept", "false_reject"))]
    if not against.close(torch.tensor(values), torch.tensor(wanted)):
        named = [mistake for mistake, wrong in mistakes.items()
                 if against.close(torch.tensor(values), torch.tensor(wrong))]
        raise CheckFailed("the error rates are not right", wanted=_shown(wanted), likely="".join(named[:1]),
                          came=_shown(values))


def rates(distance: Tensor, same: Tensor, threshold: float) -> tuple[float, float]:
    """(false accept rate, false reject rate)."""
    accepted = distance <= threshold
    return accepted[~same].float().mean().item(), (~accepted)[same].float().mean().item()


def wrong_rates(distance: Tensor, same: Tensor, threshold: float) -> dict[str, tuple[float, float]]:
    """What mistakes make of the two."""
    accepted, n = distance <= threshold, len(distance)
    false_accepts, false_rejects = (accepted & ~same).sum().item(), (~accepted & same).sum().item()
    false_accept, false_reject = rates(distance, same, threshold)
    below = distance < threshold
    return {
        "the two are swapped: a false accept takes two classes for one.": (false_reject, false_accept),
        "both are divided by the number of all pairs: each rate is a share of its own kind of pair.":
            (false_accepts / n, false_rejects / n),
        "these are numbers of pairs: divide each by the number of pairs of its kind.":
            (float(false_accepts), float(false_rejects)),
        NEAR: (1 - false_accept, 1 - false_reject),
        "these are shares of what was accepted and of what was rejected: divide by the number of different "
        "pairs, and of same pairs.":
            (false_accepts / max(1, accepted.sum().item()), false_rejects / max(1, (~accepted).sum().item())),
        "the second is the share of right accepts: 1 minus it are the false rejects.":
            (false_accept, 1 - false_reject),
        "each is divided by the number of pairs of the other kind.":
            (false_accepts / same.sum().item(), false_rejects / (~same).sum().item()),
        "a pair exactly at the threshold is accepted: ≤, and not <.":
            (below[~same].float().mean().item(), (~below)[same].float().mean().item()),
    }


def _shown(values) -> str:
    return f"false_accept {values[0]:.3f}, false_reject {values[1]:.3f}"


@exercise("3.7 b", points=2, further=True)
def equal_error_rate(answer: Attempt) -> Iterator[str]:
    """The equal error rate."""
    distance = torch.tensor([4.0, 1, 9, 3, 10, 2, 7, 6])
    same = torch.tensor([False, True, False, True, True, True, False, False])
    against.number(against.ask(answer, distance, same), 0.25, "the equal error rate",
                   wrong_equal_error_rates(distance, same))
    yield "same: 1, 2, 3, 10; different: 4, 6, 7, 9: from 4 on, one in four of each kind is judged wrong"
    for what, change in CHANGES.items():
        came = against.ask(answer, change(distance), same)
        if abs(expect.number(came, 0.25, "the rate", tolerance=INFINITY) - 0.25) > 1e-4:
            raise CheckFailed(f"the rate should be the same for distances {what}", came=came, wanted="0.25",
                              likely=ONLY_ORDER)
    yield "only the order of the distances counts: their squares and logarithms give the same rate"
    apart, mixed = torch.tensor([5.0, 1, 6, 2, 7, 8]), torch.tensor([False, True, False, True, False, False])
    against.number(against.ask(answer, apart, mixed), 0.0, "the equal error rate of classes that lie apart",
                   {NEAR: 1.0})
    against.number(against.ask(answer, 9 - apart, mixed), 1.0, "the rate where same pairs are farther apart",
                   {"a rate above one half was turned around: report it as it is.": 0.0})
    yield "0 where a threshold separates two same and four different pairs, 1 where all is the wrong way"


def wrong_equal_error_rates(distance: Tensor, same: Tensor) -> dict[str, float]:
    """What mistakes make of it."""
    each = [(t, *rates(distance, same, t)) for t in distance.sort().values.tolist()]
    threshold, right, _ = min(each, key=lambda row: abs(row[1] - row[2]))
    wrong_pairs = [((distance <= t) != same).float().mean().item() for t, *_ in each]
    low = [(t, *rates(distance, same, t)) for t in (0.0, 0.25, 0.5, 0.75, 1.0)]
    grid = min(low, key=lambda row: abs(row[1] - row[2]))
    return {
        "this is the threshold: return the error rate at it.": threshold,
        "this is 1 minus it: the share that is judged right, or pairs were accepted that are far apart.":
            1 - right,
        "the smallest share of wrong pairs over all thresholds: the rate is wanted where both kinds of error "
        "are equally frequent.": min(wrong_pairs),
        "both rates are added up: at this threshold they are equal, and each of them is the answer.":
            2 * right,
        GRID: (grid[1] + grid[2]) / 2, f"{GRID} (These are false accepts.)": grid[1],
        f"{GRID} (These are false rejects.)": grid[2],
    }
