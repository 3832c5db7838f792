"""Linear-regression tasks, y = w·x + noise with a w of its own for each: the best possible answer is known.

Garg et al. (2022) and Raventós et al. (2023, Section 2): w ~ N(0, I) and x ~ N(0, I). Where training sees
only the M vectors of a pool, M is the *task diversity*.
**Differs from the papers:** nothing.
"""
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples


class LinearTasks(NamedTuple):
    """Some tasks: y = w·x. As a pool, the only tasks that training will ever see."""

    w: Float[Tensor, "tasks dim"]

    def __call__(self, x: Float[Tensor, "tasks shot dim"]) -> Float[Tensor, "tasks shot 1"]:
        """The true y of every task at its own x, without noise."""
        return x @ self.w[..., None]


def sample_tasks(*, tasks: int, dim: int, rng: torch.Generator) -> LinearTasks:
    """Draw new tasks: w ~ N(0, I)."""
    if tasks < 1 or dim < 1:
        raise ValueError(f"tasks={tasks} and dim={dim} should both be at least 1")
    return LinearTasks(torch.randn(tasks, dim, generator=rng))


def pick(pool: LinearTasks, *, tasks: int, rng: torch.Generator) -> LinearTasks:
    """Draw tasks from a pool, each of its M vectors equally often; the same one may come twice."""
    if tasks < 1:
        raise ValueError(f"tasks={tasks} should be at least 1")
    return LinearTasks(pool.w[torch.randint(len(pool.w), (tasks,), generator=rng)])


def episodes_of(linear: LinearTasks, *, shot: int, queries: int, noise: float,
                rng: torch.Generator) -> Episode:
    """One episode of each task: x `[tasks, shot, dim]`, y `[tasks, shot, 1]`. `noise` is σ, not σ²."""
    if shot < 0 or queries < 0 or noise < 0:
        raise ValueError(f"shot={shot}, queries={queries} and noise={noise} should be at least 0")
    return Episode(_examples(linear, shot, noise, rng), _examples(linear, queries, noise, rng))


def _examples(linear: LinearTasks, shot: int, noise: float, rng: torch.Generator) -> Examples:
    x = torch.randn(len(linear.w), shot, linear.w.shape[1], generator=rng)
    y = linear(x)
    return Examples(x, y + noise * torch.randn(y.shape, generator=rng))
