"""The words every floor speaks: examples, episodes, parameters, and a loss on one task."""
from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

Params = dict[str, Tensor]                      # θ is one, φ is another


class Examples(NamedTuple):
    """Inputs and targets. Images of one task: x [way, shot, C, H, W], y [way, shot]. Regression: x [shot, 1].

    `mask` [way, shot] is given only where classes have unequal numbers of shots: False marks padding.
    """

    x: Tensor
    y: Tensor
    mask: Tensor | None = None


class Episode(NamedTuple):
    """What one task is learned from, and what it is judged on. A leading `tasks` axis makes a meta-batch."""

    support: Examples                           # 𝒮
    query: Examples                             # 𝒬


Loss = Callable[[Params, Examples], Tensor]     # ℒ(θ; examples), a scalar


def task(episodes: Episode, i: int) -> Episode:
    """Task `i` of a meta-batch."""
    def pick(examples: Examples) -> Examples:
        return Examples(*(None if part is None else part[i] for part in examples))
    return Episode(pick(episodes.support), pick(episodes.query))


def tasks(episodes: Episode) -> list[Episode]:
    """A meta-batch as a list of tasks."""
    return [task(episodes, i) for i in range(len(episodes.support.x))]
