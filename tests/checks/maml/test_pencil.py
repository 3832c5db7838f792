"""The pencil and the nudged network: what the checks of chapter 2 measure against."""
import pytest
import torch

from metacourse.checks.maml import network, pencil
from metacourse.checks.maml.pencil import FAR, NEAR, Recipe
from tests.checks.maml.plain import outer


def test_a_step_takes_a_tenth_of_the_way():
    assert pencil.after(4.0, 1.0) == pytest.approx(3.7)
    assert pencil.after(4.0, 1.0, steps=3) == pytest.approx(1 + 3 * 0.729)


def test_the_meta_gradient_by_pencil():
    """θ = 4, φ = 3.7, query at 2: 0.9 · 1.7; the far task has φ = 3.5, query at ½: 0.9 · 3."""
    assert Recipe(1).gradient([NEAR]) == pytest.approx(1.53)
    assert Recipe(1).gradient([NEAR, FAR]) == pytest.approx((1.53 + 2.7) / 2)
    assert Recipe(1, first_order=True).gradient([NEAR]) == pytest.approx(1.7)
    assert Recipe(1, judge_at_theta=True).gradient([NEAR]) == pytest.approx(2.0)
    assert Recipe(1, adds_support=True).gradient([NEAR]) == pytest.approx(1.53 + 3)
    assert Recipe(1, leaks=True, together="last").gradient([NEAR, FAR]) == pytest.approx(0.81 * (3.23 - 0.5))


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_autograd_agrees_with_the_pencil(steps):
    episodes = list(map(pencil.episode, [NEAR, FAR]))
    came = outer(pencil.half_square, pencil.theta(), episodes, inner_lr=0.1, inner_steps=steps)["w"]
    assert came.item() == pytest.approx(Recipe(steps).gradient([NEAR, FAR]), rel=1e-5)


def test_nudging_every_weight_agrees_with_autograd():
    theta, tasks, inner = network.theta(), network.episodes(3), {"inner_lr": 0.2, "inner_steps": 2}
    came = outer(network.loss, theta, tasks, **inner)
    flat = torch.cat([g.flatten() for g in came.values()])
    assert torch.allclose(flat, network.by_nudging(theta, tasks, **inner), atol=1e-9)


def test_exact_and_first_order_differ_where_the_network_is_checked():
    theta, tasks, inner = network.theta(), network.episodes(3), {"inner_lr": 0.2, "inner_steps": 2}
    exact, first = network.by_nudging(theta, tasks, **inner), network.first_order(theta, tasks, **inner)
    assert torch.cosine_similarity(exact, first, dim=0) < 0.9
