"""The five bugs of exercise 2.5, named rightly and wrongly; the program really has them."""
import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import maml
from metacourse.checks.maml.bugs import BUGS, LOOK
from tests.checks.saying import names_the_mistake, rejected
from tests.checks.test_solutions import definitions

RIGHT = {"one function": "A", "not restored": "B", "last task only": "C", "support gradient added": "D",
         "first-order": "E"}
WAVES = [(1.0, 0.0), (3.0, 1.0)]
X = torch.linspace(-2, 2, 6)[:, None]


def test_the_right_names_are_accepted_in_any_order_and_spelling():
    maml.name_the_bugs(lambda: RIGHT)
    maml.name_the_bugs(lambda: {f" {name.upper()}": line.lower() for name, line in reversed(RIGHT.items())})


@pytest.mark.parametrize("name, line", [
    ("not restored", "G"), ("support gradient added", "F"), ("first-order", "D")])
def test_either_of_two_lines_that_make_a_bug_together_is_accepted(name, line):
    maml.name_the_bugs(lambda: RIGHT | {name: line})


@pytest.mark.parametrize("name", BUGS)
def test_a_missing_bug_and_a_wrong_line_are_answered_with_where_to_look(name):
    names_the_mistake(maml.name_the_bugs, lambda: {n: b for n, b in RIGHT.items() if n != name}, LOOK[name])
    names_the_mistake(maml.name_the_bugs, lambda: RIGHT | {name: "H"}, LOOK[name])


@pytest.mark.parametrize("name, hint", [
    ("uphill", "sign in line E"), ("judged at θ", "runs after line E"), ("adapts to queries", "line D take")])
def test_a_bug_that_is_not_there_is_answered_with_where_to_look(name, hint):
    names_the_mistake(maml.name_the_bugs, lambda: RIGHT | {name: "E"}, hint)


@pytest.mark.parametrize("answer, said", [
    (["A"], "bugs and their lines"), ({}, "bugs and their lines"), (RIGHT | {"slow": "A"}, "no such name"),
    ({line: name for name, line in RIGHT.items()}, "no such name"),
])
def test_other_names_are_rejected_with_a_sentence(answer, said):
    assert said in rejected(maml.name_the_bugs, lambda: answer)


@pytest.fixture(scope="module")
def program():
    return definitions("02_maml")


def stepped(program, waves):
    """One outer step of the buggy program: (network, weights before, gradient)."""
    torch.manual_seed(0)
    network = torch.nn.Linear(1, 1)
    before = [p.detach().clone() for p in network.parameters()]
    outer = torch.optim.SGD(network.parameters(), lr=0.0)
    program["meta_step"](network, waves, X, X + 0.5, inner_lr=0.1, outer=outer)
    return network, before, [p.grad for p in network.parameters()]


def test_bug_a_makes_all_tasks_the_last_one(program):
    first, last = program["make_tasks"](WAVES)
    assert torch.equal(first(X), last(X)) and torch.equal(last(X), 3 * torch.sin(X - 1))


def test_bug_b_leaves_the_weights_adapted_although_the_outer_rate_is_zero(program):
    network, before, _ = stepped(program, WAVES)
    assert not any(torch.equal(p, was) for p, was in zip(network.parameters(), before))


def test_bugs_c_d_and_e_leave_the_last_tasks_first_order_gradient_with_the_support_gradient_added(program):
    _, before, came = stepped(program, WAVES[1:])
    theta = [p.requires_grad_() for p in before]
    support = torch.autograd.grad(F.mse_loss(X @ theta[0].T + theta[1], 3 * torch.sin(X - 1)), theta)
    phi = [(p - 0.1 * g).detach().requires_grad_() for p, g in zip(theta, support)]
    query = F.mse_loss((X + 0.5) @ phi[0].T + phi[1], 3 * torch.sin(X + 0.5 - 1))
    wanted = [s + q for s, q in zip(support, torch.autograd.grad(query, phi))]
    assert all(torch.allclose(c, w) for c, w in zip(came, wanted))
    shown = definitions("02_maml")["meta_step"].__code__.co_names
    assert "zero_grad" in shown
