"""Right and wrong error rates of a verification at a threshold."""
import pytest

from metacourse.checks import NotAttempted, few_shot
from metacourse.checks.few_shot import verification as tables
from tests.checks.saying import blank, names_the_mistake

rates = few_shot.error_rates


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
    (lambda d, same, *, threshold: ((d[~same] <= threshold).float().mean(),
                                    (d[same] >= threshold).float().mean()), "> and not ≥"),
])
def test_every_wrong_pair_of_rates_gets_its_own_hint(wrong, hint):
    names_the_mistake(rates, wrong, hint)


def test_the_pencil_distances_have_the_rates_that_the_sentence_states():
    assert tables.rates(tables.DISTANCE, tables.SAME, 5.5) == pytest.approx((2 / 6, 1 / 4))


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        rates(blank)
