"""Right and wrong inner loops of ANIL."""
import pytest
import torch
from torch.func import grad

from metacourse.checks import NotAttempted, maml
from tests.checks.maml.plain import inner_loop, slopes
from tests.checks.saying import blank, names_the_mistake


def is_head(name):
    return name.startswith("head")


def right(loss, theta, support, *, inner_lr, inner_steps, moves=is_head, create_graph=True, sign=-1.0):
    phi = dict(theta)
    for _ in range(inner_steps):
        found = slopes(loss, phi, support, create_graph=create_graph)
        phi = {name: p + sign * inner_lr * found[name] if moves(name) else p for name, p in phi.items()}
    return phi


def by_func(loss, theta, support, *, inner_lr, inner_steps):
    body = {name: p for name, p in theta.items() if not is_head(name)}
    head = {name: p for name, p in theta.items() if is_head(name)}
    for _ in range(inner_steps):
        found = grad(lambda head: loss({**body, **head}, support))(head)
        head = {name: head[name] - inner_lr * found[name] for name in head}
    return {**body, **head}


@pytest.mark.parametrize("right", [right, by_func])
def test_every_right_loop_is_accepted(right):
    maml.anil_adapt(right)


def changed(**change):
    return lambda loss, theta, support, *, inner_lr, inner_steps: \
        right(loss, theta, support, **({"inner_lr": inner_lr, "inner_steps": inner_steps} | change))


def head_alone(*args, **inner):
    return {name: p for name, p in right(*args, **inner).items() if is_head(name)}


def body_detached_in_phi(loss, theta, *args, **inner):
    phi = right(loss, theta, *args, **inner)
    return {name: p if is_head(name) else p.detach() for name, p in phi.items()}


def body_detached_in_the_loop(loss, theta, support, *, inner_lr, inner_steps):
    phi = dict(theta)
    for _ in range(inner_steps):
        fixed = {name: p if is_head(name) else p.detach() for name, p in phi.items()}
        head = [name for name in fixed if is_head(name)]
        found = torch.autograd.grad(loss(fixed, support), [fixed[name] for name in head], create_graph=True)
        phi |= {name: fixed[name] - inner_lr * g for name, g in zip(head, found)}
    return phi


def requires_grad_off(loss, theta, support, **inner):
    for name, p in theta.items():
        p.requires_grad_(is_head(name))
    return right(loss, theta, support, **inner)


def steps(change):
    return lambda *args, inner_lr, inner_steps: \
        right(*args, inner_lr=inner_lr, inner_steps=change(inner_steps))


def at_theta(loss, theta, support, *, inner_lr, inner_steps):
    found = slopes(loss, theta, support)
    rate = inner_steps * inner_lr
    return {name: p - rate * found[name] if is_head(name) else p for name, p in theta.items()}


def body_put_back(loss, theta, support, **inner):
    phi = inner_loop(loss, theta, support, **inner)
    return {name: p if is_head(name) else theta[name] for name, p in phi.items()}


def from_theta_again(loss, theta, support, *, inner_lr, inner_steps):
    phi = dict(theta)
    for _ in range(inner_steps):
        found = slopes(loss, phi, support)
        phi = {name: p - inner_lr * found[name] if is_head(name) else p for name, p in theta.items()}
    return phi


@pytest.mark.parametrize("wrong, hint", [
    (body_put_back, "must see the body of θ"),
    (from_theta_again, "subtracted from θ again"),
    (inner_loop, "the body adapts too"),
    (changed(moves=lambda name: "head" in name), "A name that contains \"head\" is not enough"),
    (changed(moves=lambda name: not is_head(name)), "the body adapts too"),
    (changed(moves=lambda name: False), "the head does not move"),
    (changed(moves=lambda name: name == "head"), "the head does not move"),
    (changed(create_graph=False), "this is first-order"),
    (changed(sign=1.0), "goes uphill"),
    (changed(inner_lr=1.0), "α is forgotten"),
    (changed(inner_lr=0.1 ** 2), "α is squared"),
    (head_alone, "what does not change is there, too: overhead.weight"),
    (body_detached_in_phi, "the outer loop trains it"),
    (body_detached_in_the_loop, "taken with a detached body"),
    (requires_grad_off, "the graph was cut"),
    (steps(lambda n: min(n, 1)), "one step only"),
    (steps(lambda n: max(n, 1)), "one step too many"),
    (at_theta, "taken at θ in both steps"),
])
def test_every_wrong_loop_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.anil_adapt, wrong, hint)


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        maml.anil_adapt(blank)


def moves_weights_only(name):
    return name.startswith("head") and not name.endswith("bias")


def last_only(loss, theta, support, *, inner_lr, inner_steps):
    last = list(theta)[-1]
    inner = dict(inner_lr=inner_lr, inner_steps=inner_steps)
    return right(loss, theta, support, **inner, moves=lambda name: name == last)


@pytest.mark.parametrize("wrong, hint", [
    (last_only, "starts with \"head\" moves"),
    (lambda *args, **inner: right(*args, **inner, moves=moves_weights_only), "starts with \"head\" moves"),
    (lambda *args, inner_lr, inner_steps: right(*args, inner_lr=0.1, inner_steps=inner_steps), "not used"),
])
def test_a_head_of_two_tensors_moves_as_a_whole_and_at_the_given_rate(wrong, hint):
    names_the_mistake(maml.anil_adapt, wrong, hint)
