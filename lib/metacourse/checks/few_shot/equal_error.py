"""Exercise 3.7 b ◇: the rate at the threshold where both kinds of error are equally frequent."""
from collections.abc import Iterator

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.few_shot.verification import INFINITY, NEAR, rates
from metacourse.checks.report import CheckFailed

SMALLEST = ("this is at the smallest distance. Does the difference of the rates have a sign? Take `abs`. Or "
            "were thresholds tried from 0 to 1 only? Distances may be larger: try the distances themselves.")
ONLY_ORDER = ("only the order of the distances may count. A list of thresholds at equal steps misses them: "
              "try the distances themselves.")
CHANGES = {"squared": torch.square, "in logarithms": torch.log, "a hundred times as large": lambda d: 100 * d}
FAR_AWAY = 1e6

Row = tuple[float, float, float]                          # threshold, false accept rate, false reject rate


@exercise("3.7 b", points=2, further=True)
def equal_error_rate(answer: Attempt) -> Iterator[str]:
    """The equal error rate."""
    distance = torch.tensor([4.0, 1, 9, 3, 12, 8, 2, 7, 6, 11, 5, 10])
    same = (distance <= 3) | (distance == 12)
    _rate(answer, distance, same, 0.25)
    yield "same: 1, 2, 3, 12; different: 4 to 11: at 5, one in four of each kind is judged wrong"
    _rate(answer, *unequal(), 7 / 24)
    yield "same: 1, 2, 5; different: 3, 4, 6, 7: never equal, nearest at 3, and (1/4 + 1/3) / 2 there"
    for what, change in CHANGES.items():
        came = against.ask(answer, change(distance), same)
        if abs(expect.number(came, 0.25, "the rate", tolerance=INFINITY) - 0.25) > 1e-4:
            raise CheckFailed(f"the rate should be the same for distances {what}", came=came, wanted="0.25",
                              likely=ONLY_ORDER)
    yield "only the order of the distances counts: their squares and logarithms give the same rate"
    _rate(answer, *clusters(), 0.25, otherwise=ONLY_ORDER)
    yield "six different pairs a million away: the rates still meet among those from 1 to 6"
    apart, mixed = torch.tensor([5.0, 1, 6, 2, 7, 8]), torch.tensor([False, True, False, True, False, False])
    against.number(against.ask(answer, apart, mixed), 0.0, "the equal error rate of classes that lie apart",
                   {NEAR: 1.0})
    against.number(against.ask(answer, 9 - apart, mixed), 1.0, "the rate where same pairs are farther apart",
                   {"a rate above one half was turned around: report it as it is.": 0.0})
    yield "0 where a threshold separates two same and four different pairs, 1 where all is the wrong way"


def unequal() -> tuple[Tensor, Tensor]:
    """Three same and four different pairs: no threshold makes both rates equal, and one comes nearest."""
    return (torch.tensor([5.0, 3, 1, 7, 2, 4, 6]),
            torch.tensor([True, False, True, False, True, False, False]))


def clusters() -> tuple[Tensor, Tensor]:
    """The rates meet among near pairs; six others are so far away that a grid steps over them."""
    distance = torch.cat([torch.tensor([4.0, 2, 1, 6, 3, 5]), FAR_AWAY + torch.arange(6)])
    return distance, torch.tensor([True, False, True, True, False, True] + 6 * [False])


def _rate(answer: Attempt, distance: Tensor, same: Tensor, wanted: float, otherwise: str = "") -> None:
    try:
        against.number(against.ask(answer, distance, same), wanted, "the equal error rate",
                       wrong_equal_error_rates(distance, same))
    except CheckFailed as failure:
        failure.likely = failure.likely or otherwise
        raise


def wrong_equal_error_rates(distance: Tensor, same: Tensor) -> dict[str, float]:
    """What mistakes make of it."""
    each = distance.sort().values
    table = _table(each, distance, same)
    threshold, accepts, rejects = _nearest(table)
    first = next(row for row in table if row[1] >= row[2])
    return {
        "both rates are added up: take their mean.": accepts + rejects,
        "these are the false accepts: where the two differ, take their mean.": accepts,
        "these are the false rejects: where the two differ, take their mean. (Or this was read off a line "
        "between two thresholds: take the better one.)": rejects,
        "no threshold makes the rates equal here: take the one at which they differ least, and the mean of "
        "the two.": 0.5,
        "the first threshold at which false accepts are not fewer: at another, the two differ less.":
            _mean(first),
        "only the distances of same pairs were tried as thresholds: try those of all pairs.":
            _mean(_nearest(_table(each[same[distance.argsort()]], distance, same))),
        "only the distances of different pairs were tried as thresholds: try those of all pairs.":
            _mean(_nearest(_table(each[~same[distance.argsort()]], distance, same))),
        "this is the threshold: return the error rate at it.": threshold,
        "this is 1 minus it: the share that is judged right, or pairs were accepted that are far apart.":
            1 - (accepts + rejects) / 2,
        "the smallest share of wrong pairs over all thresholds: the rate is wanted where both kinds of error "
        "are equally frequent.": min(((distance <= t) != same).float().mean().item() for t in each),
        SMALLEST: _mean(table[0]), f"{SMALLEST} (These are false accepts.)": table[0][1],
    }


def _table(thresholds: Tensor, distance: Tensor, same: Tensor) -> list[Row]:
    return [(t, *rates(distance, same, t)) for t in thresholds.tolist()]


def _nearest(table: list[Row]) -> Row:
    return min(table, key=lambda row: abs(row[1] - row[2]))


def _mean(row: Row) -> float:
    return (row[1] + row[2]) / 2
