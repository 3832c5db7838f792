"""One meta-gradient of MAML as others write it: `higher`, `torchopt`, and a plain loop of functional calls.

Each takes a network, a meta-batch, and how to adapt, and returns the gradient of the mean query loss by name.
"""
import copy
import importlib
import warnings

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from metacourse.episode import Episode, Examples, Params, tasks


def load(name: str):
    """The module, or None where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")                 # of Python, about the peers' own code
        try:
            return importlib.import_module(name)
        except ImportError:
            return None


def _loss(network, examples: Examples) -> Tensor:
    return F.cross_entropy(network(examples.x.flatten(0, -4)), examples.y.flatten())


def plain_loop(network: nn.Module, episodes: Episode, *, inner_lr: float, inner_steps: int,
               first_order: bool) -> Params:
    theta = {name: p.detach().requires_grad_() for name, p in network.named_parameters()}
    total = {name: torch.zeros_like(p) for name, p in theta.items()}
    for task in tasks(episodes):
        phi = theta
        for _ in range(inner_steps):
            loss = _loss(lambda x, phi=phi: functional_call(network, phi, (x,)), task.support)
            gradient = torch.autograd.grad(loss, tuple(phi.values()), create_graph=not first_order)
            phi = {name: p - inner_lr * g for (name, p), g in zip(phi.items(), gradient)}
            if first_order:
                phi = {name: p.detach().requires_grad_() for name, p in phi.items()}
        loss = _loss(lambda x, phi=phi: functional_call(network, phi, (x,)), task.query)
        gradient = torch.autograd.grad(loss, tuple((phi if first_order else theta).values()))
        total = {name: t + g for (name, t), g in zip(total.items(), gradient)}
    return {name: t / len(episodes.support.x) for name, t in total.items()}


def with_higher(network: nn.Module, episodes: Episode, *, inner_lr: float, inner_steps: int,
                first_order: bool) -> Params:
    higher, network = load("higher"), copy.deepcopy(network)
    optimizer, n_tasks = torch.optim.SGD(network.parameters(), lr=inner_lr), len(episodes.support.x)
    total = [torch.zeros_like(p) for p in network.parameters()]
    for task in tasks(episodes):
        with higher.innerloop_ctx(network, optimizer, copy_initial_weights=False,
                                  track_higher_grads=not first_order) as (functional, differentiable):
            for _ in range(inner_steps):
                differentiable.step(_loss(functional, task.support))
            start = functional.parameters() if first_order else network.parameters()
            gradient = torch.autograd.grad(_loss(functional, task.query) / n_tasks, tuple(start))
        total = [t + g for t, g in zip(total, gradient)]
    return dict(zip(dict(network.named_parameters()), total))


def with_torchopt(network: nn.Module, episodes: Episode, *, inner_lr: float, inner_steps: int,
                  first_order: bool) -> Params:
    assert not first_order, "torchopt's differentiable optimizer keeps the second order"
    torchopt, network = load("torchopt"), copy.deepcopy(network)
    theta, n_tasks = dict(network.named_parameters()), len(episodes.support.x)
    optimizer = torchopt.MetaSGD(network, lr=inner_lr)
    start = [torchopt.extract_state_dict(part, by="reference") for part in (network, optimizer)]
    for task in tasks(episodes):
        for _ in range(inner_steps):
            optimizer.step(_loss(network, task.support))
        (_loss(network, task.query) / n_tasks).backward()
        for part, state in zip((network, optimizer), start):
            torchopt.recover_state_dict(part, state)
    return {name: p.grad for name, p in theta.items()}
