"""Right and wrong equal error rates."""
import pytest
import torch

from metacourse.checks import NotAttempted, few_shot
from metacourse.methods import verification
from tests.checks.few_shot.test_verification import by_means
from tests.checks.saying import blank, names_the_mistake

equal = few_shot.equal_error_rate


def by_trying(distance, same):
    each = [by_means(distance, same, threshold=t) for t in distance]
    return sum(min(each, key=lambda pair: abs(pair[0] - pair[1]))) / 2


def by_sorting(distance, same):
    in_order = same[distance.argsort()]
    false_accept = (~in_order).cumsum(0) / (~same).sum()
    false_reject = 1 - in_order.cumsum(0) / same.sum()
    best = (false_accept - false_reject).abs().argmin()
    return ((false_accept + false_reject) / 2)[best]


def by_doubles(distance, same):
    pairs = sorted(zip(distance.tolist(), same.tolist()))
    rates = [(sum(not s for _, s in pairs[:n]) / (~same).sum().item(),
              sum(s for _, s in pairs[n:]) / same.sum().item()) for n in range(len(pairs) + 1)]
    accept, reject = min(rates, key=lambda pair: abs(pair[0] - pair[1]))
    return (accept + reject) / 2


@pytest.mark.parametrize("right", [by_trying, by_sorting, by_doubles])
def test_every_right_equal_error_rate_is_accepted(right):
    equal(right)


def at(thresholds, pick=lambda each: sum(min(each, key=lambda pair: abs(pair[0] - pair[1]))) / 2):
    return lambda distance, same: pick([by_means(distance, same, threshold=t) for t in thresholds(distance)])


def threshold(distance, same):
    return min(distance, key=lambda t: abs(torch.sub(*by_means(distance, same, threshold=t))))


def fewest_errors(distance, same):
    return min(((distance <= t) != same).float().mean() for t in distance)


def nearest(pick, gap=lambda pair: abs(pair[0] - pair[1])):
    return at(lambda d: d.sort().values, lambda each: pick(min(each, key=gap)))


def where_equal(distance, same):
    each = [by_means(distance, same, threshold=t) for t in distance.sort().values]
    return next((a for a, b in each if a == b), 0.5)


def by_crossing(pick):
    def wrong(distance, same):
        each = [by_means(distance, same, threshold=t) for t in distance.sort().values]
        return pick(next((a, b) for a, b in each if a >= b))
    return wrong


def equal_steps(number):
    return at(lambda d: torch.linspace(d.min(), d.max(), number))


def up_to_ten(distance, same):
    return at(lambda d: torch.linspace(0.5, 10.5, 21))(distance, same)


@pytest.mark.parametrize("wrong, hint", [
    (threshold, "this is the threshold"),
    (lambda d, same: 1 - by_trying(d, same), "1 minus it"),
    (fewest_errors, "the smallest share of wrong pairs"),
    (lambda d, same: 2 * by_trying(d, same), "both rates are added up"),
    (at(lambda d: torch.linspace(0, 1, 101)), "were thresholds tried from 0 to 1 only"),
    (nearest(lambda pair: pair[0]), "these are the false accepts"),
    (nearest(lambda pair: pair[1]), "these are the false rejects"),
    (nearest(max), "these are the false rejects"),
    (nearest(min), "these are the false accepts"),
    (lambda d, same: verification.equal_error_rate(d, same).value, "read off a line between"),
    (where_equal, "no threshold makes the rates equal here"),
    (by_crossing(max), "no threshold makes the rates equal here"),
    (by_crossing(lambda pair: sum(pair) / 2), "false accepts are not fewer"),
    (nearest(lambda pair: sum(pair) / 2, gap=lambda pair: pair[0] - pair[1]), "Take `abs`"),
    (lambda d, same: at(lambda d: d[same])(d, same), "distances of same pairs were tried"),
    (lambda d, same: at(lambda d: d[~same])(d, same), "distances of different pairs were tried"),
    (equal_steps(100), "at equal steps misses them"),
    (equal_steps(1000), "at equal steps misses them"),
    (up_to_ten, "only the order of the distances may count"),
    (lambda d, same: min(by_trying(d, same), 1 - by_trying(d, same)), "report it as it is"),
])
def test_every_wrong_equal_error_rate_gets_its_own_hint(wrong, hint):
    names_the_mistake(equal, wrong, hint)


def test_pairs_accepted_where_they_are_far_apart_are_noticed():
    names_the_mistake(equal, lambda d, same: by_trying(-d, same), "or pairs were accepted that are far apart")


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        equal(blank)
