"""Reptile: move the initialization towards where each task leads it (Nichol et al., 2018).

Differs from the paper:
- the inner loop is plain gradient descent on the whole support set; the paper takes Adam on small batches;
- the query set is not used: as in the paper, give training episodes more shots than testing ones;
- θ − φ goes to an outer optimizer as a gradient; under plain descent with rate ε it is Algorithm 2's step.
"""
import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Loss, Params, tasks
from metacourse.methods.maml import adapt, predict

__all__ = ["adapt", "meta_gradient", "meta_loss", "predict"]


def meta_loss(loss: Loss, theta: Params, episodes: Episode, *, inner_lr: float,
              inner_steps: int) -> Float[Tensor, ""]:
    """Mean over tasks of ½‖θ − φᵢ‖², φᵢ held constant: a loss whose gradient in θ is Reptile's θ − φᵢ."""
    inner = dict(inner_lr=inner_lr, inner_steps=inner_steps, first_order=True)
    start = {name: p.detach() for name, p in theta.items()}
    distances = []
    for episode in tasks(episodes):
        phi = adapt(loss, start, episode.support, **inner)                   # φᵢ ← adapt(θ, 𝒮ᵢ)
        distances.append(sum(0.5 * (theta[name] - phi[name]).square().sum() for name in theta))
    return torch.stack(distances).mean()


def meta_gradient(loss: Loss, theta: Params, episodes: Episode, *, inner_lr: float,
                  inner_steps: int) -> tuple[Float[Tensor, ""], Params]:
    """`meta_loss` and its gradient in θ: the mean of θ − φᵢ over tasks (Algorithm 2)."""
    theta = {name: p.detach().requires_grad_() for name, p in theta.items()}
    value = meta_loss(loss, theta, episodes, inner_lr=inner_lr, inner_steps=inner_steps)
    gradients = torch.autograd.grad(value, list(theta.values()))
    return value.detach(), dict(zip(theta, gradients))
