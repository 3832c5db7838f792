"""Right and wrong inner steps."""
import warnings

import pytest
import torch
from torch.func import grad

from metacourse.checks import NotAttempted, maml
from metacourse.methods import maml as library
from tests.checks.maml.plain import inner_loop, inner_loop_by_func, minus, slopes, times
from tests.checks.saying import blank, names_the_mistake, rejected


def by_autograd(loss, theta, support, *, inner_lr):
    return inner_loop(loss, theta, support, inner_lr=inner_lr, inner_steps=1)


def by_func(loss, theta, support, *, inner_lr):
    return inner_loop_by_func(loss, theta, support, inner_lr=inner_lr, inner_steps=1)


def by_the_library(loss, theta, support, *, inner_lr):
    return library.adapt(loss, theta, support, inner_lr=inner_lr, inner_steps=1)


@pytest.mark.parametrize("right", [by_autograd, by_func, by_the_library])
def test_every_right_step_is_accepted(right):
    maml.inner_step(right)


def no_create_graph(loss, theta, support, *, inner_lr):
    return minus(theta, times(inner_lr, slopes(loss, theta, support, create_graph=False)))


def by_backward(loss, theta, support, *, inner_lr):
    loss(theta, support).backward()
    return {name: p - inner_lr * p.grad for name, p in theta.items()}


def under_no_grad(loss, theta, support, *, inner_lr):
    with torch.no_grad():
        return minus(theta, times(inner_lr, grad(loss)(theta, support)))


def whole_under_no_grad(loss, theta, support, *, inner_lr):
    with torch.no_grad():
        return by_autograd(loss, theta, support, inner_lr=inner_lr)


def by_data(loss, theta, support, *, inner_lr):
    return {name: p.data - inner_lr * g.data
            for (name, p), g in zip(theta.items(), slopes(loss, theta, support).values())}


def optimizer_on_copies(loss, theta, support, *, inner_lr):
    phi = {name: p.detach().clone().requires_grad_() for name, p in theta.items()}
    optimizer = torch.optim.SGD(phi.values(), lr=inner_lr)
    loss(phi, support).backward()
    optimizer.step()
    return phi


def theta_detached(loss, theta, support, *, inner_lr):
    step = times(inner_lr, slopes(loss, theta, support))
    return {name: p.detach() - step[name] for name, p in theta.items()}


def optimizer_on_theta(loss, theta, support, *, inner_lr):
    optimizer = torch.optim.SGD(theta.values(), lr=inner_lr)
    loss(theta, support).backward()
    optimizer.step()
    return theta


def data_in_place(loss, theta, support, *, inner_lr):
    for name, g in slopes(loss, theta, support).items():
        theta[name].data -= inner_lr * g
    return theta


def leaf_in_place(loss, theta, support, *, inner_lr):
    for name, g in slopes(loss, theta, support).items():
        theta[name] -= inner_lr * g
    return theta


def dict_overwritten(loss, theta, support, *, inner_lr):
    for name, g in slopes(loss, theta, support).items():
        theta[name] = theta[name] - inner_lr * g
    return theta


def first_tensor_only(loss, theta, support, *, inner_lr):
    (name, p), *_ = theta.items()
    return {**theta, name: p - inner_lr * slopes(loss, theta, support)[name]}


def last_tensor_missing(loss, theta, support, *, inner_lr):
    phi = by_autograd(loss, theta, support, inner_lr=inner_lr)
    return dict(list(phi.items())[:1])


def as_a_list(loss, theta, support, *, inner_lr):
    return list(by_autograd(loss, theta, support, inner_lr=inner_lr).values())


def step_of(rate):
    """φ = θ − rate(α) · gradient."""
    return lambda loss, theta, support, *, inner_lr: \
        minus(theta, times(rate(inner_lr), slopes(loss, theta, support)))


def steps(n):
    return lambda loss, theta, support, *, inner_lr: \
        inner_loop(loss, theta, support, inner_lr=inner_lr, inner_steps=n)


@pytest.mark.parametrize("wrong, hint", [
    (no_create_graph, "this is first-order"),
    (by_backward, "this is first-order"),
    (under_no_grad, "the graph was cut"),
    (whole_under_no_grad, "the graph was cut"),
    (by_data, "`.detach()`, `.data`"),
    (optimizer_on_copies, "optimizer's `step()`"),
    (theta_detached, "θ is detached where the step is subtracted"),
    (optimizer_on_theta, "an optimizer's `step()`: build a new tensor"),
    (data_in_place, "build a new tensor"),
    (leaf_in_place, "build new tensors"),
    (dict_overwritten, "build a new tensor"),
    (first_tensor_only, "did not move"),
    (last_tensor_missing, "hidden.bias, out.weight"),
    (as_a_list, "gives the names back"),
    (step_of(lambda rate: -rate), "goes uphill"),
    (step_of(lambda rate: rate ** 2), "α is squared"),
    (step_of(lambda rate: 1.0), "α is forgotten"),
    (steps(0), "the parameters did not move"),
    (steps(2), "one step too many"),
    (lambda loss, theta, support, *, inner_lr: slopes(loss, theta, support), "this is the gradient"),
    (lambda loss, theta, support, *, inner_lr: times(inner_lr, slopes(loss, theta, support)), "step alone"),
    (lambda loss, theta, support, *, inner_lr: times(-inner_lr, slopes(loss, theta, support)), "step alone:"),
    (lambda loss, theta, support, *, inner_lr:
     {name: p - inner_lr * loss(theta, support) for name, p in theta.items()}, "loss is subtracted"),
])
def test_every_wrong_step_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.inner_step, wrong, hint)


def backward_on_top(loss, theta, support, *, inner_lr):
    loss(theta, support).backward(create_graph=True)
    return {name: p - inner_lr * p.grad for name, p in theta.items()}


def test_an_earlier_gradient_in_grad_is_not_taken_for_the_step():
    with warnings.catch_warnings(action="ignore"):                    # torch warns of a cycle through .grad
        names_the_mistake(maml.inner_step, backward_on_top, "what stood in `.grad` before")


def test_a_rate_that_is_written_in_is_found():
    names_the_mistake(maml.inner_step, lambda *args, inner_lr: by_autograd(*args, inner_lr=0.1), "not used")


@pytest.mark.parametrize("check", [maml.inner_step, maml.adapt])
def test_blanks_exceptions_and_other_things_get_a_sentence(check):
    with pytest.raises(NotAttempted):
        check(blank)
    assert "names of θ" in rejected(check, lambda *args, **kwargs: {})
    assert "should be a tensor" in rejected(check, lambda *args, **kwargs: {"w": 3.7})
    assert "wrong shape" in rejected(check, lambda *args, **kwargs: {"w": torch.ones(2)})
    assert "in line" in rejected(check, lambda loss, theta, support, **inner: loss(theta, support) @ 7)
