"""Tasks for a pencil: ½(w − y)², whose gradient is w − y and whose curvature is 1.

A step takes w the share α of the way to y, so every right result and every mistake can be written down.
"""
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from metacourse.episode import Episode, Examples, Params

START, RATE = 4.0, 0.1                                    # θ and α; at θ = 3, y = 1 loss and slope are equal
NEAR, FAR = (1.0, 2.0), (-1.0, 0.5)                       # tasks: y of the support set, y of the query set


def half_square(theta: Params, examples: Examples) -> Tensor:
    """½(w − y)², the mean over examples."""
    return 0.5 * (theta["w"] - examples.y).square().mean()


def theta() -> Params:
    return {"w": torch.tensor(START, requires_grad=True)}


def examples(y: float) -> Examples:
    return Examples(torch.zeros(1), torch.tensor([y]))


def episode(task: tuple[float, float]) -> Episode:
    return Episode(*map(examples, task))


def after(w: float, y: float, *, rate: float = RATE, steps: int = 1) -> float:
    """w after some steps toward y."""
    return y + (1 - rate) ** steps * (w - y)


class Recipe(NamedTuple):
    """A way to compute the meta-gradient at START; as it stands, the right one."""

    steps: int
    rate: float = RATE
    first_order: bool = False
    kept: int | None = None                               # inner steps whose graph is kept; None: all
    adapt_to: int = 0                                     # 0 the support set, 1 the query set
    judge_on: int = 1
    judge_at_theta: bool = False
    adds_support: bool = False                            # `.grad` still holds the support gradient
    leaks: bool = False                                   # a task starts where the last one ended
    together: str = "mean"                                # of the tasks' gradients: "sum", "first", "last"
    sign: float = 1.0

    def gradient(self, tasks: Sequence[tuple[float, float]]) -> float:
        """What this recipe computes for these tasks."""
        start, follows, each = START, 1.0, []             # follows: how the start of a task follows θ
        for task in tasks:
            phi = after(start, task[self.adapt_to], rate=self.rate, steps=self.steps)
            direct = self.first_order or self.judge_at_theta
            kept = self.steps if self.kept is None else self.kept
            shrink = 1.0 if direct else (1 - self.rate) ** kept
            judged = (start if self.judge_at_theta else phi) - task[self.judge_on]
            support = START - task[0] if self.adds_support else 0.0
            each.append(follows * shrink * judged + support)
            if self.leaks:
                start, follows = phi, follows * shrink
        totals = {"mean": sum(each) / len(each), "sum": sum(each), "first": each[0], "last": each[-1]}
        return self.sign * totals[self.together]
