from typing import NamedTuple

import pytest
import torch
from torch.distributions import Normal
from torch.func import grad, jacrev

from metacourse.methods import policy_gradient
from metacourse.methods.policy_gradient import Trajectories


class Line(NamedTuple):
    """A walk on a line: the action is added to the state, and −½(state − goal)² is paid."""

    goal: torch.Tensor

    def start(self, trajectories):
        return self.goal.new_zeros(*self.goal.shape[:-1], trajectories, 1)

    def step(self, state, action):
        state = state + action
        return state, -0.5 * (state - self.goal[..., None, :]).square().sum(-1)


def policy(theta, state):
    """Mean action m + k s."""
    return theta["m"] + theta["k"] * state


def parameters(m=3.0, k=0.0, std=1.0):
    return {"m": torch.tensor([m]).double(), "k": torch.tensor([k]).double(),
            "log_std": torch.tensor([std]).double().log()}


def one_goal(*goals):
    return Line(torch.tensor(goals).double().reshape(-1, 1))


def six_parts():
    """Six equally likely numbers with the moments of a normal up to the fifth (Gauss-Hermite)."""
    return torch.tensor([-3**0.5, 0, 0, 0, 0, 3**0.5]).double()


def quantiles(count=20_000):
    """The normal distribution in `count` equally likely parts."""
    return torch.special.ndtri((torch.arange(count).double() + 0.5) / count)


def every_noise(horizon=1, parts=None, times=300):
    """All combinations of the parts, many times over (the baseline compares with others): [n, time, 1]."""
    parts = six_parts() if parts is None else parts
    return torch.cartesian_prod(*[parts] * horizon).reshape(-1, horizon, 1).repeat(times, 1, 1)


def expected_return(theta, goal=1.0, horizon=1):
    """In closed form: the state stays Gaussian, so two moments tell everything."""
    m, k, variance = theta["m"], theta["k"], theta["log_std"].exp().square()
    mean, spread, total = 0.0, 0.0, 0.0
    for _ in range(horizon):
        mean, spread = mean + m + k * mean, (1 + k) ** 2 * spread + variance
        total = total - 0.5 * ((mean - goal) ** 2 + spread)
    return total.sum()


def test_the_loss_of_two_walks_and_its_slope_match_the_hand_calculation():
    met = Trajectories(torch.zeros(2, 1, 1).double(), torch.tensor([0.0, 2.0]).double().reshape(2, 1, 1),
                       torch.tensor([[1.0], [3.0]]).double())
    at = parameters(m=0.5)
    assert policy_gradient.advantage(met.reward).flatten().tolist() == [-2.0, 2.0]  # each against the other
    assert policy_gradient.loss(policy)(at, met) == -2                                 # −(1 + 3) / 2
    slope = grad(policy_gradient.loss(policy))(at, met)["m"]
    assert slope.item() == pytest.approx(-(-2 * (0.0 - 0.5) + 2 * (2.0 - 0.5)) / 2)    # −mean of A (a − m)


def test_the_return_counts_from_each_action_on():
    reward = torch.tensor([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]])
    assert policy_gradient.advantage(reward)[0].tolist() == [7.0, 6.0, 4.0]


def test_log_prob_is_that_of_independent_normals():
    rng = torch.Generator().manual_seed(0)
    state, action = torch.randn(2, 4, 3, 2, generator=rng).double()
    met = Trajectories(state, action, torch.zeros(4, 3).double())
    at = {"m": torch.tensor([0.5, -1]).double(), "k": torch.tensor([2.0, 0.1]).double(),
          "log_std": torch.tensor([0.3, -0.7]).double()}
    wanted = Normal(policy(at, met.state), at["log_std"].exp()).log_prob(met.action).sum(-1)
    torch.testing.assert_close(policy_gradient.log_prob(policy, at, met), wanted)


@pytest.mark.parametrize("horizon", [1, 2, 3])
def test_both_derivatives_of_the_loss_are_those_of_the_expected_return(horizon):
    at = parameters(m=0.7, k=-0.4, std=0.8)
    met = policy_gradient.sample(policy, at, Line(torch.ones(1).double()), every_noise(horizon))
    ours, true = (lambda theta: policy_gradient.loss(policy)(theta, met),
                  lambda theta: -expected_return(theta, horizon=horizon))
    torch.testing.assert_close(grad(ours)(at), grad(true)(at), rtol=1e-3, atol=1e-3)
    ours, true = jacrev(grad(ours))(at), jacrev(grad(true))(at)
    for one, other in [("m", "m"), ("m", "k"), ("k", "k"), ("k", "m"), ("m", "log_std"), ("log_std", "k")]:
        torch.testing.assert_close(ours[one][other], true[one][other], rtol=2e-3, atol=2e-3)


def test_the_spread_has_its_own_curvature():
    """−J = ½((m − g)² + σ²), twice by log σ, is 2 σ². Moments beyond the fifth decide: many parts."""
    at = parameters(m=0.7, std=0.8)
    whole = every_noise(1, quantiles(), times=1)
    met = policy_gradient.sample(policy, at, Line(torch.ones(1).double()), whole)
    curvature = jacrev(grad(lambda theta: policy_gradient.loss(policy)(theta, met)))(at)["log_std"]["log_std"]
    assert curvature.item() == pytest.approx(2 * 0.8**2, rel=0.02)


@pytest.mark.parametrize("first_order, dphi_dm", [(False, 0.9), (True, 1.0)])
def test_the_meta_gradient_of_a_bandit_matches_the_hand_calculation(first_order, dphi_dm):
    noise = every_noise().expand(2, -1, -1, -1)

    def after(theta):
        return policy_gradient.task_loss(policy, theta, Line(torch.ones(1).double()), noise, inner_lr=0.1,
                                         first_order=first_order)
    slope = grad(after)(parameters(m=3.0))["m"]
    assert slope.item() == pytest.approx(dphi_dm * (2.8 - 1.0), rel=1e-3)       # φ = 3 − 0.1 (3 − 1) = 2.8


def test_log_pi_times_advantage_would_be_first_order_in_disguise():
    """Autograd through that sum sees no curvature at all in the bandit, where the truth is 1."""
    at = parameters(m=3.0)
    met = policy_gradient.sample(policy, at, Line(torch.ones(1).double()), every_noise())

    def naive(theta):
        return -(policy_gradient.log_prob(policy, theta, met) * policy_gradient.advantage(met.reward)).mean()
    torch.testing.assert_close(grad(naive)(at), grad(policy_gradient.loss(policy))(at, met))
    assert jacrev(grad(naive))(at)["m"]["m"].item() == pytest.approx(0.0, abs=1e-6)
    true = jacrev(grad(lambda theta: policy_gradient.loss(policy)(theta, met)))(at)["m"]["m"]
    assert true.item() == pytest.approx(1.0, rel=0.01)


def test_every_step_meets_fresh_trajectories_of_its_own_policy():
    noise = torch.randn(3, 5, 4, 1, generator=torch.Generator().manual_seed(0)).double()
    world = Line(torch.ones(1).double())
    phis, met = policy_gradient.walk(policy, parameters(k=-0.3), world, noise, inner_lr=0.01)
    assert len(phis) == len(met) == 3
    for phi, now, own in zip(phis, noise, met):
        torch.testing.assert_close(own.action, policy(phi, own.state) + phi["log_std"].exp() * now)
    assert not torch.equal(phis[0]["m"], phis[1]["m"])


def test_the_world_is_a_black_box():
    at = {name: p.requires_grad_() for name, p in parameters().items()}
    met = policy_gradient.sample(policy, at, Line(torch.ones(1).double()), every_noise(horizon=2))
    assert not any(part.requires_grad for part in met)


SETTINGS = dict(trajectories=6, horizon=3, inner_lr=0.01)


def rng():
    return torch.Generator().manual_seed(4)


def test_without_inner_steps_it_is_joint_training():
    at, worlds = parameters(), one_goal(1.0, -1.0)
    value, gradient = policy_gradient.meta_gradient(policy, at, worlds, inner_steps=0, rng=rng(), **SETTINGS)
    noise = torch.randn(2, 1, 6, 3, 1, generator=rng(), dtype=torch.float64)
    values, gradients = [], []
    for goal, now in zip(worlds.goal, noise):
        met = policy_gradient.sample(policy, at, Line(goal), now[0])
        values.append(policy_gradient.loss(policy)(at, met))
        gradients.append(grad(policy_gradient.loss(policy))(at, met)["m"])
    torch.testing.assert_close(value, sum(values) / 2)
    torch.testing.assert_close(gradient["m"], sum(gradients) / 2)


def test_what_is_trained_is_what_is_evaluated():
    at, settings = parameters(), dict(inner_steps=2, **SETTINGS)
    value, _ = policy_gradient.meta_gradient(policy, at, one_goal(1.0, -1.0), rng=rng(), **settings)
    met = policy_gradient.evaluate(policy, at, one_goal(1.0, -1.0), rng=rng(), **settings)
    assert met.reward.shape == (2, 3, 6, 3)
    torch.testing.assert_close(-met.reward[:, -1].sum(-1).mean(), value)


def test_training_makes_one_step_enough_to_go_either_way():
    at, settings = parameters(m=0.0, std=0.5), dict(inner_steps=1, trajectories=20, horizon=3, inner_lr=0.01)
    worlds, values, dice = one_goal(-1.0, -0.5, 0.5, 1.0), [], rng()
    for _ in range(60):
        value, gradient = policy_gradient.meta_gradient(policy, at, worlds, rng=dice, **settings)
        at = {name: p - 0.05 * gradient[name].clamp(-1, 1) for name, p in at.items()}
        values.append(value.item())
    assert sum(values[-10:]) < 0.75 * sum(values[:10])


@pytest.mark.parametrize("wrong", [dict(inner_steps=-1), dict(trajectories=1), dict(horizon=0)])
def test_settings_that_cannot_be_are_named(wrong):
    settings = dict(inner_steps=1, **SETTINGS) | wrong
    with pytest.raises(ValueError, match="{}={}".format(*next(iter(wrong.items())))):
        policy_gradient.meta_gradient(policy, parameters(), one_goal(1.0), rng=rng(), **settings)


def test_a_policy_without_a_spread_is_refused():
    at = {name: p for name, p in parameters().items() if name != "log_std"}
    with pytest.raises(ValueError, match="θ has m, k; a Gaussian policy needs"):
        policy_gradient.sample(policy, at, Line(torch.ones(1).double()), every_noise())
