"""Right and wrong rates; the pencil agrees with two hundred steps of descent."""
import pytest
import torch
from torch.autograd.functional import hessian
from torch.func import grad, jacrev

from metacourse.checks import NotAttempted, maml
from metacourse.checks.maml import rates
from tests.checks.saying import blank, names_the_mistake, rejected


def test_the_curvatures_of_the_valley_are_7_and_2():
    assert torch.allclose(torch.linalg.eigvalsh(rates.CURVATURE), torch.tensor([2.0, 7.0]))


def test_just_below_the_bound_descent_arrives_and_just_above_it_leaves():
    assert rates.distance_left(0.99 * 2 / 7, 200) < 0.05 and rates.distance_left(1.01 * 2 / 7, 200) > 20


@pytest.mark.parametrize("rate", [0.19, 0.2, 2 / 9, 0.23, torch.tensor(0.2)])
def test_rates_that_get_there_are_accepted(rate):
    maml.choose_rate(lambda: rate)


@pytest.mark.parametrize("rate, hint", [
    (0.02, "it crawls"), (0.12, "it crawls"), (0.26, "it zigzags"), (0.29, "it explodes"),
    (-0.2, "minus sign"),
])
def test_other_rates_are_told_what_they_do(rate, hint):
    names_the_mistake(maml.choose_rate, lambda: rate, hint)


@pytest.mark.parametrize("answer", ["0.2", None, [0.2], float("nan"), torch.ones(2)])
def test_other_things_than_a_number_are_rejected(answer):
    assert rejected(maml.choose_rate, lambda: answer)


def curvatures(loss, theta):
    return torch.linalg.eigvalsh(hessian(loss, theta))


def top(loss, theta):
    return curvatures(loss, theta)[-1]


def by_power_iteration(loss, theta):
    v = torch.ones_like(theta) + torch.arange(len(theta))
    for _ in range(60):
        v = torch.autograd.functional.hvp(loss, theta, v / v.norm())[1]
    return 2 / v.norm()


def by_two_power_iterations(loss, theta):
    """A second one on H − λI, where the eigenvalue λ of the largest size is negative."""
    def largest(shift):
        v = torch.ones_like(theta) + torch.arange(len(theta))
        for _ in range(50):
            v = v / v.norm()
            w = torch.autograd.functional.hvp(loss, theta, v)[1] - shift * v
            size, v = v @ w, w
        return size + shift
    first = largest(0.0)
    return 2 / (first if first > 0 else largest(first))


def by_autograd(loss, theta):
    slope, = torch.autograd.grad(loss(theta), theta, create_graph=True)
    rows = [torch.autograd.grad(s, theta, retain_graph=True)[0] for s in slope]
    return 2 / torch.linalg.eigvalsh(torch.stack(rows))[-1]


@pytest.mark.parametrize("right", [
    lambda loss, theta: 2 / top(loss, theta),
    lambda loss, theta: (2 / torch.linalg.eigvals(jacrev(grad(loss))(theta)).real.max()).item(),
    by_two_power_iterations,
    by_autograd,
])
def test_the_largest_stable_rate_is_accepted(right):
    maml.largest_stable_rate(right)


@pytest.mark.parametrize("wrong, hint", [
    (lambda loss, theta: 1 / top(loss, theta), "Twice as much is still stable"),
    (lambda loss, theta: 2 / curvatures(loss, theta)[0], "the steepest direction explodes"),
    (lambda loss, theta: 1 / curvatures(loss, theta)[0], "1 / H_min"),
    (lambda loss, theta: 2 / curvatures(loss, theta).sum(), "only H_max counts"),
    (lambda loss, theta: 2 / curvatures(loss, theta)[[0, -1]].sum(), "fastest α"),
    (lambda loss, theta: 2 / hessian(loss, theta).diag().max(), "the largest entry on the diagonal"),
    (lambda loss, theta: 2 / hessian(loss, theta).abs().sum(1).max(), "sum of a row"),
    (lambda loss, theta: 2 / hessian(loss, theta).norm(), "the norm of the matrix"),
    (lambda loss, theta: 2 / torch.linalg.matrix_norm(hessian(loss, theta), 2), "with its sign"),
    (by_power_iteration, "with its sign"),
    (lambda loss, theta: 2 / 7, "a number is written in"),
    (lambda loss, theta: 2 / top(loss, torch.zeros_like(theta)), "the curvature at 0"),
    (lambda loss, theta: top(loss, theta), "the curvature itself"),
    (lambda loss, theta: top(loss, theta) / 2, "upside down"),
])
def test_every_wrong_bound_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.largest_stable_rate, wrong, hint)


def test_a_curvature_taken_elsewhere_than_at_theta_is_rejected():
    assert "near θ = [1.05" in rejected(maml.largest_stable_rate,
                                        lambda loss, theta: 2 / top(loss, torch.zeros_like(theta)))


def test_a_graph_that_was_cut_is_named():
    def cut(loss, theta):
        slope, = torch.autograd.grad(loss(theta.requires_grad_()), theta)
        return 2 / torch.stack([torch.autograd.grad(s, theta)[0] for s in slope]).max()
    names_the_mistake(maml.largest_stable_rate, cut, "the graph was cut")


@pytest.mark.parametrize("check", [maml.choose_rate, maml.largest_stable_rate])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
