import pytest
import torch

from metacourse.episode import Episode, task
from metacourse.methods import losses, maml, reptile
from tests.methods.pencil import half_square, one_number, pictures, small_net, small_theta

cross_entropy = losses.cross_entropy(small_net)


def theta_and_episodes(*, tasks):
    rng = torch.Generator().manual_seed(0)
    return small_theta(rng), pictures(rng, tasks=tasks)


def test_the_gradient_points_from_phi_to_theta():
    theta, episode = {"w": torch.tensor(3.0)}, Episode(one_number(1.0), one_number(2.0))
    value, gradient = reptile.meta_gradient(half_square, theta, episode, inner_lr=0.1, inner_steps=1)
    assert gradient["w"].item() == pytest.approx(3.0 - 2.8)
    assert value.item() == pytest.approx(0.5 * 0.2**2)


def test_a_whole_step_towards_one_task_lands_on_its_phi():
    theta, episodes = theta_and_episodes(tasks=1)
    _, gradient = reptile.meta_gradient(cross_entropy, theta, episodes, inner_lr=0.3, inner_steps=4)
    phi = maml.adapt(cross_entropy, theta, task(episodes, 0).support, inner_lr=0.3, inner_steps=4)
    torch.testing.assert_close({name: theta[name] - gradient[name] for name in theta}, phi)


def test_with_one_inner_step_it_is_joint_training():
    theta, episodes = theta_and_episodes(tasks=3)
    _, gradient = reptile.meta_gradient(cross_entropy, theta, episodes, inner_lr=0.3, inner_steps=1)
    leaves = {name: p.requires_grad_() for name, p in theta.items()}
    torch.stack([cross_entropy(leaves, task(episodes, i).support) for i in range(3)]).mean().backward()
    torch.testing.assert_close(gradient, {name: 0.3 * p.grad for name, p in leaves.items()})


def test_the_loss_has_the_gradient_it_promises():
    theta, episodes = theta_and_episodes(tasks=2)
    inner = dict(inner_lr=0.3, inner_steps=3)
    leaves = {name: p.clone().requires_grad_() for name, p in theta.items()}
    reptile.meta_loss(cross_entropy, leaves, episodes, **inner).backward()
    _, gradient = reptile.meta_gradient(cross_entropy, theta, episodes, **inner)
    torch.testing.assert_close(gradient, {name: p.grad for name, p in leaves.items()})


def test_the_query_set_plays_no_part():
    theta, episodes = {"w": torch.tensor(3.0)}, Episode(one_number(1.0, 4.0), one_number(2.0, 2.0))
    other = episodes._replace(query=one_number(-9.0, 9.0))
    inner = dict(inner_lr=0.1, inner_steps=2)
    assert (reptile.meta_gradient(half_square, theta, episodes, **inner)
            == reptile.meta_gradient(half_square, theta, other, **inner))
