"""Worlds to walk in: a point in the plane must find a goal that it cannot see (Finn et al., 2017, 5.3.1).

A task is a goal, drawn from a square around the start. The walker sees where it stands, chooses a velocity,
and is told how far from the goal it has come: minus the distance. Nothing here is ever differentiated.
**Differs from the paper:** the reward is −distance, not its square; nobody stops at the goal; velocities
count in units of the largest, 0.1; a walk of 20 steps is meant, not of 100.
"""
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

HALF = 0.5                                      # goals lie in [−0.5, 0.5]²
STRIDE = 0.1                                    # the farthest one step goes along each axis


class Navigation(NamedTuple):
    """Some tasks, or one: where the goal is. A task axis in front of goals stands in front of states, too."""

    goal: Float[Tensor, "*tasks 2"]

    def start(self, trajectories: int) -> Float[Tensor, "*tasks trajectory 2"]:
        """Every trajectory begins in the middle."""
        return self.goal.new_zeros(*self.goal.shape[:-1], trajectories, 2)

    def step(self, state: Float[Tensor, "*tasks trajectory 2"], action: Float[Tensor, "*tasks trajectory 2"]
             ) -> tuple[Float[Tensor, "*tasks trajectory 2"], Float[Tensor, "*tasks trajectory"]]:
        """Where `action` leads (its coordinates are cut to [−1, 1]), and the reward for being there."""
        state = state + STRIDE * action.clamp(-1, 1)
        return state, -(state - self.goal[..., None, :]).norm(dim=-1)


def sample_tasks(*, tasks: int, rng: torch.Generator) -> Navigation:
    """Draw goals 𝒯ᵢ ~ p(𝒯), uniformly from the square."""
    if tasks < 1:
        raise ValueError(f"tasks={tasks} should be at least 1")
    return Navigation(HALF * (2 * torch.rand(tasks, 2, generator=rng) - 1))
