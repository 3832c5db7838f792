"""Right and wrong inner steps, and right and wrong inner loops."""
import pytest
import torch
from torch.func import grad

from metacourse.checks import NotAttempted, exercise, maml
from metacourse.methods import maml as library
from tests.checks.maml.plain import inner_loop, inner_loop_by_func, slopes
from tests.checks.saying import blank, names_the_mistake, rejected


def minus(theta, step):
    return {name: p - step[name] for name, p in theta.items()}


def times(rate, gradient):
    return {name: rate * g for name, g in gradient.items()}


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


@pytest.mark.parametrize("right", [inner_loop, inner_loop_by_func, library.adapt])
def test_every_right_loop_is_accepted(right):
    maml.adapt(right)


def loop(change):
    """The right loop, whose steps are changed: change(i, theta, phi, gradient, α) -> the next φ."""
    def adapts(loss, theta, support, *, inner_lr, inner_steps):
        phi = theta
        for i in range(inner_steps):
            phi = change(i, theta, phi, lambda at: slopes(loss, at, support), inner_lr)
        return phi
    return adapts


def detached_after_each_step(i, theta, phi, gradient, rate):
    phi = minus(phi, times(rate, gradient(phi)))
    return {name: p.detach().requires_grad_() for name, p in phi.items()}


def last_gradient_constant(i, theta, phi, gradient, rate):
    found = {name: g.detach() if i == 2 else g for name, g in gradient(phi).items()}
    return minus(phi, times(rate, found))


def with_steps(change, **more):
    return lambda loss, theta, support, *, inner_lr, inner_steps: \
        inner_loop(loss, theta, support, inner_lr=inner_lr, inner_steps=change(inner_steps), **more)


def all_of_them(loss, theta, support, *, inner_lr, inner_steps):
    return [inner_loop(loss, theta, support, inner_lr=inner_lr, inner_steps=n)
            for n in range(inner_steps + 1)]


def returns_inside_the_loop(loss, theta, support, *, inner_lr, inner_steps):
    for _ in range(inner_steps):
        return inner_loop(loss, theta, support, inner_lr=inner_lr, inner_steps=1)
    return theta


def one_at_least(loss, theta, support, *, inner_lr, inner_steps):
    return inner_loop(loss, theta, support, inner_lr=inner_lr, inner_steps=max(1, inner_steps))


def trains_theta(loss, theta, support, *, inner_lr, inner_steps):
    optimizer = torch.optim.SGD(theta.values(), lr=inner_lr)
    for _ in range(inner_steps):
        optimizer.zero_grad()
        loss(theta, support).backward()
        optimizer.step()
    return theta


@pytest.mark.parametrize("wrong, hint", [
    (with_steps(lambda n: n, create_graph=False), "this is first-order"),
    (with_steps(lambda n: n, sign=1.0), "goes uphill"),
    (with_steps(lambda n: n - 1), "one step short"),
    (with_steps(lambda n: n + 1), "one step too many"),
    (with_steps(lambda n: 0), "the parameters did not move"),
    (returns_inside_the_loop, "every step starts at θ again"),
    (loop(lambda i, theta, phi, gradient, a: minus(theta, times(a, gradient(theta)))), "starts at θ again"),
    (loop(lambda i, theta, phi, gradient, a: minus(phi, times(a, gradient(theta)))), "taken at θ in every"),
    (loop(lambda i, theta, phi, gradient, a: minus(phi, times(a**2, gradient(phi)))), "α is squared"),
    (loop(lambda i, theta, phi, gradient, a: minus(phi, gradient(phi))), "α is forgotten"),
    (loop(detached_after_each_step), "does not depend on θ any more"),
    (loop(last_gradient_constant), "through 2 of the 3 gradients"),
    (all_of_them, "return the last one"),
    (trains_theta, "an optimizer's `step()`"),
])
def test_every_wrong_loop_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.adapt, wrong, hint)


def test_a_loop_that_takes_a_step_too_many_at_zero_only_is_rejected():
    assert "φ for inner_steps=0" in rejected(maml.adapt, one_at_least)


@pytest.mark.parametrize("check", [maml.inner_step, maml.adapt])
def test_blanks_exceptions_and_other_things_get_a_sentence(check):
    with pytest.raises(NotAttempted):
        check(blank)
    assert "names of θ" in rejected(check, lambda *args, **kwargs: {})
    assert "should be a tensor" in rejected(check, lambda *args, **kwargs: {"w": 3.7})
    assert "wrong shape" in rejected(check, lambda *args, **kwargs: {"w": torch.ones(2)})
    assert "in line" in rejected(check, lambda loss, theta, support, **inner: loss(theta, support) @ 7)


def test_an_endless_loop_ends(monkeypatch):
    def endless(loss, theta, support, *, inner_lr, inner_steps):
        while inner_steps:
            pass
        return theta
    monkeypatch.setattr(exercise, "SECONDS", 0.3)
    assert "did not finish" in rejected(maml.adapt, endless)
