"""Exercises 2.3 and 2.4: the gradient through the inner loop, exact and first-order."""
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.maml import network, params, pencil
from metacourse.checks.maml.pencil import FAR, NEAR, RATE, START, Recipe
from metacourse.checks.report import CheckFailed

INNER = {"inner_lr": 0.2, "inner_steps": 2}               # for the network
FIRST_ORDER = ("this is first-order: φ is treated as if it moved by ε when θ does. `create_graph=True` is "
               "missing in an inner step, or a `.detach()` is too many.")
ZERO = ("nothing of θ is left in the query loss. Either α is forgotten, and the step lands on y wherever θ "
        "is, or " + params.CUT)
EXACT = "this is still the exact gradient: the inner gradients must become constants."


@exercise("2.3", points=3)
def meta_gradient(answer: Attempt) -> Iterator[str]:
    """The meta-gradient by hand."""
    _by_pencil(answer, [NEAR], 1, Recipe(1), {FIRST_ORDER: Recipe(1, first_order=True)})
    yield "θ = 4, a step to φ = 3.7, query at 2: the gradient in θ is 0.9 · 1.7 = 1.53"
    _by_pencil(answer, [NEAR, FAR], 1, Recipe(1), {FIRST_ORDER: Recipe(1, first_order=True)})
    yield "of two tasks it is the mean, and each task starts from θ"
    _by_pencil(answer, [NEAR, FAR], 3, Recipe(3), {FIRST_ORDER: Recipe(3, first_order=True)})
    yield "three inner steps give three factors: 0.9³"
    theta, tasks = network.used_theta(), network.episodes(3)
    came = _ask(answer, network.loss, theta, tasks, **INNER)
    _as_by_nudging(params.vector(came), network.by_nudging(theta, tasks, **INNER),
                   network.first_order(theta, tasks, **INNER), len(tasks))
    yield "each of a network's nine weights was nudged in double precision: the same gradient"


@exercise("2.4", points=2)
def fomaml_gradient(answer: Attempt) -> Iterator[str]:
    """Make it first-order."""
    for tasks, steps in [([NEAR], 1), ([NEAR, FAR], 3)]:
        _by_pencil(answer, tasks, steps, Recipe(steps, first_order=True), {EXACT: Recipe(steps)})
        yield {1: "θ = 4, a step to φ = 3.7, query at 2: the first-order gradient is 1.7",
               3: "of two tasks and three steps it is the mean of the gradients at φ"}[steps]
    theta, tasks = network.used_theta(), network.episodes(3)
    came = params.vector(_ask(answer, network.loss, theta, tasks, **INNER))
    wanted, exact = network.first_order(theta, tasks, **INNER), network.by_nudging(theta, tasks, **INNER)
    if not network.close(came, wanted):
        mistakes = {EXACT: exact, params.STALE: wanted + network.STALE}
        raise CheckFailed("this is not the first-order gradient of a network", came=_show(came),
                          wanted=_show(wanted), likely=_named(came, mistakes))
    cosine = torch.cosine_similarity(wanted, exact, dim=0).item()
    yield f"right for a network too; the cosine between it and the exact gradient is {cosine:.2f} here"


def _ask(answer: Attempt, loss, theta, episodes, **inner):
    return params.read(params.ask(answer, loss, theta, episodes, **inner), theta, "the gradient")


def _by_pencil(answer: Attempt, tasks: Sequence, steps: int, right: Recipe,
               first: Mapping[str, Recipe]) -> None:
    """One number θ; `first` are the mistakes to think of before all others."""
    came = _ask(answer, pencil.half_square, pencil.theta(), list(map(pencil.episode, tasks)),
                inner_lr=RATE, inner_steps=steps)
    likely = {mistake: recipe.gradient(tasks) for mistake, recipe in (first | _mistakes(right)).items()}
    params.match(came["w"].item(), right.gradient(tasks), "the gradient",
                 {ZERO: 0.0} | likely | _other(tasks, steps))


def _mistakes(right: Recipe) -> dict[str, Recipe]:
    """Mistakes by their words; then the same, made in the other order."""
    steps = right.steps
    each = {
        "the tasks are added up: the mean over tasks is wanted.": {"together": "sum"},
        "only the last task counts: collect the losses of all tasks, then take the gradient.":
            {"together": "last"},
        "only the first task counts: is the `return` inside the loop?": {"together": "first"},
        "the second task starts where the first one ended: every task starts from θ.": {"leaks": True},
        "the query loss is taken at θ, or the inner loop ends one step early: it is φ that is asked.":
            {"judge_at_theta": True},
        "the loss is taken on the support set: φ is judged on the query set.": {"judge_on": 0},
        "φ is adapted to the query set, whose labels nobody has at test time.": {"adapt_to": 1},
        "the two sets are swapped: adapt to support, judge on query.": {"adapt_to": 1, "judge_on": 0},
        "the support gradient is added: it still stands in `.grad`. Clear it, or use `torch.autograd.grad`.":
            {"adds_support": True},
        "the inner steps go uphill: φ = θ − α ∇.": {"rate": -RATE},
        "α is squared: multiply the gradient by it once.": {"rate": RATE**2},
        "α is forgotten in the inner step, which lands on y wherever θ is.": {"rate": 1.0},
        "this is minus the gradient: the outer optimizer subtracts it.": {"sign": -1.0},
        "only one inner step is taken: does every step start at θ, or `return` end the loop?": {"steps": 1},
        "one inner step short.": {"steps": steps - 1},
        "one inner step too many.": {"steps": steps + 1},
    }
    other = not right.first_order
    also = " (And it is first-order: `create_graph=True`.)" if other else " (And it is not first-order.)"
    return _partly(right) | {mistake: right._replace(**change) for mistake, change in each.items()} | {
        mistake + also: right._replace(**change, first_order=other) for mistake, change in each.items()}


def _partly(right: Recipe) -> dict[str, Recipe]:
    """The graph kept in some inner steps and not in the others."""
    cure = ("all inner gradients must become constants." if right.first_order else
            "`create_graph=True` in every step, and no `.detach()` between two.")
    return {f"the graph leads through {n} of the {right.steps} inner gradients: {cure}":
            right._replace(first_order=False, kept=n) for n in range(1, right.steps)}


def _other(tasks: Sequence, steps: int) -> dict[str, float | None]:
    """Mistakes that are no other recipe."""
    phis = [pencil.after(START, support, steps=steps) for support, _ in tasks]
    losses = [(phi - query) ** 2 / 2 for phi, (_, query) in zip(phis, tasks)]
    lost = Recipe(steps, first_order=True).gradient(tasks)
    return {
        "this is the query loss: its gradient is wanted.": sum(losses) / len(losses),
        "this is φ: the gradient of the query loss is wanted.": phis[-1],
        "θ is detached where the step is subtracted from it: `.detach()` belongs to the gradient.":
            -RATE * lost,
    }


def _as_by_nudging(came: Tensor, wanted: Tensor, first_order: Tensor, tasks: int) -> None:
    if network.close(came, wanted):
        return
    mistakes = {FIRST_ORDER: first_order, "the tasks are added up: the mean is wanted.": tasks * wanted,
                FIRST_ORDER + " And the tasks are added up.": tasks * first_order,
                params.STALE: wanted + network.STALE}
    raise CheckFailed("the gradient is not the one found by nudging every weight", came=_show(came),
                      wanted=_show(wanted), likely=_named(came, mistakes))


def _named(came: Tensor, mistakes: Mapping[str, Tensor]) -> str:
    """The mistake that leads to what came, if one of them does."""
    return next((mistake for mistake, wrong in mistakes.items() if network.close(came, wrong)), "")


def _show(gradient: Tensor) -> str:
    return "(" + ", ".join(f"{x:.3f}" for x in gradient.tolist()) + ")"
