"""Where inner loops lead: every φ on the way, for all tasks at once, and four answers to "where to with θ?".

Nothing trains here. This file looks at the inner loop of `maml` from outside, for pictures of networks whose
parameters are single numbers. All numbers of steps up to `inner_steps` are answered together, and a loss that
explodes stays in the answer as inf or nan. Finite differences need float64.

Differs from the papers: each gradient is of one task. Their means over tasks are what MAML and its first
order (Finn et al., 2017) and Reptile (Nichol et al., 2018) hand to the outer optimizer.
"""
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.func import grad, jacrev, vmap

from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.methods import maml, refuse

NUDGE = 1e-7                                    # of θ, for finite differences


class Walks(NamedTuple):
    """What the inner loops passed on their way: step 0 is φ_0 = θ."""

    phi: Params                                 # each [starts, tasks, steps]
    query_loss: Float[Tensor, "starts tasks steps"]


def walks(loss: Loss, starts: Params, episodes: Episode, *, inner_lr: float, inner_steps: int) -> Walks:
    """Every task's inner loop from every start, each parameter [starts]."""
    refuse.bad_settings(inner_lr=inner_lr, inner_steps=inner_steps)
    rates = dict.fromkeys(starts, inner_lr)

    def one(theta: Params, episode: Episode) -> tuple[Params, Tensor]:
        steps = [theta]
        for _ in range(inner_steps):                         # `maml.walk`, which would refuse to explode
            steps.append(maml.step(loss, steps[-1], episode.support, rates)[0])
        path = {name: torch.stack([phi[name] for phi in steps]) for name in theta}
        return path, heights(loss, path, episode.query)
    return Walks(*vmap(vmap(one, (None, _axes(episodes))), (0, None))(starts, episodes))


def gradients(loss: Loss, theta: Params, episodes: Episode, *, inner_lr: float,
              inner_steps: int) -> dict[str, Params]:
    """Four gradients in θ of every task's query loss after 0, 1, … steps, each parameter [tasks, steps]."""
    nudged, losses = walks(loss, _nudged(theta), episodes, inner_lr=inner_lr, inner_steps=inner_steps)
    path = {name: p[0] for name, p in nudged.items()}                            # φ_j, from θ itself
    at_the_end = _everywhere(grad(loss), path, episodes.query)                   # ∇ℒ(φ_j; 𝒬)
    return {
        "exact": _back_to_the_start(loss, path, at_the_end, episodes.support, inner_lr),
        "first-order": at_the_end,                                               # as if φ_j moved as θ moves
        "Reptile": {name: theta[name] - path[name] for name in theta},           # θ − φ_j
        "finite differences": {name: (losses[2 * i + 1] - losses[2 * i + 2]) / (2 * NUDGE)
                               for i, name in enumerate(theta)},                 # (ℒ(θ + ε) − ℒ(θ − ε)) / 2ε
    }


def heights(loss: Loss, points: Params, examples: Examples) -> Float[Tensor, " points"]:
    """The loss at many places in parameter space, each parameter [points]."""
    return vmap(loss, (0, None))(points, examples)


def angle(one: Params, other: Params) -> Float[Tensor, "*batch"]:
    """Degrees between directions; every parameter is a number, or a batch of them."""
    return F.cosine_similarity(_vector(one), _vector(other), dim=-1).clamp(-1, 1).acos().rad2deg()


def _back_to_the_start(loss: Loss, path: Params, at_the_end: Params, support: Examples,
                       inner_lr: float) -> Params:
    """(I − αH_0)(I − αH_1) … (I − αH_{j−1}) ∇ℒ(φ_j; 𝒬) for every j, H_i the curvature of the support loss."""
    curvature = _everywhere(jacrev(grad(loss)), path, support)
    H = torch.stack([_vector(row) for row in curvature.values()], dim=-2)        # [tasks, steps, d, d]
    follows = torch.eye(H.shape[-1]).to(H) - inner_lr * H                        # how φ_{j+1} follows φ_j
    so_far, back = torch.eye(H.shape[-1]).to(H).expand_as(H[:, 0]), []
    for j, g in enumerate(_vector(at_the_end).unbind(dim=1)):
        back.append((so_far @ g[..., None]).squeeze(-1))
        so_far = so_far @ follows[:, j]
    return dict(zip(path, torch.stack(back, dim=1).unbind(dim=-1)))


def _nudged(theta: Params) -> Params:
    """θ itself, then θ with one parameter after the other a little larger, and a little smaller."""
    point = _vector(theta)
    nudges = NUDGE * torch.eye(len(point)).to(point)
    points = torch.cat([point[None], point + torch.stack([nudges, -nudges], dim=1).flatten(0, 1)])
    return dict(zip(theta, points.unbind(dim=-1)))


def _everywhere(f, path: Params, examples: Examples):
    """f(φ, examples) at every step of every task."""
    return vmap(vmap(f, (0, None)), (0, _axes(examples)))(path, examples)


def _vector(theta: Params) -> Float[Tensor, "*batch d"]:
    return torch.stack(list(theta.values()), dim=-1)


def _axes(examples: Examples | Episode):
    """The tasks' axis, for `vmap`; a mask may be missing."""
    if isinstance(examples, Episode):
        return Episode(*map(_axes, examples))
    return Examples(*(None if part is None else 0 for part in examples))
