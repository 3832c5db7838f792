"""Exercise 1.3: the number that another person would believe."""
from collections.abc import Iterator

import torch

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise

PENCIL = (0.2, 0.4, 0.6, 0.8)                             # mean 0.5, squared deviations 0.09 0.01 0.01 0.09


@exercise("1.3", points=2)
def interval(answer: Attempt) -> Iterator[str]:
    """The 95% interval."""
    accuracies = torch.tensor(PENCIL)
    mean, half = expect.parts(_pair(answer(accuracies)), ["mean", "half-width"], "the answer")
    expect.number(mean, 0.5, "the mean", likely={"percent: accuracies stay fractions.": 50.0,
                                                 "this is the lower end of the interval: "
                  "return the mean and half the width.": 0.5 - _half(accuracies)})
    yield "the mean of 0.2, 0.4, 0.6, 0.8 is 0.5"
    expect.number(half, _half(accuracies), "half the width", likely=_mistakes(accuracies))
    yield "half the width is 1.96 · 0.2582 / √4 = 0.2530"
    many = torch.cat([accuracies] * 100)
    _, half = answer(many)
    expect.number(half, _half(many), "half the width of 400 episodes", likely=_mistakes(many))
    yield "400 such episodes have an interval of 0.0219: it shrinks with √n"
    _, half = answer(torch.full((10,), 0.7))
    expect.true(abs(float(half)) < 1e-6, "equal accuracies should give an interval of width 0",
                came=f"{float(half):.4g}")
    yield "equal accuracies leave nothing to doubt"


def _pair(came: object) -> object:
    """A tensor of two numbers is as good as a tuple."""
    return came.tolist() if isinstance(came, torch.Tensor) and came.ndim == 1 else came


def _half(accuracies: torch.Tensor) -> float:
    return (1.96 * accuracies.std() / len(accuracies) ** 0.5).item()


def _mistakes(accuracies: torch.Tensor) -> dict[str, float]:
    n, spread, half = len(accuracies), accuracies.std().item(), _half(accuracies)
    return {
        "this is the standard deviation of one episode: the mean of n episodes varies √n times less.": spread,
        "1.96 standard deviations of one episode: divide by √n.": 1.96 * spread,
        "one standard error: a 95% interval reaches 1.96 of them to each side.": spread / n**0.5,
        "divided by n, where √n was wanted.": 1.96 * spread / n,
        "the variance was taken: its root is the standard deviation.": 1.96 * spread**2 / n**0.5,
        "the variance was taken, and divided by n: take the root of both.": 1.96 * spread**2 / n,
        "the standard deviation divides by n: with ddof = 1 (torch's default) it divides by n − 1.":
            1.96 * accuracies.std(correction=0).item() / n**0.5,
        "this is the full width: half of it stands behind the ±.": 2 * half,
        "percent: accuracies stay fractions.": 100 * half,
        "this is the upper end of the interval: return half its width.": accuracies.mean().item() + half,
    }
