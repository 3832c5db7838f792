"""Exercise 3.7 a ◇: the same or not? Two kinds of error at a threshold."""
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
INFINITY = float("inf")                                   # a tolerance: any number will do
NEAR = "pairs are accepted that are far apart: a pair is taken for the same where its distance is small."


@exercise("3.7 a", points=1, further=True)
def error_rates(answer: Attempt) -> Iterator[str]:
    """Two kinds of error."""
    _rates(answer, DISTANCE, SAME, 5.5)
    yield "same: 1, 2, 4, 9; different: 3, 5, 6, 7, 8, 10: at 5.5, false are 2/6 accepts and 1/4 rejects"
    _rates(answer, DISTANCE, SAME, 5.0)
    _rates(answer, DISTANCE, SAME, 4.0)
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
        "a same pair exactly at the threshold is accepted: it is rejected where its distance is larger, > "
        "and not ≥.": (false_accept, (~below)[same].float().mean().item()),
        "a pair exactly at the threshold is accepted: ≤, and not <.":
            (below[~same].float().mean().item(), (~below)[same].float().mean().item()),
    }


def _shown(values) -> str:
    return f"false_accept {values[0]:.3f}, false_reject {values[1]:.3f}"
