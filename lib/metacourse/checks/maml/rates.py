"""Exercise 2.6: how large may a step be?"""
import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.maml.params import ask
from metacourse.checks.report import CheckFailed

CURVATURE = torch.tensor([[6.0, 2.0], [2.0, 3.0]])        # its eigenvalues are 7 and 2
START = torch.tensor([1.0, 3.0])                          # the minimum is at 0
STEPS, LEFT = 5, 0.1


@exercise("2.6 a", points=1)
def choose_rate(answer: Attempt) -> Iterator[str]:
    """Choose α from the picture."""
    rate = answer()
    rate = rate.item() if isinstance(rate, Tensor) and rate.numel() == 1 else rate
    if not isinstance(rate, int | float) or not math.isfinite(rate):
        raise CheckFailed("α should be one number", came=rate)
    rate = float(rate)
    if rate <= 0:
        raise CheckFailed("α should be positive", came=rate, likely="descent already has its minus sign.")
    left = distance_left(rate)
    if left > LEFT:
        raise CheckFailed(f"after {STEPS} steps too much of the way is left", likely=_too_much(rate),
                          came=f"α = {rate:g} leaves {left:.0%} of it", wanted=f"{LEFT:.0%} at most")
    yield f"five steps with α = {rate:g} leave {left:.0%} of the way"


@exercise("2.6 b", points=2)
def largest_stable_rate(answer: Attempt) -> Iterator[str]:
    """The largest stable α."""
    def valley(theta: Tensor) -> Tensor:
        return 0.5 * theta @ CURVATURE @ theta

    def waves(theta: Tensor) -> Tensor:                   # curvatures 5 cos θ₁, 3 and 1
        return 5 * (1 - torch.cos(theta[0])) + 1.5 * theta[1] ** 2 + 0.5 * theta[2] ** 2

    came = expect.number(_ask(answer, valley, START), 2 / 7, "the largest stable α",
                         likely=_mistakes(CURVATURE))
    yield "curvatures 7 and 2 along the axes of the valley: 2/7 = 0.286"
    less, more = (distance_left(share * came, 200) for share in (0.99, 1.01))
    yield f"200 steps with 1% less leave {less:.0%} of the way, and with 1% more {more:.0%}"
    for theta, curvatures in [([0.0, 0, 0], (5.0, 3.0, 1.0)), ([math.pi / 3, 1, 1], (2.5, 3.0, 1.0)),
                              ([math.pi, 1, 1], (-5.0, 3.0, 1.0))]:
        elsewhere = {"a number is written in: the curvature is that of `loss`, at `theta`.": 2 / 7}
        if theta[0]:
            elsewhere |= {"this is the curvature at 0: it is wanted at `theta`.": 2 / 5}
        if theta[0] == math.pi:
            elsewhere = {"the largest curvature in size is negative here, and a hill has no floor to "
                         "overshoot: take the largest eigenvalue with its sign.": 2 / 5} | elsewhere
        expect.number(_ask(answer, waves, torch.tensor(theta)), 2 / max(curvatures),
                      f"the largest stable α near θ = {[round(t, 2) for t in theta]}",
                      likely=elsewhere | _mistakes(torch.diag(torch.tensor(curvatures))))
    yield "where the curvature changes with θ, it is that at θ which counts, with its sign"


def _ask(answer: Attempt, loss: Callable, theta: Tensor) -> object:
    return ask(answer, loss, theta.clone().requires_grad_())


def distance_left(rate: float, steps: int = STEPS) -> float:
    """The share of the way to the minimum that is left after some steps."""
    theta = START.double()
    for _ in range(steps):
        theta = theta - rate * CURVATURE.double() @ theta
    return (theta.norm() / START.norm()).item()


def _too_much(rate: float) -> str:
    steep, flat = 1 - 7 * rate, 1 - 2 * rate              # what a step leaves of each direction
    if abs(steep) > 1:
        return "it explodes: in the steep direction every step overshoots further than the last."
    if abs(steep) > abs(flat):
        return "it zigzags: in the steep direction every step overshoots. Take a smaller α."
    return "it crawls: in the flat direction hardly anything happens. Take a larger α."


def _mistakes(curvature: Tensor) -> dict[str, float]:
    values = torch.linalg.eigvalsh(curvature)
    high, low = values[-1].item(), values[0].item()
    return {
        "this is 1 / H_max, the step that lands in the valley. Twice as much is still stable.": 1 / high,
        "2 / H_min: the steepest direction explodes first, not the flattest.": 2 / low,
        "2 / (H_max + H_min) is the fastest α. A larger one is still stable: only H_max counts.":
            2 / (high + low),
        "the largest entry on the diagonal: a valley need not lie along the axes. Take eigenvalues.":
            2 / curvature.diag().max().item(),
        "2 over the sum of all curvatures: only H_max counts.": 2 / values.sum().item(),
        "the largest entry, or sum of a row: take eigenvalues.": 2 / curvature.abs().sum(1).max().item(),
        "the norm of the matrix: take its largest eigenvalue.": 2 / curvature.norm().item(),
        "this is the curvature itself: α is 2 over it.": high,
        "upside down: 2 / H_max.": high / 2,
        "1 / H_min: the steepest direction explodes first.": 1 / low,
    }
