import pytest
import torch

from metacourse.episode import Examples
from metacourse.methods import fairness

Y = torch.tensor([1.0, 1.0, 0.0, 1.0, 0.0, 0.0])
S = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])


def network(theta, x):
    """θ times the first feature, as a logit."""
    return theta["w"] * x[..., :1]


def test_parity_compares_the_rates_of_yes():
    decision = torch.tensor([1.0, 1.0, 0.0, 1.0, 0.0, 0.0])                   # right about everybody
    assert fairness.parity_gap(decision, Y, S).item() == pytest.approx(2 / 3 - 1 / 3)


def test_opportunity_compares_only_those_who_deserve_a_yes():
    assert fairness.opportunity_gap(Y, Y, S).item() == 0.0                    # right about everybody: no gap
    decision = torch.tensor([1.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    assert fairness.opportunity_gap(decision, Y, S).item() == pytest.approx(1 / 2 - 1)


def test_swapping_the_groups_turns_the_gap_around():
    p = torch.tensor([0.9, 0.2, 0.4, 0.7, 0.1, 0.3])
    for gap in (fairness.parity_gap, fairness.opportunity_gap):
        torch.testing.assert_close(gap(p, Y, 1 - S), -gap(p, Y, S))


def test_tasks_side_by_side_have_a_gap_each():
    p = torch.stack([Y, 1 - Y])
    assert fairness.parity_gap(p, Y.expand(2, -1), S.expand(2, -1)).tolist() == pytest.approx([1 / 3, -1 / 3])


def test_the_loss_adds_gamma_times_the_squared_gap():
    examples = Examples(S[:, None], torch.stack([Y, S], -1))                  # the only feature is the group
    theta = {"w": torch.tensor(1.5)}
    plain, fair = (fairness.loss(network, gamma=gamma)(theta, examples) for gamma in (0.0, 2.0))
    gap = torch.sigmoid(torch.tensor(1.5)) - 0.5                           # p: σ(1.5) in one group, σ(0) else
    torch.testing.assert_close(fair - plain, 2 * gap**2)


def test_the_penalty_pulls_weight_off_the_group():
    examples = Examples(S[:, None], torch.stack([Y, S], -1))
    theta = {"w": torch.tensor(1.5)}
    plain, fair = (torch.func.grad(fairness.loss(network, gamma=gamma))(theta, examples)["w"]
                   for gamma in (0.0, 2.0))
    assert fair > plain                                                       # descent lowers w more


def test_a_reward_for_unfairness_is_refused():
    with pytest.raises(ValueError, match="γ ≥ 0"):
        fairness.loss(network, gamma=-1.0)
