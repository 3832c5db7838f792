"""Right and wrong error rates of a verification."""
import pytest
import torch

from metacourse.checks import NotAttempted, few_shot
from metacourse.checks.few_shot import verification as tables
from tests.checks.saying import blank, names_the_mistake

rates, equal = few_shot.error_rates, few_shot.equal_error_rate


def by_means(distance, same, *, threshold):
    accepted = distance <= threshold
    return accepted[~same].float().mean(), (~accepted[same]).float().mean()


def by_counting(distance, same, *, threshold):
    pairs = list(zip(distance.tolist(), same.tolist()))
    near = [d for d, alike in pairs if not alike and d <= threshold]
    far = [d for d, alike in pairs if alike and d > threshold]
    return len(near) / same.logical_not().sum().item(), len(far) / same.sum().item()


@pytest.mark.parametrize("right", [by_means, by_counting])
def test_every_right_pair_of_rates_is_accepted(right):
    rates(right)


def counted(change):
    def wrong(distance, same, *, threshold):
        accepted = distance <= threshold
        return change(accepted, same, (accepted & ~same).sum(), (~accepted & same).sum())
    return wrong


@pytest.mark.parametrize("wrong, hint", [
    (lambda *pairs, threshold: by_means(*pairs, threshold=threshold)[::-1], "the two are swapped"),
    (counted(lambda accepted, same, a, r: (a / len(same), r / len(same))), "a share of its own kind"),
    (counted(lambda accepted, same, a, r: (a, r)), "these are numbers of pairs"),
    (lambda d, same, *, threshold: by_means(-d, same, threshold=-threshold), "accepted that are far"),
    (counted(lambda accepted, same, a, r: (a / accepted.sum(), r / (~accepted).sum())), "shares of what was"),
    (counted(lambda accepted, same, a, r: (a / (~same).sum(), 1 - r / same.sum())), "share of right accepts"),
    (counted(lambda accepted, same, a, r: (a / same.sum(), r / (~same).sum())), "of the other kind"),
    (lambda d, same, *, threshold: by_means(d, same, threshold=threshold - 1e-6), "≤, and not <"),
])
def test_every_wrong_pair_of_rates_gets_its_own_hint(wrong, hint):
    names_the_mistake(rates, wrong, hint)


def by_trying(distance, same):
    each = [by_means(distance, same, threshold=t) for t in distance]
    return sum(min(each, key=lambda pair: abs(pair[0] - pair[1]))) / 2


def by_sorting(distance, same):
    in_order = same[distance.argsort()]
    false_accept = (~in_order).cumsum(0) / (~same).sum()
    false_reject = 1 - in_order.cumsum(0) / same.sum()
    return torch.maximum(false_accept, false_reject).min()


def by_crossing(distance, same):
    thresholds = distance.sort().values
    table = torch.tensor([by_means(distance, same, threshold=t) for t in thresholds])
    return table[(table[:, 0] >= table[:, 1]).int().argmax(), 0].item()


@pytest.mark.parametrize("right", [by_trying, by_sorting, by_crossing])
def test_every_right_equal_error_rate_is_accepted(right):
    equal(right)


def at(thresholds, pick=lambda each: sum(min(each, key=lambda pair: abs(pair[0] - pair[1]))) / 2):
    return lambda distance, same: pick([by_means(distance, same, threshold=t) for t in thresholds(distance)])


def threshold(distance, same):
    return min(distance, key=lambda t: abs(torch.sub(*by_means(distance, same, threshold=t))))


def fewest_errors(distance, same):
    return min(((distance <= t) != same).float().mean() for t in distance)


def up_to_ten(distance, same):
    return at(lambda d: torch.linspace(0.5, 10.5, 21))(distance, same)


@pytest.mark.parametrize("wrong, hint", [
    (threshold, "this is the threshold"),
    (lambda d, same: 1 - by_trying(d, same), "1 minus it"),
    (fewest_errors, "the smallest share of wrong pairs"),
    (lambda d, same: 2 * by_trying(d, same), "both rates are added up"),
    (at(lambda d: torch.linspace(0, 1, 101)), "thresholds were tried from 0 to 1 only"),
    (up_to_ten, "only the order of the distances may count"),
    (lambda d, same: min(by_trying(d, same), 1 - by_trying(d, same)), "report it as it is"),
])
def test_every_wrong_equal_error_rate_gets_its_own_hint(wrong, hint):
    names_the_mistake(equal, wrong, hint)


def test_pairs_accepted_where_they_are_far_apart_are_noticed():
    names_the_mistake(equal, lambda d, same: by_trying(-d, same), "or pairs were accepted that are far apart")


def test_the_pencil_distances_have_the_rates_that_the_sentence_states():
    assert tables.rates(tables.DISTANCE, tables.SAME, 5.5) == pytest.approx((2 / 6, 1 / 4))


@pytest.mark.parametrize("check", [rates, equal])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
