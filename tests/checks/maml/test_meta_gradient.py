"""Right and wrong meta-gradients."""
import pytest
import torch
from torch.func import grad

from metacourse.checks import NotAttempted, maml
from metacourse.episode import Episode, Examples
from metacourse.methods import maml as library
from tests.checks.maml.plain import inner_loop, inner_loop_by_func, outer, query_loss, slopes
from tests.checks.saying import blank, names_the_mistake


def by_backward(loss, theta, episodes, **inner):
    for p in theta.values():
        p.grad = None
    for episode in episodes:
        (query_loss(loss, theta, episode, **inner) / len(episodes)).backward()
    return {name: p.grad for name, p in theta.items()}


def by_func(loss, theta, episodes, **inner):
    each = [grad(lambda theta, e=e: loss(inner_loop_by_func(loss, theta, e.support, **inner), e.query))(theta)
            for e in episodes]
    return {name: torch.stack([g[name] for g in each]).mean(0) for name in theta}


def by_the_library(loss, theta, episodes, **inner):
    halves = [[torch.stack([getattr(e[half], part) for e in episodes]) for part in "xy"] for half in (0, 1)]
    batch = Episode(*(Examples(*half) for half in halves))
    return library.meta_gradient(loss, theta, batch, over="loop", **inner)[1]


def by_two_factors(loss, theta, episodes, *, inner_lr, inner_steps):
    """(I − αH) times a vector, from the last step to the first: no graph of the whole loop."""
    total = {name: torch.zeros_like(p) for name, p in theta.items()}
    for support, query in episodes:
        path = [inner_loop_by_func(loss, theta, support, inner_lr=inner_lr, inner_steps=n)
                for n in range(inner_steps + 1)]
        v = grad(loss)(path[-1], query)
        for phi in reversed(path[:-1]):
            product = torch.func.vjp(lambda phi, s=support: grad(loss)(phi, s), phi)[1](v)[0]
            v = {name: v[name] - inner_lr * product[name] for name in v}
        total = {name: total[name] + v[name] / len(episodes) for name in v}
    return total


@pytest.mark.parametrize("right", [outer, by_backward, by_func, by_the_library, by_two_factors])
def test_every_right_meta_gradient_is_accepted(right):
    maml.meta_gradient(right)


def with_loss(each, **change):
    """The outer loop around another loss of each task."""
    return lambda loss, theta, episodes, **inner: outer(loss, theta, episodes, each, **(inner | change))


def on(adapt_to, judge_on, at_theta=False):
    def each(loss, theta, episode, **inner):
        phi = inner_loop(loss, theta, episode[adapt_to], **inner)
        return loss(theta if at_theta else phi, episode[judge_on])
    return with_loss(each)


def rate(change):
    return lambda loss, theta, episodes, *, inner_lr, inner_steps: \
        outer(loss, theta, episodes, inner_lr=change(inner_lr), inner_steps=inner_steps)


def steps(change):
    return lambda loss, theta, episodes, *, inner_lr, inner_steps: \
        outer(loss, theta, episodes, inner_lr=inner_lr, inner_steps=change(inner_steps))


def summed(loss, theta, episodes, **inner):
    return {name: len(episodes) * g for name, g in outer(loss, theta, episodes, **inner).items()}


def leaking(loss, theta, episodes, **inner):
    start, losses = theta, []
    for support, query in episodes:
        start = inner_loop(loss, start, support, **inner)
        losses.append(loss(start, query))
    found = torch.autograd.grad(torch.stack(losses).mean(), list(theta.values()))
    return dict(zip(theta, found))


def support_in_grad(loss, theta, episodes, **inner):
    for support, query in episodes:
        loss(theta, support).backward()
        query_loss(loss, theta, Episode(support, query), **inner).backward()
    return {name: p.grad / len(episodes) for name, p in theta.items()}


def first_order_and_support_in_grad(loss, theta, episodes, **inner):
    for support, query in episodes:
        loss(theta, support).backward()
        query_loss(loss, theta, Episode(support, query), create_graph=False, **inner).backward()
    return {name: p.grad / len(episodes) for name, p in theta.items()}


def as_a_tuple(loss, theta, episodes, **inner):
    return tuple(outer(loss, theta, episodes, **inner).values())


def unused(loss, theta, episodes, **inner):
    phi = inner_loop(loss, theta, episodes[0].support, **inner)
    phi = {name: p.detach().requires_grad_() for name, p in phi.items()}
    found = torch.autograd.grad(loss(phi, episodes[0].query), list(theta.values()), allow_unused=True)
    return dict(zip(theta, found))


def unused_and_not_allowed(loss, theta, episodes, **inner):
    phi = inner_loop(loss, theta, episodes[0].support, **inner)
    phi = {name: p.detach().requires_grad_() for name, p in phi.items()}
    return dict(zip(theta, torch.autograd.grad(loss(phi, episodes[0].query), list(theta.values()))))


def under_no_grad(loss, theta, episodes, **inner):
    with torch.no_grad():
        phis = [inner_loop_by_func(loss, theta, e.support, **inner) for e in episodes]
    total = sum(loss(phi, e.query) for phi, e in zip(phis, episodes))
    return dict(zip(theta, torch.autograd.grad(total, list(theta.values()))))


def grad_of_cut_graph(loss, theta, episodes, **inner):
    return {name: torch.zeros_like(g) for name, g in outer(loss, theta, episodes, **inner).items()}


def optimizer_inside(loss, theta, episodes, *, inner_lr, inner_steps):
    optimizer = torch.optim.SGD(theta.values(), lr=inner_lr)
    loss(theta, episodes[0].support).backward()
    optimizer.step()
    return {name: p.grad for name, p in theta.items()}


def theta_detached(loss, theta, episodes, *, inner_lr, inner_steps):
    def each(loss, theta, episode, **_):
        phi = theta
        for _ in range(inner_steps):
            found = slopes(loss, phi, episode.support)
            phi = {name: p.detach() - inner_lr * found[name] for name, p in phi.items()}
        return loss(phi, episode.query)
    return outer(loss, theta, episodes, each)


def graph_in(kept):
    """The inner gradients keep their graph in the steps that `kept` says, and in no other."""
    def each(loss, theta, episode, *, inner_lr, inner_steps):
        phi = theta
        for j in range(inner_steps):
            found = slopes(loss, phi, episode.support, create_graph=kept(j))
            phi = {name: p - inner_lr * found[name] for name, p in phi.items()}
        return loss(phi, episode.query)
    return with_loss(each)


WRONG = [
    (graph_in(lambda j: j < 2), "leads through 2 of the 3"),
    (graph_in(lambda j: j < 1), "leads through 1 of the 3"),
    (steps(lambda n: min(n, 1)), "only one inner step is taken"),
    (on(0, 1, at_theta=True), "the query loss is taken at θ"),
    (on(0, 0), "the loss is taken on the support set"),
    (on(1, 1), "adapted to the query set"),
    (on(1, 0), "the two sets are swapped"),
    (with_loss(query_loss, sign=1.0), "the inner steps go uphill"),
    (rate(lambda a: a * a), "α is squared"),
    (rate(lambda a: 1.0), "α is forgotten"),
    (steps(lambda n: n - 1), "the inner loop ends one step early"),
    (steps(lambda n: n + 1), "one inner step too many"),
    (steps(lambda n: n - (n == 3)), "one inner step short"),
    (summed, "the mean over tasks is wanted"),
    (lambda loss, theta, episodes, **inner: outer(loss, theta, episodes[-1:], **inner), "only the last task"),
    (lambda loss, theta, episodes, **inner: outer(loss, theta, episodes[:1], **inner), "only the first task"),
    (leaking, "starts where the first one ended"),
    (support_in_grad, "the support gradient is added"),
    (lambda *args, **inner: {n: -g for n, g in outer(*args, **inner).items()}, "minus the gradient"),
    (as_a_tuple, "gives the names back"),
    (unused, "the graph was cut"),
    (unused_and_not_allowed, "the graph was cut"),
    (under_no_grad, "the graph was cut"),
    (grad_of_cut_graph, "the graph was cut"),
    (optimizer_inside, "an optimizer's `step()`"),
    (theta_detached, "θ is detached where the step is subtracted"),
]


@pytest.mark.parametrize("wrong, hint", [
    *WRONG,
    (with_loss(query_loss, create_graph=False), "this is first-order"),
    (first_order_and_support_in_grad, "the support gradient is added"),
])
def test_every_wrong_meta_gradient_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.meta_gradient, wrong, hint)


def first_order_only_for_the_network(loss, theta, episodes, **inner):
    return outer(loss, theta, episodes, create_graph=len(theta) < 2, **inner)


def summed_only_for_the_network(loss, theta, episodes, **inner):
    return (summed if len(theta) > 1 else outer)(loss, theta, episodes, **inner)


@pytest.mark.parametrize("wrong, hint", [
    (first_order_only_for_the_network, "this is first-order"),
    (summed_only_for_the_network, "the mean is wanted"),
])
def test_nudging_finds_what_the_pencil_did_not(wrong, hint):
    names_the_mistake(maml.meta_gradient, wrong, hint)


def test_an_earlier_gradient_in_grad_is_not_handed_out():
    def on_top(loss, theta, episodes, **inner):
        torch.stack([query_loss(loss, theta, episode, **inner) for episode in episodes]).mean().backward()
        return {name: p.grad for name, p in theta.items()}
    names_the_mistake(maml.meta_gradient, on_top, "what stood in `.grad` before")


@pytest.mark.parametrize("check", [maml.meta_gradient, maml.fomaml_gradient])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
