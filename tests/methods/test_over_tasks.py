import functools
import threading

import pytest
import torch

from metacourse.episode import Episode, Examples, tasks
from metacourse.methods import anil, losses, maml, over_tasks, reptile
from tests.methods.networks import MAKE, network
from tests.methods.pencil import dot, slope

INNER = dict(inner_lr=0.01, inner_steps=2)
NEARLY = dict(rtol=1e-7, atol=1e-10)


def by_hand(loss, theta, episodes, *, inner_lr, inner_steps, create_graph=True):
    """MAML once more, as one would write it on a list of tensors, without `torch.func`'s gradients."""
    names, start = list(theta), [p.clone().requires_grad_() for p in theta.values()]
    total = 0.0
    for episode in tasks(episodes):
        weights = start
        for _ in range(inner_steps):
            inner = loss(dict(zip(names, weights)), episode.support)
            gradients = torch.autograd.grad(inner, weights, create_graph=create_graph)
            weights = [w - inner_lr * g for w, g in zip(weights, gradients)]
        total = total + loss(dict(zip(names, weights)), episode.query) / len(episodes.support.x)
    return total.detach(), dict(zip(names, torch.autograd.grad(total, start)))


@functools.cache
def expected(name):
    apply, theta, episodes = network(name, tasks=2)
    return by_hand(losses.cross_entropy(apply), theta, episodes, **INNER)


@pytest.mark.parametrize("over", ["loop", "threads", "vmap"])
@pytest.mark.parametrize("name", MAKE)
def test_every_way_over_the_tasks_agrees_with_a_second_implementation(name, over, two_cores):
    apply, theta, episodes = network(name, tasks=2)
    found = maml.meta_gradient(losses.cross_entropy(apply), theta, episodes, over=over, **INNER)
    torch.testing.assert_close(found, expected(name), **NEARLY)


@pytest.mark.parametrize("name", MAKE)
def test_first_order_is_the_second_implementation_with_its_graph_cut(name):
    apply, theta, episodes = network(name, tasks=2)
    loss = losses.cross_entropy(apply)
    cut = by_hand(loss, theta, episodes, create_graph=False, **INNER)
    found = maml.meta_gradient(loss, theta, episodes, first_order=True, **INNER)
    torch.testing.assert_close(found, cut, **NEARLY)


@pytest.mark.parametrize("name", MAKE)
def test_the_meta_gradient_is_the_slope_that_finite_differences_measure(name):
    apply, theta, episodes = network(name, tasks=1)
    loss, rng = losses.cross_entropy(apply), torch.Generator().manual_seed(2)
    direction = {name: torch.randn(p.shape, generator=rng, dtype=p.dtype) for name, p in theta.items()}
    measured = slope(lambda at: maml.meta_loss(loss, at, episodes, **INNER), theta, direction, h=1e-8)
    _, gradient = maml.meta_gradient(loss, theta, episodes, **INNER)
    assert dot(gradient, direction) == pytest.approx(measured, rel=1e-4)


@pytest.mark.parametrize("name", MAKE)
def test_without_inner_steps_it_is_joint_training(name):
    apply, theta, episodes = network(name, tasks=2)
    leaves = {name: p.clone().requires_grad_() for name, p in theta.items()}
    loss = losses.cross_entropy(apply)
    torch.stack([loss(leaves, episode.query) for episode in tasks(episodes)]).mean().backward()
    _, gradient = maml.meta_gradient(loss, theta, episodes, inner_lr=0.1, inner_steps=0)
    torch.testing.assert_close(gradient, {name: p.grad for name, p in leaves.items()})


@pytest.mark.parametrize("method", [anil, reptile])
@pytest.mark.parametrize("over", ["threads", "vmap"])
def test_other_methods_go_over_tasks_as_maml_does(method, over, two_cores):
    apply, theta, episodes = network("conv4 with batch norm", tasks=2)
    loss = losses.cross_entropy(apply)
    torch.testing.assert_close(method.meta_gradient(loss, theta, episodes, over=over, **INNER),
                               method.meta_gradient(loss, theta, episodes, over="loop", **INNER), **NEARLY)


def test_auto_works_inside_another_transform(two_cores):
    x, w = torch.arange(12.0).reshape(3, 4, 1), torch.tensor([1.0, 2.0])
    episodes = Episode(Examples(x, x), Examples(x, x))

    def task_loss(theta, episode):
        return (theta["w"] * episode.support.x).mean()
    found = torch.func.vmap(lambda w: over_tasks.mean_gradient(task_loss, {"w": w}, episodes)[0])(w)
    torch.testing.assert_close(found, w * x.mean())


def test_a_chunk_of_no_tasks_is_refused():
    apply, theta, episodes = network("mlp", tasks=1)
    with pytest.raises(ValueError, match="chunk=0; wanted 1 task or more"):
        maml.meta_gradient(losses.cross_entropy(apply), theta, episodes, chunk=0, **INNER)


def test_threads_leave_the_number_of_threads_as_it_was(two_cores):
    apply, theta, episodes = network("mlp", tasks=2)
    maml.meta_gradient(losses.cross_entropy(apply), theta, episodes, over="threads", **INNER)
    assert torch.get_num_threads() == 2
    with pytest.raises(ValueError):
        maml.meta_gradient(lambda theta, examples: examples.x, theta, episodes, over="threads", **INNER)
    assert torch.get_num_threads() == 2


def test_each_thread_takes_a_task_and_keeps_its_operations_on_one_core(two_cores):
    apply, theta, episodes = network("mlp", tasks=2)
    seen, meeting = set(), threading.Barrier(2, timeout=60)

    def watched(theta, examples):
        if threading.get_ident() not in seen:
            seen.add(threading.get_ident())
            meeting.wait()                      # nobody goes on before the other thread has a task, too
        assert torch.get_num_threads() == 1
        return losses.cross_entropy(apply)(theta, examples)
    maml.meta_gradient(watched, theta, episodes, **INNER)
    assert len(seen) == 2 and threading.get_ident() not in seen
