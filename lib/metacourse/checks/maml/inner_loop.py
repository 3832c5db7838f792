"""Exercises 2.1 and 2.2: one step from θ to φ, then several; φ must still depend on θ."""
from collections.abc import Iterator, Mapping

from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.maml import network, params, pencil
from metacourse.checks.maml.pencil import RATE, START
from metacourse.checks.report import CheckFailed
from metacourse.episode import Examples, Params

GOAL, STEPS = 1.0, 3                                      # y of the support example; inner steps
NO_GRAPH = ("the gradient is treated as a constant: this is first-order. `torch.autograd.grad` forgets how "
            "the gradient depends on θ unless `create_graph=True`; `.backward()` and `.detach()` forget too.")


@exercise("2.1", points=2)
def inner_step(answer: Attempt) -> Iterator[str]:
    """One inner step."""
    def step(loss, theta, support, rate=RATE):
        return params.read(params.ask(answer, loss, theta, support, inner_lr=rate), theta, "φ")

    phi = step(pencil.half_square, pencil.theta(), pencil.examples(GOAL))
    params.match(phi["w"].item(), pencil.after(START, GOAL), "φ", _values(1))
    yield "from θ = 4, a step toward y = 1 with α = 0.1 lands on φ = 3.7"
    params.match(params.slope(phi["w"], answer.given[1]["w"]), 1 - RATE, "dφ/dθ", _slopes(1))
    yield "φ follows θ with slope 0.9: the graph leads through the gradient"
    theta, support = network.used_theta(), network.episodes(1)[0].support
    came = params.vector(step(network.loss, theta, support, 2 * RATE))
    _same_everywhere(came, theta, support, inner_lr=2 * RATE, inner_steps=1)
    yield "right for a network with three tensors: each is moved along its own gradient"


@exercise("2.2", points=3)
def adapt(answer: Attempt) -> Iterator[str]:
    """The whole inner loop."""
    def loop(loss, theta, support, steps, rate=RATE):
        came = params.ask(answer, loss, theta, support, inner_lr=rate, inner_steps=steps)
        return params.read(came, theta, "φ")

    support = pencil.examples(GOAL)
    phi = loop(pencil.half_square, pencil.theta(), support, STEPS)
    params.match(phi["w"].item(), pencil.after(START, GOAL, steps=STEPS), "φ", _values(STEPS))
    yield "three steps from θ = 4 toward y = 1 land on 1 + 0.9³ · 3 = 3.187"
    params.match(params.slope(phi["w"], answer.given[1]["w"]), (1 - RATE) ** STEPS, "dφ/dθ",
                 _slopes(STEPS))
    yield "φ follows θ with slope 0.9³ = 0.729: the graph leads through all three gradients"
    for steps in (0, 1):
        phi = loop(pencil.half_square, pencil.theta(), support, steps)
        expect.number(phi["w"], pencil.after(START, GOAL, steps=steps), f"φ for inner_steps={steps}")
    yield "inner_steps decides: one step gives 3.7, and none gives θ"
    theta, support = network.theta(), network.episodes(1)[0].support
    came = params.vector(loop(network.loss, theta, support, STEPS, 2 * RATE))
    _same_everywhere(came, theta, support, inner_lr=2 * RATE, inner_steps=STEPS)
    yield "right for a network with three tensors, whose curvature changes from step to step"


def _values(steps: int) -> Mapping[str, float]:
    """What mistakes make of φ."""
    slope, last = START - GOAL, (1 - RATE) ** (steps - 1) * (START - GOAL)
    from_theta = START
    for _ in range(steps):
        from_theta = START - RATE * (from_theta - GOAL)
    return {
        "this is θ: the parameters did not move.": START,
        "this goes uphill: descent subtracts the gradient.":
            pencil.after(START, GOAL, rate=-RATE, steps=steps),
        "α is squared: the gradient was already multiplied by it.":
            pencil.after(START, GOAL, rate=RATE**2, steps=steps),
        "α is forgotten: a step is α times the gradient.": GOAL,
        "one step short: the loop ends too early.": pencil.after(START, GOAL, steps=steps - 1),
        "one step too many.": pencil.after(START, GOAL, steps=steps + 1),
        "the gradient is taken at θ in every step: take it at φ, where you stand.":
            START - steps * RATE * slope,
        "only one step is left: every step starts at θ again, or `return` stands inside the loop.":
            START - RATE * slope,
        "the step is subtracted from θ in every step, its gradient taken at φ: subtract it from φ, too.":
            from_theta,
        "this is the gradient: φ is θ minus α times the gradient.": last,
        "this is the step alone: φ is where it leads, θ − α ∇.": -RATE * last,
        "this is the step alone, without its sign: φ is where it leads, θ − α ∇.": RATE * last,
        "the loss is subtracted instead of its gradient.": START - RATE * slope**2 / 2,
    }


def _slopes(steps: int) -> Mapping[str, float | None]:
    """What mistakes make of dφ/dθ."""
    partly = {f"the graph leads through {n} of the {steps} gradients: `create_graph=True` in every step.":
              (1 - RATE) ** n for n in range(1, steps)}
    return {
        "φ does not depend on θ any more. " + params.CUT: None,
        NO_GRAPH: 1.0,
        "θ is detached where the step is subtracted from it; only the gradient still depends on it.": -RATE,
        **partly,
    }


def _same_everywhere(came: Tensor, theta: Params, support: Examples, *, inner_lr: float,
                     inner_steps: int) -> None:
    def after(rate: float) -> Tensor:
        return params.vector(network.adapted(theta, support, inner_lr=rate, inner_steps=inner_steps))

    wanted, start = after(inner_lr), params.vector(theta)
    if not network.close(came, wanted):
        moved = [name for name, now in zip(theta, network.parts(came, theta))
                 if not network.close(now, theta[name].detach().flatten())]
        still = [name for name in theta if name not in moved]
        likely = f"{', '.join(still)} did not move: every tensor in θ is adapted." if still else ""
        if network.close(came, after(RATE)):
            likely = "`inner_lr` is not used: a rate is written in."
        elif network.close(came, wanted - inner_lr * network.STALE):
            likely = params.STALE
        raise CheckFailed("φ is not right for a network", came=f"φ − θ = {_short(came - start)}",
                          wanted=f"φ − θ = {_short(wanted - start)}", likely=likely)


def _short(v) -> str:
    return "(" + ", ".join(f"{x:.3f}" for x in v.tolist()) + ")"
