import pytest
import torch

from metacourse.episode import Episode
from metacourse.methods import alpha_maml, losses, maml
from tests.methods.pencil import half_square, one_number, pictures, small_net, small_theta

cross_entropy = losses.cross_entropy(small_net)
EPISODE = Episode(one_number(1.0), one_number(2.0))
FIXED = dict(inner_hyper_lr=0.0, outer_hyper_lr=0.0)


def theta():
    return small_theta(torch.Generator().manual_seed(0))


def test_two_steps_match_the_hand_calculation():
    state = alpha_maml.start({"w": torch.tensor(3.0)}, inner_lr=0.1, outer_lr=0.5)
    rates = dict(inner_steps=1, inner_hyper_lr=0.01, outer_hyper_lr=0.1)
    value, state = alpha_maml.step(half_square, state, EPISODE, **rates)
    assert value.item() == pytest.approx(0.5 * 0.8**2)                    # φ = 2.8 misses y′ = 2 by 0.8
    assert state.inner_lr == pytest.approx(0.1 + 0.01 * 0.8 * 2)          # −∂ℒ/∂α = 0.8 · (3 − 1)
    assert state.outer_lr == 0.5                                          # nothing to compare with yet
    assert state.theta["w"].item() == pytest.approx(3 - 0.5 * 0.9 * 0.8)
    second = maml.meta_gradient(half_square, state.theta, EPISODE, inner_lr=state.inner_lr, inner_steps=1)[1]
    _, after = alpha_maml.step(half_square, state, EPISODE, **rates)
    assert after.outer_lr == pytest.approx(0.5 + 0.1 * 0.72 * second["w"].item())


def test_with_one_step_the_slope_is_minus_the_product_of_the_gradients():
    episodes = pictures(torch.Generator().manual_seed(1), tasks=1)
    one = Episode(*(half._replace(x=half.x[0], y=half.y[0]) for half in episodes))
    gradient = torch.func.grad(cross_entropy)
    phi = maml.adapt(cross_entropy, theta(), one.support, inner_lr=0.3, inner_steps=1)
    support, query = gradient(theta(), one.support), gradient(phi, one.query)
    *_, slope = alpha_maml.meta_gradient(cross_entropy, theta(), episodes, inner_lr=0.3, inner_steps=1)
    assert slope.item() == pytest.approx(-sum((support[name] * query[name]).sum() for name in phi).item())


@pytest.mark.parametrize("over", ["loop", "threads", "vmap"])
def test_the_slope_in_the_inner_rate_is_that_of_finite_differences(over, two_cores):
    episodes, h = pictures(torch.Generator().manual_seed(1), tasks=3), 1e-6
    after = [maml.meta_loss(cross_entropy, theta(), episodes, inner_lr=0.3 + s, inner_steps=4).item()
             for s in (h, -h)]
    inner = dict(inner_lr=0.3, inner_steps=4)
    _, gradient, slope = alpha_maml.meta_gradient(cross_entropy, theta(), episodes, over=over, **inner)
    assert slope.item() == pytest.approx((after[0] - after[1]) / (2 * h), rel=1e-6)
    _, expected = maml.meta_gradient(cross_entropy, theta(), episodes, **inner)
    torch.testing.assert_close(gradient, expected)


def test_with_hyper_rates_of_zero_it_is_maml_under_plain_descent():
    episodes = pictures(torch.Generator().manual_seed(1), tasks=2)
    value, state = alpha_maml.step(cross_entropy, alpha_maml.start(theta(), inner_lr=0.3, outer_lr=0.1),
                                   episodes, inner_steps=2, **FIXED)
    expected, gradient = maml.meta_gradient(cross_entropy, theta(), episodes, inner_lr=0.3, inner_steps=2)
    assert (state.inner_lr, state.outer_lr, value) == (0.3, 0.1, expected)
    torch.testing.assert_close(state.theta, {name: p - 0.1 * gradient[name] for name, p in theta().items()})


def test_from_a_rate_far_too_small_it_finds_a_useful_one():
    rng = torch.Generator().manual_seed(3)
    state, values = alpha_maml.start(theta(), inner_lr=1e-3, outer_lr=0.1), []
    for _ in range(30):
        value, state = alpha_maml.step(cross_entropy, state, pictures(rng, tasks=2), inner_steps=1,
                                       inner_hyper_lr=0.01, outer_hyper_lr=0.0)
        values.append(value.item())
    assert state.inner_lr > 1e-2
    assert sum(values[-10:]) < 0.8 * sum(values[:10])


def test_a_rate_that_is_not_positive_is_named_with_what_to_lower():
    with pytest.raises(ValueError, match="outer_lr=0; wanted a rate > 0"):
        alpha_maml.start({"w": torch.tensor(3.0)}, inner_lr=0.1, outer_lr=0.0)
    state = alpha_maml.start({"w": torch.tensor(3.0)}, inner_lr=0.6, outer_lr=0.1)    # φ = 1.8: too far
    with pytest.raises(ValueError, match=r"inner_lr=-.*lower inner_hyper_lr"):
        alpha_maml.step(half_square, state, EPISODE, inner_steps=1, inner_hyper_lr=10.0, outer_hyper_lr=0.0)
