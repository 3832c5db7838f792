"""The two loops in plain PyTorch, right as they stand, with switches for what a learner can get wrong."""
import torch
from torch.func import grad


def slopes(loss, phi, examples, *, create_graph=True):
    """{name: gradient} by autograd."""
    found = torch.autograd.grad(loss(phi, examples), list(phi.values()), create_graph=create_graph)
    return dict(zip(phi, found))


def minus(theta, step):
    return {name: p - step[name] for name, p in theta.items()}


def times(rate, gradient):
    return {name: rate * g for name, g in gradient.items()}


def inner_loop(loss, theta, support, *, inner_lr, inner_steps, create_graph=True, sign=-1.0):
    phi = theta
    for _ in range(inner_steps):
        found = slopes(loss, phi, support, create_graph=create_graph)
        phi = {name: p + sign * inner_lr * found[name] for name, p in phi.items()}
    return phi


def inner_loop_by_func(loss, theta, support, *, inner_lr, inner_steps):
    phi = theta
    for _ in range(inner_steps):
        found = grad(loss)(phi, support)
        phi = {name: phi[name] - inner_lr * found[name] for name in phi}
    return phi


def query_loss(loss, theta, episode, **inner):
    return loss(inner_loop(loss, theta, episode.support, **inner), episode.query)


def outer(loss, theta, episodes, each=query_loss, **inner):
    """The exact meta-gradient: of the mean of `each` task's loss."""
    mean = torch.stack([each(loss, theta, episode, **inner) for episode in episodes]).mean()
    return dict(zip(theta, torch.autograd.grad(mean, list(theta.values()))))
