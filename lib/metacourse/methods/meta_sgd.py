"""Meta-SGD: learn the step as well as the start, with a rate for every single parameter (Li et al., 2017).

The update φ = θ − α ∘ ∇ℒ(θ) has as many rates as parameters. Together they bend the direction of the step,
which need not be the gradient's any more; some may even become negative. θ and α are learned side by side.

Differs from the paper:
- the outer loss is the mean over tasks, as in `maml`;
- any number of inner steps, which share their rates; the paper takes one;
- all rates start at one value that is given; the paper draws them at random.
"""
from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.methods import maml, over_tasks, refuse

RATE = "rate/"                                  # what the name of a rate begins with, before its parameter's


def start(theta: Params, inner_lr: float) -> Params:
    """θ under its own names, and beside each tensor NAME its rates α, "rate/NAME", all of them `inner_lr`."""
    refuse.bad_settings(inner_lr=inner_lr, inner_steps=0)
    return {**theta, **{RATE + name: torch.full_like(p, inner_lr) for name, p in theta.items()}}


def split(meta: Params) -> tuple[Params, Params]:
    """θ and α, both under the names of θ."""
    rates = {name.removeprefix(RATE): p for name, p in meta.items() if name.startswith(RATE)}
    if not rates:
        raise ValueError(f"no name begins with {RATE!r}: parameters without rates; use `start` first")
    return {name: p for name, p in meta.items() if not name.startswith(RATE)}, rates


def adapt(loss: Loss, meta: Params, support: Examples, *, inner_steps: int, first_order: bool = False,
          recompute: bool = False) -> Params:
    """Parameters φ after `inner_steps`, each φ ← φ − α ∘ ∇ℒ(φ; 𝒮), from θ."""
    refuse.bad_settings(inner_steps=inner_steps)
    theta, alpha = split(meta)
    return maml.descend(loss, theta, support, [alpha] * inner_steps, first_order=first_order,
                        recompute=recompute)[-1]


def task_loss(loss: Loss, meta: Params, episode: Episode, **inner) -> Float[Tensor, ""]:
    """Query loss of one task after adapting to it. `inner` goes to `adapt`."""
    phi = adapt(loss, meta, episode.support, **inner)
    return refuse.explosion_after(refuse.bad_loss(loss(phi, episode.query)))


def meta_loss(loss: Loss, meta: Params, episodes: Episode, **inner) -> Float[Tensor, ""]:
    """Mean of `task_loss` over tasks, differentiable in θ and α."""
    return over_tasks.mean_loss(partial(task_loss, loss, **inner), meta, episodes)


def meta_gradient(loss: Loss, meta: Params, episodes: Episode, *, over: str = "auto",
                  chunk: int | None = None, **inner) -> tuple[Float[Tensor, ""], Params]:
    """`meta_loss` and its gradient in θ and α; `over` and `chunk` as in `maml.meta_gradient`."""
    each = partial(task_loss, loss, **inner)
    return over_tasks.mean_gradient(each, meta, episodes, over=over, chunk=chunk)


@torch.no_grad()
def predict(apply: Callable, meta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            loss: Loss, **inner) -> Float[Tensor, "query way"]:
    """Scores of the queries after adapting to the support set."""
    return apply(adapt(loss, meta, support, **inner), x_query)
