"""Reptile: move the initialization toward where each task leads it (Nichol et al., 2018).

Differs from the paper:
- the inner loop is plain gradient descent on the whole support set; the paper takes Adam on small batches;
- the query set is not used: as in the paper, give training episodes more shots than testing ones;
- θ − φ goes to an outer optimizer as a gradient; plain descent with rate ε makes the paper's batched step.
"""
from functools import partial

from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Loss, Params
from metacourse.methods import over_tasks
from metacourse.methods.maml import adapt, predict

__all__ = ["adapt", "meta_gradient", "meta_loss", "predict", "task_loss"]


def task_loss(loss: Loss, theta: Params, episode: Episode, *, inner_lr: float,
              inner_steps: int) -> Float[Tensor, ""]:
    """½‖θ − φ‖² of one task, φ held constant: a loss whose gradient in θ is Reptile's θ − φ."""
    start = {name: p.detach() for name, p in theta.items()}
    phi = adapt(loss, start, episode.support, inner_lr=inner_lr, inner_steps=inner_steps, first_order=True)
    return sum(0.5 * (theta[name] - phi[name]).square().sum() for name in theta)


def meta_loss(loss: Loss, theta: Params, episodes: Episode, **inner) -> Float[Tensor, ""]:
    """Mean of `task_loss` over tasks, differentiable in θ."""
    return over_tasks.mean_loss(partial(task_loss, loss, **inner), theta, episodes)


def meta_gradient(loss: Loss, theta: Params, episodes: Episode, *, over: str = "auto",
                  chunk: int | None = None, **inner) -> tuple[Float[Tensor, ""], Params]:
    """`meta_loss` and its gradient in θ, the mean of θ − φᵢ over tasks (the batched version).

    `over` and `chunk` as in `maml.meta_gradient`.
    """
    each = partial(task_loss, loss, **inner)
    return over_tasks.mean_gradient(each, theta, episodes, over=over, chunk=chunk)
