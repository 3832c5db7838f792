"""Regression tasks: each is one sine wave, and learning to learn is learning what sine waves have in common.

Finn et al. (2017), Section 5.1: amplitude uniform in [0.1, 5], phase in [0, π], inputs in [−5, 5].
**Differs from the paper:** nothing; `noise` is an addition, and off by default.
"""
import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples

AMPLITUDE = (0.1, 5.0)
PHASE = (0.0, math.pi)
INPUT = (-5.0, 5.0)


class Sinusoids(NamedTuple):
    """Some tasks: y = amplitude · sin(x − phase)."""

    amplitude: Float[Tensor, " tasks"]
    phase: Float[Tensor, " tasks"]

    def __call__(self, x: Float[Tensor, "tasks shot 1"]) -> Float[Tensor, "tasks shot 1"]:
        """The true y of every task at its own x, without noise."""
        return self.amplitude[:, None, None] * torch.sin(x - self.phase[:, None, None])


def sample_tasks(*, tasks: int, rng: torch.Generator) -> Sinusoids:
    """Draw waves 𝒯ᵢ ~ p(𝒯)."""
    if tasks < 1:
        raise ValueError(f"tasks={tasks} should be at least 1")
    return Sinusoids(_uniform(AMPLITUDE, (tasks,), rng), _uniform(PHASE, (tasks,), rng))


def episodes_of(waves: Sinusoids, *, shot: int, queries: int, rng: torch.Generator,
                noise: float = 0.0) -> Episode:
    """One episode of each wave: x and y `[tasks, shot, 1]`. `noise` is the standard deviation added to y."""
    if shot < 1 or queries < 0 or noise < 0:
        raise ValueError(f"shot={shot} should be at least 1, queries={queries} and noise={noise} at least 0")
    return Episode(_examples(waves, shot, rng, noise), _examples(waves, queries, rng, noise))


def sample_episodes(*, tasks: int, shot: int, queries: int, rng: torch.Generator,
                    noise: float = 0.0) -> Episode:
    """A meta-batch of new waves. To keep the waves for a plot, call `sample_tasks` and `episodes_of`."""
    return episodes_of(sample_tasks(tasks=tasks, rng=rng), shot=shot, queries=queries, rng=rng, noise=noise)


def _examples(waves: Sinusoids, shot: int, rng: torch.Generator, noise: float) -> Examples:
    x = _uniform(INPUT, (len(waves.phase), shot, 1), rng)
    y = waves(x)
    if noise:
        y = y + noise * torch.randn(y.shape, generator=rng)
    return Examples(x, y)


def _uniform(ends: tuple[float, float], shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    return ends[0] + (ends[1] - ends[0]) * torch.rand(shape, generator=rng)
