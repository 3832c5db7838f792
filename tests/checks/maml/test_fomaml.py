"""Right and wrong first-order gradients."""
import pytest
import torch

from metacourse.checks import maml
from metacourse.episode import Episode
from tests.checks.maml.plain import inner_loop, outer, slopes
from tests.checks.maml.test_meta_gradient import by_the_library, graph_in, leaking, on, theta_detached, unused
from tests.checks.saying import names_the_mistake


def first_order(*args, **inner):
    return outer(*args, create_graph=False, **inner)


def first_order_at_phi(loss, theta, episodes, **inner):
    each = []
    for support, query in episodes:
        phi = inner_loop(loss, theta, support, **inner)
        each.append(slopes(loss, {name: p.detach().requires_grad_() for name, p in phi.items()}, query))
    return {name: torch.stack([g[name] for g in each]).mean(0) for name in theta}


def first_order_by_detaching(loss, theta, episodes, *, inner_lr, inner_steps):
    def each(loss, theta, episode, **_):
        phi = theta
        for _ in range(inner_steps):
            found = slopes(loss, phi, episode.support)
            phi = {name: p - inner_lr * found[name].detach() for name, p in phi.items()}
        return loss(phi, episode.query)
    return outer(loss, theta, episodes, each)


def first_order_by_the_library(*args, **inner):
    return by_the_library(*args, first_order=True, **inner)


@pytest.mark.parametrize("right", [first_order, first_order_at_phi, first_order_by_detaching,
                                   first_order_by_the_library])
def test_every_right_first_order_gradient_is_accepted(right):
    maml.fomaml_gradient(right)


def first_order_leaking(loss, theta, episodes, **inner):
    return leaking(loss, theta, episodes, create_graph=False, **inner)


def with_both_detached(loss, theta, episodes, **inner):
    return outer(loss, {name: p.detach() for name, p in theta.items()}, episodes, **inner)


def one_step_only(loss, theta, episodes, *, inner_lr, inner_steps):
    return first_order(loss, theta, episodes, inner_lr=inner_lr, inner_steps=min(inner_steps, 1))


@pytest.mark.parametrize("wrong, hint", [
    (one_step_only, "only one inner step is taken"),
    (graph_in(lambda j: j > 1), "leads through 1 of the 3"),
    (graph_in(lambda j: j > 0), "leads through 2 of the 3"),
    (outer, "this is still the exact gradient"),
    (theta_detached, "θ is detached where the step is subtracted"),
    (with_both_detached, "the graph was cut"),
    (unused, "the graph was cut"),
    (lambda *args, **inner: {n: -g for n, g in first_order(*args, **inner).items()}, "minus the gradient"),
    (lambda loss, theta, episodes, **inner:
     {n: len(episodes) * g for n, g in first_order(loss, theta, episodes, **inner).items()},
     "the mean over tasks is wanted"),
    (first_order_leaking, "starts where the first one ended"),
    (on(0, 0), "the loss is taken on the support set"),
    (lambda loss, theta, episodes, **inner: outer(loss, theta, episodes[-1:], create_graph=False, **inner),
     "only the last task"),
    (lambda loss, theta, episodes, **inner:
     first_order(loss, theta, [Episode(q, s) for s, q in episodes], **inner), "the two sets are swapped"),
])
def test_every_wrong_first_order_gradient_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.fomaml_gradient, wrong, hint)


def exact_only_for_the_network(loss, theta, episodes, **inner):
    return outer(loss, theta, episodes, create_graph=len(theta) > 1, **inner)


def test_an_exact_gradient_of_the_network_is_named_too():
    names_the_mistake(maml.fomaml_gradient, exact_only_for_the_network, "this is still the exact gradient")
