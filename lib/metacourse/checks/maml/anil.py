"""Exercise 2.8 ◇: almost no inner loop. Only the head adapts, and the gradient still reaches the body."""
from collections.abc import Iterator

import torch
from torch import Tensor

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.maml import params
from metacourse.checks.maml.inner_loop import NO_GRAPH
from metacourse.checks.maml.pencil import RATE, examples
from metacourse.episode import Examples, Params

BODY, HEAD, GOAL = 2.0, 1.0, 3.0                          # the answer is head · body; y
NAMES = ("overhead.weight", "head.weight")                # the first one is body, whatever it sounds like


@exercise("2.8", points=2, further=True)
def anil_adapt(answer: Attempt) -> Iterator[str]:
    """ANIL."""
    phi = _ask(answer, 1)
    body, head = (phi[name].item() for name in NAMES)
    error = HEAD * BODY - GOAL                            # −1: ∂/∂head = error · body, ∂/∂body = error · head
    moved, right = BODY - RATE * error * HEAD, HEAD - RATE * error * BODY
    params.match(body, BODY, f"the body, {NAMES[0]!r},", {
        "the body adapts too: only parameters whose name starts with \"head\" move. (A name that contains "
        "\"head\" is not enough.)": moved})
    yield "the body stays where θ has it"
    params.match(head, right, "the head", {
        "the head does not move: it is the body that stays.": HEAD,
        "this goes uphill: descent subtracts the gradient.": HEAD + RATE * error * BODY,
        "α is forgotten.": HEAD - error * BODY,
        "α is squared.": HEAD - RATE**2 * error * BODY})
    yield "the head takes its step: from 1 to 1 − 0.1 · (−2) = 1.2"
    _reaches_the_body(phi, answer.given[1], error)
    yield "the body's outer gradient is complete: directly, and through the head's step"
    two = _ask(answer, 2)[NAMES[1]].item()
    slope = (right * BODY - GOAL) * BODY
    params.match(two, right - RATE * slope, "the head after two steps", {
        "one step only, or each step starts at θ again.": right,
        "the second step is subtracted from θ again, and not from φ.": HEAD - RATE * slope,
        "the gradient is taken at θ in both steps.": HEAD - 2 * RATE * error * BODY,
        "the body moved in the first step and was put back at the end: the second step of the head must "
        "see the body of θ.": right - RATE * (right * moved - GOAL) * moved})
    none = _ask(answer, 0)[NAMES[1]].item()
    params.match(none, HEAD, "the head after no step", {"one step too many.": right})
    _moves_all_of_the_head(answer)
    yield "two steps and none are right, too"


def _moves_all_of_the_head(answer: Attempt) -> None:
    """½(weight · body + bias − y)² at body 2, weight 1, bias 0 and y = 3, with another rate."""
    theta = {name: torch.tensor(value, requires_grad=True)
             for name, value in {"head.bias": 0.0, "body": BODY, "head.weight": HEAD}.items()}

    def line(theta: Params, examples: Examples) -> Tensor:
        score = theta["head.weight"] * theta["body"] + theta["head.bias"]
        return 0.5 * (score - examples.y).square().mean()

    came = params.ask(answer, line, theta, examples(GOAL), inner_lr=2 * RATE, inner_steps=1)
    phi, error = params.read(came, theta, "φ"), HEAD * BODY - GOAL
    for name, start, slope in [("head.weight", HEAD, error * BODY), ("head.bias", 0.0, error)]:
        params.match(phi[name].item(), start - 2 * RATE * slope, f"{name!r} of a head with two tensors", {
            "every parameter whose name starts with \"head\" moves.": start,
            "`inner_lr` is not used: a rate is written in.": start - RATE * slope})


def _product(theta: Params, examples: Examples) -> Tensor:
    """½(head · body − y)²."""
    return 0.5 * (theta[NAMES[0]] * theta[NAMES[1]] - examples.y).square().mean()


def _ask(answer: Attempt, steps: int) -> Params:
    theta = {name: torch.tensor(value, requires_grad=True) for name, value in zip(NAMES, (BODY, HEAD))}
    came = params.ask(answer, _product, theta, examples(GOAL), inner_lr=RATE, inner_steps=steps)
    return params.read(came, theta, "φ")


def _reaches_the_body(phi: Params, theta: Params, error: float) -> None:
    (body, head), (theta_body, theta_head) = ([p[name] for name in NAMES] for p in (phi, theta))
    params.match(params.slope(body, theta_body), 1.0, "d(body of φ)/d(body of θ)", {
        "the body is detached: it rests in the inner loop, but the outer loop trains it.": None})
    params.match(params.slope(head, theta_head), 1 - RATE * BODY**2, "d(head of φ)/d(head of θ)",
                 {NO_GRAPH: 1.0, "φ does not depend on θ any more. " + params.CUT: None})
    params.match(params.slope(head, theta_body), -RATE * (error + HEAD * BODY), "d(head of φ)/d(body of θ)", {
        "the inner gradient was taken with a detached body: the step of the head depends on it.": None})
