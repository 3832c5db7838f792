"""Bug E of exercise 2.5: steps that autograd sees, and steps that it does not."""
import pytest
import torch
import torch.nn.functional as F
from torch.func import functional_call, grad

from metacourse.checks import maml
from tests.checks.saying import names_the_mistake


def through(network, task, x_support, x_query, *, inner_lr, create_graph=True, sign=-1.0, steps=1):
    phi = dict(network.named_parameters())
    for _ in range(steps):
        loss = F.mse_loss(functional_call(network, phi, (x_support,)), task(x_support))
        slopes = torch.autograd.grad(loss, list(phi.values()), create_graph=create_graph)
        phi = {name: p + sign * inner_lr * g for (name, p), g in zip(phi.items(), slopes)}
    return F.mse_loss(functional_call(network, phi, (x_query,)), task(x_query))


def through_func(network, task, x_support, x_query, *, inner_lr):
    def loss(p, x):
        return F.mse_loss(functional_call(network, p, (x,)), task(x))
    theta = dict(network.named_parameters())
    slope = grad(loss)(theta, x_support)
    return loss({name: p - inner_lr * slope[name] for name, p in theta.items()}, x_query)


@pytest.mark.parametrize("right", [through, through_func])
def test_a_step_that_autograd_sees_is_accepted(right):
    maml.query_loss(right)


def in_place(network, task, x_support, x_query, *, inner_lr):
    slopes = torch.autograd.grad(F.mse_loss(network(x_support), task(x_support)), list(network.parameters()))
    with torch.no_grad():
        for p, g in zip(network.parameters(), slopes):
            p -= inner_lr * g
    return F.mse_loss(network(x_query), task(x_query))


def leaves_grad(network, task, x_support, x_query, **inner):
    F.mse_loss(network(x_support), task(x_support)).backward()
    return through(network, task, x_support, x_query, **inner)


def cut(network, task, x_support, x_query, **inner):
    return through(network, task, x_support, x_query, **inner).detach()


def changed(**change):
    return lambda network, task, x_support, x_query, *, inner_lr: \
        through(network, task, x_support, x_query, **({"inner_lr": inner_lr} | change))


def swapped(network, task, x_support, x_query, **inner):
    return through(network, task, x_query, x_support, **inner)


def of_the_state_dict(network, task, x_support, x_query, *, inner_lr, leaves=False):
    def loss(p, x):
        return F.mse_loss(functional_call(network, p, (x,)), task(x))
    theta = {name: p.clone().requires_grad_() if leaves else p for name, p in network.state_dict().items()}
    slopes = torch.autograd.grad(loss(theta, x_support), list(theta.values()), create_graph=True)
    return loss({name: p - inner_lr * g for (name, p), g in zip(theta.items(), slopes)}, x_query)


def added_up(*which):
    """Sums in place of means, for the support loss, the query loss or both."""
    def wrong(network, task, x_support, x_query, *, inner_lr):
        def loss(p, x, part):
            how = "sum" if part in which else "mean"
            return F.mse_loss(functional_call(network, p, (x,)), task(x), reduction=how)
        theta = dict(network.named_parameters())
        before = loss(theta, x_support, "support")
        slopes = torch.autograd.grad(before, list(theta.values()), create_graph=True)
        phi = {name: p - inner_lr * g for (name, p), g in zip(theta.items(), slopes)}
        return loss(phi, x_query, "query")
    return wrong


@pytest.mark.parametrize("wrong, hint", [
    (of_the_state_dict, "`state_dict()` has the numbers"),
    (lambda *args, **inner: of_the_state_dict(*args, **inner, leaves=True), "`state_dict()` has the numbers"),
    (added_up("query"), "errors of the queries are added up"),
    (added_up("support"), "errors of the support set are added up"),
    (added_up("support", "query"), "added up in both losses"),
    (changed(create_graph=False), "this is first-order"),
    (in_place, "a step in place"),
    (leaves_grad, "`torch.autograd.grad` only returns"),
    (cut, "the graph was cut"),
    (lambda *args, **inner: through(*args, **inner).item(), "`.item()` cuts the graph"),
    (changed(sign=1.0), "goes uphill"),
    (changed(steps=2), "one step too many"),
    (changed(steps=0), "taken at θ"),
    (changed(inner_lr=0.2 ** 2), "α is squared"),
    (changed(inner_lr=1.0), "α is forgotten"),
    (swapped, "the two sets are swapped"),
    (lambda net, task, s, q, **inner: through(net, task, s, s, **inner), "the loss on the support set"),
    (lambda net, task, s, q, **inner: through(net, task, q, q, **inner), "adapted to the query set"),
])
def test_every_wrong_query_loss_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.query_loss, wrong, hint)
