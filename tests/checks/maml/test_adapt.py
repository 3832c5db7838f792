"""Right and wrong inner loops."""
import pytest
import torch

from metacourse.checks import exercise, maml
from metacourse.methods import maml as library
from tests.checks.maml.plain import inner_loop, inner_loop_by_func, minus, slopes, times
from tests.checks.saying import names_the_mistake, rejected


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
    (loop(lambda i, theta, phi, gradient, a: minus(theta, times(a, gradient(phi)))), "from φ, too"),
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


def test_an_endless_loop_ends(monkeypatch):
    def endless(loss, theta, support, *, inner_lr, inner_steps):
        while inner_steps:
            pass
        return theta
    monkeypatch.setattr(exercise, "SECONDS", 0.3)
    assert "did not finish" in rejected(maml.adapt, endless)
