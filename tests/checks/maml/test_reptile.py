"""Right and wrong steps of Reptile."""
import pytest
import torch

from metacourse.checks import NotAttempted, maml
from metacourse.episode import Episode, Examples
from metacourse.methods import reptile as library
from tests.checks.maml.plain import inner_loop, slopes
from tests.checks.saying import blank, names_the_mistake


def moves(loss, theta, supports, *, inner_lr, inner_steps):
    """φ − θ for each task."""
    inner = {"inner_lr": inner_lr, "inner_steps": inner_steps}
    phis = [inner_loop(loss, theta, support, **inner) for support in supports]
    return [{name: phi[name] - p for name, p in theta.items()} for phi in phis]


def mean(parts):
    return {name: torch.stack([part[name] for part in parts]).mean(0) for name in parts[0]}


def along(theta, move, share):
    return {name: p + share * move[name] for name, p in theta.items()}


def batch(loss, theta, supports, *, outer_lr, **inner):
    return along(theta, mean(moves(loss, theta, supports, **inner)), outer_lr)


def by_mean_of_phi(loss, theta, supports, *, outer_lr, **inner):
    there = mean([inner_loop(loss, theta, support, create_graph=False, **inner) for support in supports])
    return {name: (1 - outer_lr) * p.detach() + outer_lr * there[name].detach() for name, p in theta.items()}


def by_the_library(loss, theta, supports, *, outer_lr, **inner):
    both = Examples(torch.stack([s.x for s in supports]), torch.stack([s.y for s in supports]))
    _, gradient = library.meta_gradient(loss, theta, Episode(both, both), **inner)
    return along(theta, gradient, -outer_lr)


@pytest.mark.parametrize("right", [batch, by_mean_of_phi, by_the_library])
def test_every_right_step_is_accepted(right):
    maml.reptile_step(right)


def inner(**change):
    def reptile(loss, theta, supports, *, outer_lr, inner_lr, inner_steps):
        given = {"inner_lr": inner_lr, "inner_steps": inner_steps, "outer_lr": outer_lr}
        return batch(loss, theta, supports, **(given | {k: f(given) for k, f in change.items()}))
    return reptile


def summed(loss, theta, supports, *, outer_lr, **inner):
    return along(theta, mean(moves(loss, theta, supports, **inner)), len(supports) * outer_lr)


def serial(loss, theta, supports, **inner):
    for support in supports:
        theta = batch(loss, theta, [support], **inner)
    return theta


def leaking(loss, theta, supports, *, outer_lr, **inner):
    phis, phi = [], theta
    for support in supports:
        phi = inner_loop(loss, phi, support, **inner)
        phis.append(phi)
    return along(theta, {name: p - theta[name] for name, p in mean(phis).items()}, outer_lr)


def first_order_maml(loss, theta, supports, *, outer_lr, **inner):
    phis = [inner_loop(loss, theta, support, **inner) for support in supports]
    return along(theta, mean([slopes(loss, phi, s) for phi, s in zip(phis, supports)]), -outer_lr)


def in_place(loss, theta, supports, *, outer_lr, **inner):
    move = mean(moves(loss, theta, supports, **inner))
    for name, p in theta.items():
        p.data += outer_lr * move[name]
    return theta


def first_tensor_only(loss, theta, supports, **inner):
    moved = batch(loss, theta, supports, **inner)
    return {name: moved[name] if i == 0 else p for i, (name, p) in enumerate(theta.items())}


@pytest.mark.parametrize("wrong, hint", [
    (inner(outer_lr=lambda given: -given["outer_lr"]), "walks away from φ"),
    (summed, "the mean over tasks is wanted"),
    (serial, "θ moves after every task"),
    (leaking, "starts where the first one ended"),
    (lambda loss, theta, supports, **more: batch(loss, theta, supports[-1:], **more), "only the last task"),
    (lambda loss, theta, supports, **more: batch(loss, theta, supports[:1], **more), "only the first task"),
    (inner(outer_lr=lambda given: 1.0), "the mean of φ"),
    (lambda loss, theta, supports, *, outer_lr, **more: mean(moves(loss, theta, supports, **more)),
     "direction alone"),
    (lambda loss, theta, supports, *, outer_lr, **more:
     {n: outer_lr * m for n, m in mean(moves(loss, theta, supports, **more)).items()}, "the move alone"),
    (lambda loss, theta, supports, **more: theta, "nothing moved"),
    (first_order_maml, "Reptile takes no gradient at φ"),
    (inner(inner_steps=lambda given: given["inner_steps"] - 1), "one inner step short"),
    (inner(inner_steps=lambda given: given["inner_steps"] + 1), "one inner step too many"),
    (inner(inner_steps=lambda given: 1), "only one inner step"),
    (inner(inner_lr=lambda given: -given["inner_lr"]), "inner steps go uphill"),
    (inner(inner_lr=lambda given: given["outer_lr"]), "the inner steps use ε"),
    (inner(outer_lr=lambda given: given["inner_lr"]), "θ moves by α"),
    (inner(inner_lr=lambda given: 1.0), "α is forgotten"),
    (in_place, "build a new tensor"),
    (first_tensor_only, "a tensor of θ that does not move"),
    (lambda *args, **more: list(batch(*args, **more).values()), "gives the names back"),
])
def test_every_wrong_step_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.reptile_step, wrong, hint)


@pytest.mark.parametrize("rate, value", [("inner_lr", 0.1), ("outer_lr", 0.5)])
def test_a_rate_that_is_written_in_is_found(rate, value):
    def wrong(loss, theta, supports, **rates):
        return batch(loss, theta, supports, **(rates | {rate: value}))
    names_the_mistake(maml.reptile_step, wrong, "a rate, or the number of tasks")


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        maml.reptile_step(blank)
