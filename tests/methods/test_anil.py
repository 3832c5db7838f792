import pytest
import torch

from metacourse.episode import Episode, Examples, task
from metacourse.methods import anil, losses, maml
from tests.methods.pencil import dot, one_number, pictures, slope, small_net, small_theta

INNER = dict(inner_lr=0.3, inner_steps=3)
cross_entropy = losses.cross_entropy(small_net)


@pytest.fixture
def theta():
    return small_theta(torch.Generator().manual_seed(0))


@pytest.fixture
def episodes():
    return pictures(torch.Generator().manual_seed(1), tasks=3)


def product(theta, examples):
    """½(body · head − y)²: a network of two layers, one number each."""
    return 0.5 * (theta["body"] * theta["head"] - examples.y).square().mean()


@pytest.mark.parametrize("first_order, dhead_dbody, dhead", [(False, -0.5, 0.9), (True, 0.0, 1.0)])
def test_meta_gradient_matches_the_hand_calculation(first_order, dhead_dbody, dhead):
    # body = 1, head = 3, y = 1: head steps to 3 − 0.1 · 1 · (3 − 1) = 2.8, and misses y′ = 2 by 0.8.
    # d head/d body = −0.1 · (2 · 1 · 3 − 1) = −0.5, so the product moves by 2.8 − 0.5 with the body.
    theta = {"body": torch.tensor(1.0), "head": torch.tensor(3.0)}
    episode = Episode(one_number(1.0), one_number(2.0))
    _, gradient = anil.meta_gradient(product, theta, episode, inner_lr=0.1, inner_steps=1,
                                     first_order=first_order)
    assert gradient["body"].item() == pytest.approx(0.8 * (2.8 + dhead_dbody))
    assert gradient["head"].item() == pytest.approx(0.8 * dhead)


def test_the_body_never_moves_in_the_inner_loop_but_learns_in_the_outer(theta, episodes):
    phi = anil.adapt(cross_entropy, theta, task(episodes, 0).support, **INNER)
    assert [name for name in theta if not phi[name].equal(theta[name])] == ["head"]
    _, gradient = anil.meta_gradient(cross_entropy, theta, episodes, **INNER)
    assert all(g.abs().max() > 0 for g in gradient.values())


@pytest.mark.parametrize("over", ["loop", "threads", "vmap"])
def test_meta_gradient_is_the_slope_that_finite_differences_measure(theta, episodes, over, two_cores):
    direction = small_theta(torch.Generator().manual_seed(2))
    measured = slope(lambda at: anil.meta_loss(cross_entropy, at, episodes, **INNER), theta, direction)
    _, gradient = anil.meta_gradient(cross_entropy, theta, episodes, over=over, **INNER)
    assert dot(gradient, direction) == pytest.approx(measured, rel=1e-6)


def test_the_head_is_adapted_as_by_gradient_descent_on_fixed_features(theta, episodes):
    support = task(episodes, 0).support
    head = theta["head"].clone().requires_grad_()
    for _ in range(3):
        gradient, = torch.autograd.grad(cross_entropy({**theta, "head": head}, support), head)
        head = (head - 0.3 * gradient).detach().requires_grad_()
    phi = anil.adapt(cross_entropy, theta, support, **INNER)
    torch.testing.assert_close(phi["head"], head.detach())


def test_with_everything_as_head_it_is_maml(theta, episodes):
    everything = anil.meta_gradient(cross_entropy, theta, episodes, head="", **INNER)
    torch.testing.assert_close(everything, maml.meta_gradient(cross_entropy, theta, episodes, **INNER))


def test_predict_scores_with_the_adapted_head(theta, episodes):
    support, x = task(episodes, 0).support, task(episodes, 0).query.x.flatten(0, 1)
    scores = anil.predict(small_net, theta, support, x, loss=cross_entropy, **INNER)
    torch.testing.assert_close(scores, small_net(anil.adapt(cross_entropy, theta, support, **INNER), x))


def test_a_head_that_does_not_exist_is_named(theta):
    with pytest.raises(ValueError, match="head='tail' begins no parameter's name; there are conv, scale"):
        anil.adapt(cross_entropy, theta, Examples(torch.zeros(1), torch.zeros(1)), head="tail", **INNER)
