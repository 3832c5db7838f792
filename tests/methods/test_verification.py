import pytest
import torch
from sklearn import metrics

from metacourse.methods import verification

DISTANCE = torch.tensor([1.0, 2.0, 3.0, 4.0])
SAME = torch.tensor([True, False, True, False])


def guessed(pairs=400):
    """Distances on a grid, so that many are equal, of which same pairs are a little smaller on average."""
    rng = torch.Generator().manual_seed(0)
    same = torch.rand(pairs, generator=rng) < 0.3
    return (torch.rand(pairs, generator=rng) * 20 - 4 * same.float()).round(), same


def test_the_curve_by_hand():
    false, true, thresholds = verification.roc(DISTANCE, SAME)
    assert false.tolist() == [0, 0, 0.5, 0.5, 1]
    assert true.tolist() == [0, 0.5, 0.5, 1, 1]
    assert thresholds.tolist() == [-torch.inf, 1, 2, 3, 4]


def test_area_equal_error_and_f1_by_hand():
    assert verification.area(DISTANCE, SAME) == 0.75           # 3 of 4 (same, different) in order
    assert verification.equal_error_rate(DISTANCE, SAME) == (0.5, 2.0)
    assert verification.best_f1(DISTANCE, SAME) == (pytest.approx(0.8), 3.0)             # 2·2 / (2·2 + 1 + 0)
    assert verification.f1(DISTANCE, SAME, threshold=1.5) == pytest.approx(2 / 3)        # 2·1 / (2·1 + 0 + 1)


def test_equal_distances_are_one_point():
    false, true, thresholds = verification.roc(torch.ones(4), SAME)
    assert (false.tolist(), true.tolist(), thresholds.tolist()) == ([0, 1], [0, 1], [-torch.inf, 1])
    assert verification.area(torch.ones(4), SAME) == 0.5       # no order at all
    assert verification.equal_error_rate(torch.ones(4), SAME).value == 0.5


def test_a_perfect_verifier_makes_no_error():
    distance, same = torch.tensor([0.1, 0.4, 0.5, 2.0]), torch.tensor([True, True, True, False])
    assert verification.area(distance, same) == 1
    assert verification.equal_error_rate(distance, same) == (0.0, 0.5)
    assert verification.best_f1(distance, same) == (1.0, 0.5)


def test_a_verifier_that_is_always_wrong_is_worth_as_much_upside_down():
    distance, same = torch.tensor([3.0, 4.0, 1.0, 2.0]), torch.tensor([True, True, False, False])
    assert verification.area(distance, same) == 0 and verification.area(-distance, same) == 1
    assert verification.equal_error_rate(distance, same).value == 1


def test_a_random_verifier_errs_half_of_the_time():
    rng = torch.Generator().manual_seed(0)
    distance, same = torch.rand(20_000, generator=rng), torch.rand(20_000, generator=rng) < 0.5
    assert verification.area(distance, same) == pytest.approx(0.5, abs=0.015)
    assert verification.equal_error_rate(distance, same).value == pytest.approx(0.5, abs=0.015)
    assert verification.best_f1(distance, same).value == pytest.approx(2 / 3, abs=0.01)  # yes to all


def test_only_the_order_of_distances_matters_to_the_curve():
    distance, same = guessed()
    plain, squared = (verification.roc(d, same) for d in (distance + 5, (distance + 5).square()))
    assert plain.false_accept.equal(squared.false_accept) and plain.true_accept.equal(squared.true_accept)


def test_more_different_pairs_change_f1_and_not_the_curve():
    distance, same = guessed()
    twice = torch.cat([distance, distance[~same]]), torch.cat([same, same[~same]])
    assert verification.area(*twice) == pytest.approx(verification.area(distance, same))
    assert verification.best_f1(*twice).value < verification.best_f1(distance, same).value


def test_another_library_draws_the_same_curve():
    distance, same = guessed()
    false, true, _ = metrics.roc_curve(same.numpy(), -distance.numpy(), drop_intermediate=False)
    ours = verification.roc(distance, same)
    torch.testing.assert_close(ours.false_accept, torch.from_numpy(false))
    torch.testing.assert_close(ours.true_accept, torch.from_numpy(true))
    best = max(metrics.f1_score(same.numpy(), (distance <= t).numpy()) for t in distance.unique())
    assert verification.best_f1(distance, same).value == pytest.approx(best)


def test_random_pairs_are_what_they_claim_and_never_a_picture_with_itself():
    z = torch.tensor([[[0.0], [1.0], [3.0]], [[100.0], [101.0], [103.0]]])   # classes 100 apart
    distance, same = verification.pairs(z, number=200, rng=torch.Generator().manual_seed(0))
    assert same.sum() == 100
    assert distance[same].unique().tolist() == [1, 4, 9]
    assert distance[~same].min() >= 97 ** 2


@pytest.mark.parametrize("call, message", [
    (lambda: verification.roc(DISTANCE, SAME | True), "4 of 4 pairs are of the same class"),
    (lambda: verification.best_f1(DISTANCE * torch.nan, SAME), "4 of 4 distances are not a number"),
    (lambda: verification.pairs(torch.zeros(1, 5, 2), number=4, rng=torch.Generator()), "1 classes with 5"),
])
def test_what_cannot_be_verified_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
