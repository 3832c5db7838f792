"""Exercise 2.7 ◇: toward where each task leads."""
from collections.abc import Iterator, Sequence

import torch

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.maml import network, params, pencil
from metacourse.checks.maml.pencil import RATE, START
from metacourse.checks.report import CheckFailed
from metacourse.episode import Params

GOALS, STEPS, OUTER = (1.0, -2.0), 3, 0.5                 # y of two tasks; inner steps; ε


@exercise("2.7", points=2, further=True)
def reptile_step(answer: Attempt) -> Iterator[str]:
    """Reptile."""
    def step(loss, theta, supports, steps, inner_lr=RATE, outer_lr=OUTER) -> Params:
        rates = dict(inner_lr=inner_lr, outer_lr=outer_lr)
        came = params.ask(answer, loss, theta, supports, inner_steps=steps, **rates)
        return params.read(came, theta, "the new θ")

    for goals in (GOALS[:1], GOALS):
        came = step(pencil.half_square, pencil.theta(), list(map(pencil.examples, goals)), STEPS)["w"].item()
        params.match(came, START + OUTER * _mean(_moves(goals)), "the new θ", _mistakes(goals))
        yield "with two tasks it moves by the mean" if len(goals) > 1 else "θ = 4 moves half of the way to φ"
    theta, supports = network.theta(), [task.support for task in network.episodes(3)]
    for steps in (1, STEPS):
        phis = [network.adapted(theta, support, inner_lr=2 * RATE, inner_steps=steps)
                for support in supports]
        start, there = params.vector(theta), torch.stack(list(map(params.vector, phis))).mean(0)
        came = params.vector(step(network.loss, theta, supports, steps, 2 * RATE, OUTER / 2))
        if not network.close(came, start + OUTER / 2 * (there - start)):
            raise CheckFailed("the new θ of a network is not right", came=came,
                              likely="a tensor of θ that does not move, or moves along another's gradient; "
                                     "or a rate, or the number of tasks, is written in.")
    yield "right for a network, with one inner step (then it is joint training) and with three"


def _moves(goals: Sequence[float], start: float = START, **inner) -> list[float]:
    """φ − θ for each task."""
    return [pencil.after(start, y, **({"steps": STEPS} | inner)) - start for y in goals]


def _mistakes(goals: Sequence[float]) -> dict[str, float]:
    move, one = _mean(_moves(goals)), _mean(_moves(goals, steps=1))
    serial, leak = START, [START]
    for y in goals:
        serial += OUTER * _moves([y], serial)[0]
        leak.append(pencil.after(leak[-1], y, steps=STEPS))
    at_phi = _mean([pencil.after(START, y, steps=STEPS) - y for y in goals])
    outer = {
        "this walks away from φ: the new θ is θ + ε(φ − θ).": START - OUTER * move,
        "the moves are added up: the mean over tasks is wanted.": START + OUTER * sum(_moves(goals)),
        "only the last task counts.": START + OUTER * _moves(goals)[-1],
        "only the first task counts: is the `return` inside the loop?": START + OUTER * _moves(goals)[0],
        "the second task starts where the first one ended: every task starts from θ.":
            START + OUTER * _mean([phi - START for phi in leak[1:]]),
        "θ moves after every task: collect the moves of all tasks first.": serial,
        "this is the mean of φ: θ moves only the share ε of the way.": START + move,
        "this is the move alone: add it to θ.": OUTER * move,
        "this is the direction alone, φ − θ.": move,
        "this is θ: nothing moved.": START,
        "this is first-order MAML: Reptile takes no gradient at φ.": START - OUTER * at_phi,
    }
    return outer | {
        "one inner step short.": START + OUTER * _mean(_moves(goals, steps=STEPS - 1)),
        "one inner step too many.": START + OUTER * _mean(_moves(goals, steps=STEPS + 1)),
        "only one inner step was taken.": START + OUTER * one,
        "the inner steps go uphill.": START + OUTER * _mean(_moves(goals, rate=-RATE)),
        "the inner steps use ε: they take α, and ε is for θ.":
            START + OUTER * _mean(_moves(goals, rate=OUTER)),
        "θ moves by α: it moves by ε, and α is for the inner steps.": START + RATE * move,
        "α is forgotten in the inner step.": START + OUTER * _mean(_moves(goals, rate=1.0)),
    }


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
