"""Alpha MAML: MAML that tunes its own learning rates while it trains (Behl et al., 2019).

A rate is a number that the loss depends on, so it has a gradient of its own, the hypergradient (Baydin et
al., 2018). The inner rate α moves against the slope of the query loss in α. The outer rate β grows while two
meta-gradients in a row point the same way, and shrinks when they disagree.

Differs from the paper:
- the outer loss is the mean over tasks, as in `maml`;
- α's slope is exact for any number of inner steps, by autograd; the paper works it out from gradients that
  are there already. After one step it is such a product: −∇ℒ(φ; 𝒬) · ∇ℒ(θ; 𝒮);
- a rate that falls to 0 or below stops the run with a sentence.
"""
from functools import partial
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Loss, Params
from metacourse.methods import maml, over_tasks, refuse

ALPHA = "inner_lr"                              # α's name beside θ, while both are differentiated


class State(NamedTuple):
    """Where training stands. Test with `maml.predict(apply, state.theta, ..., inner_lr=state.inner_lr)`."""

    theta: Params
    inner_lr: float                             # α
    outer_lr: float                             # β
    gradient: Params | None = None              # of the step before


def start(theta: Params, *, inner_lr: float, outer_lr: float) -> State:
    """The beginning: θ, and both rates as first guesses."""
    _check_rates(inner_lr=inner_lr, outer_lr=outer_lr)
    return State({name: p.detach() for name, p in theta.items()}, inner_lr, outer_lr)


def step(loss: Loss, state: State, episodes: Episode, *, inner_hyper_lr: float, outer_hyper_lr: float,
         **settings) -> tuple[Float[Tensor, ""], State]:
    """One outer step: the loss, then new rates, then θ ← θ − β ∇ with the new β.

    The hyper rates are what α and β are moved with, ≥ 0; 0 keeps a rate fixed. `settings` go to
    `meta_gradient`. Raises ValueError for a rate that is not positive any more.
    """
    value, gradient, slope = meta_gradient(loss, state.theta, episodes, inner_lr=state.inner_lr, **settings)
    inner_lr = state.inner_lr - inner_hyper_lr * slope.item()                      # α ← α − η ∂ℒ/∂α
    agreement = _dot(gradient, state.gradient) if state.gradient else 0.0
    outer_lr = state.outer_lr + outer_hyper_lr * agreement                         # β ← β + η′ ∇ₜ · ∇ₜ₋₁
    _check_rates(inner_lr=inner_lr, outer_lr=outer_lr)
    theta = {name: p - outer_lr * gradient[name] for name, p in state.theta.items()}
    return value, State(theta, inner_lr, outer_lr, gradient)


def meta_gradient(loss: Loss, theta: Params, episodes: Episode, *, inner_lr: float, over: str = "auto",
                  chunk: int | None = None, **inner) -> tuple[Float[Tensor, ""], Params, Float[Tensor, ""]]:
    """`maml.meta_gradient`, and the slope of the loss in α. `inner` is what `maml.walk` takes, too."""
    each = partial(_task_loss, loss, **inner)
    meta = {**theta, ALPHA: next(iter(theta.values())).new_tensor(inner_lr)}
    value, gradient = over_tasks.mean_gradient(each, meta, episodes, over=over, chunk=chunk)
    return value, gradient, gradient.pop(ALPHA)


def _task_loss(loss: Loss, meta: Params, episode: Episode, *, inner_steps: int, first_order: bool = False,
               recompute: bool = False) -> Float[Tensor, ""]:
    refuse.bad_settings(inner_steps=inner_steps)
    theta = {name: p for name, p in meta.items() if name != ALPHA}
    rates = dict.fromkeys(theta, meta[ALPHA])
    phi = maml.descend(loss, theta, episode.support, [rates] * inner_steps, first_order=first_order,
                       recompute=recompute)[-1]
    return refuse.explosion_after(refuse.bad_loss(loss(phi, episode.query)))


def _dot(a: Params, b: Params) -> float:
    return sum((a[name] * b[name]).sum() for name in a).item()


def _check_rates(**rates: float) -> None:
    for name, rate in rates.items():
        if not rate > 0:
            raise ValueError(f"{name}={rate:.3g}; wanted a rate > 0: start from a larger one, or lower "
                             f"{name.removesuffix('_lr')}_hyper_lr, which moves it")
