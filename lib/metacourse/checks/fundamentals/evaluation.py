"""Exercise 1.3: the number that another person would believe."""
from collections.abc import Iterator

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise


@exercise("1.3", points=2)
def interval(answer: Attempt) -> Iterator[str]:
    """The 95% interval."""
    five = torch.tensor([0.3, 0.4, 0.5, 0.6, 0.7])        # squared deviations 0.04, 0.01, 0, 0.01, 0.04
    mean, half = _answer(answer, five)
    expect.number(mean, 0.5, "the mean", likely={
        "percent: accuracies stay fractions.": 50.0,
        "these are the ends of the interval: return the mean and half the width.": 0.5 - _half(five)})
    yield "the mean of 0.3, 0.4, 0.5, 0.6, 0.7 is 0.5"
    expect.number(half, _half(five), "half the width", likely=_mistakes(five))
    yield "half the width is 1.96 · √(0.10 / 4) / √5 = 0.139"
    many = five.repeat(80)
    _, half = _answer(answer, many)
    expect.number(half, _half(many), "half the width of 400 episodes", likely=_mistakes(many))
    yield "400 episodes of this kind have 0.014: the interval shrinks with √n"
    expect.number(_answer(answer, torch.full((10,), 0.7))[1], 0.0, "half the width of equal accuracies")
    yield "equal accuracies have an interval of width 0"


def _answer(answer: Attempt, accuracies: Tensor) -> tuple[object, ...]:
    came = answer(accuracies)
    came = came.tolist() if isinstance(came, Tensor) and came.ndim == 1 else came
    return expect.parts(came, ["mean", "half the width"], "the answer")


def _half(accuracies: Tensor) -> float:
    return (1.96 * accuracies.std() / len(accuracies) ** 0.5).item()


def _mistakes(accuracies: Tensor) -> dict[str, float]:
    n, std, half = len(accuracies), accuracies.std().item(), _half(accuracies)
    biased = accuracies.std(correction=0).item()
    return {
        "the standard deviation of single episodes: the mean of n of them varies √n times less.": std,
        "1.96 standard deviations of single episodes: divide by √n.": 1.96 * std,
        "one standard error: 95% needs 1.96 of them to each side.": std / n**0.5,
        "2 standard errors: papers take 1.96.": 2 * std / n**0.5,
        "Student's t: more careful with five episodes, but papers have hundreds and take 1.96.":
            2.776 * std / n**0.5,
        "divided by n instead of √n.": 1.96 * std / n,
        "the variance instead of its root, the standard deviation.": 1.96 * std**2 / n**0.5,
        "the variance of the mean: take the root of it.": 1.96 * std**2 / n,
        "deviations are averaged over n instead of n − 1 (ddof = 1, torch's default).":
            1.96 * biased / n**0.5,
        "divided by √(n − 1) instead of √n.": 1.96 * std / (n - 1) ** 0.5,
        "the full width: half of it stands behind the ±.": 2 * half,
        "percent: accuracies stay fractions.": 100 * half,
        "the upper end of the interval: return half its width.": accuracies.mean().item() + half,
    }
