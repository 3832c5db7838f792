"""ANIL, "almost no inner loop": MAML in which a task moves the last layer only (Raghu et al., 2020).

The body is learned across tasks, in the outer loop; the inner loop adapts the head alone, which costs little,
since its gradient stops at the features. That it works nearly as well tells what MAML's body is for: features
that serve all tasks as they are.

Differs from the paper:
- the outer loss is the mean over tasks, as in `maml`;
- the head is whatever part of θ begins with a name, and need not come last in the network.
"""
from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.methods import maml, over_tasks, refuse


def adapt(loss: Loss, theta: Params, support: Examples, *, inner_lr: float, inner_steps: int,
          first_order: bool = False, head: str = "head", recompute: bool = False) -> Params:
    """Parameters φ after `inner_steps` on one support set, in which only the head has moved (Section 4).

    The head is every parameter whose name begins with `head`; ValueError when there is none. Its steps depend
    on the body, and unless `first_order`, the body's meta-gradient knows that, too.
    """
    refuse.bad_settings(inner_lr=inner_lr, inner_steps=inner_steps)
    rates = {name: inner_lr for name in theta if name.startswith(head)}           # the body has no α
    if not rates:
        raise ValueError(f"head={head!r} begins no parameter's name; there are {', '.join(theta)}")
    return maml.descend(loss, theta, support, [rates] * inner_steps, first_order=first_order,
                        recompute=recompute)[-1]


def task_loss(loss: Loss, theta: Params, episode: Episode, **inner) -> Float[Tensor, ""]:
    """Query loss of one task after its head has adapted. `inner` goes to `adapt`."""
    phi = adapt(loss, theta, episode.support, **inner)
    return refuse.explosion_after(refuse.bad_loss(loss(phi, episode.query)), inner["inner_lr"])


def meta_loss(loss: Loss, theta: Params, episodes: Episode, **inner) -> Float[Tensor, ""]:
    """Mean of `task_loss` over tasks, differentiable in θ: head and body."""
    return over_tasks.mean_loss(partial(task_loss, loss, **inner), theta, episodes)


def meta_gradient(loss: Loss, theta: Params, episodes: Episode, *, over: str = "auto",
                  chunk: int | None = None, **inner) -> tuple[Float[Tensor, ""], Params]:
    """`meta_loss` and its gradient in θ; `over` and `chunk` as in `maml.meta_gradient`."""
    each = partial(task_loss, loss, **inner)
    return over_tasks.mean_gradient(each, theta, episodes, over=over, chunk=chunk)


@torch.no_grad()
def predict(apply: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            loss: Loss, **inner) -> Float[Tensor, "query way"]:
    """Scores of the queries after the head has adapted to the support set."""
    return apply(adapt(loss, theta, support, **inner), x_query)
