"""MAML++: five repairs that make MAML train steadily, each with a switch (Antoniou et al., 2019).

The query loss of every inner step counts, at first; each tensor learns a rate for each step; each step has a
scale and a shift of its own in normalization; training begins first-order; the outer rate falls by a cosine.

Differs from the paper:
- the outer loss is the mean over tasks, as in `maml`;
- the paper's sum of weighted losses begins at φ₀; this one begins at φ₁, as in the published code;
- running statistics are not kept: a step normalizes by the statistics of its own pictures. The paper keeps
  some for each step; its published code collects them, and normalizes by the batch nevertheless;
- φ_j has a scale and a shift of its own for j = 0…J; the published code has J, one before and after a step;
- `multi_step_loss` fades within a fixed share of training, down to 0; the published code stops at 0.03/J.
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.methods import maml, over_tasks, refuse
from metacourse.methods.meta_sgd import RATE, split
from metacourse.methods.recompute import recomputed

MULTI_STEP_SHARE = 0.1                          # of training, until only the last query loss counts
FIRST_ORDER_SHARE = 1 / 3                       # of training, before second order; in the paper 50 epochs
STEP = "step/"                                  # what the name of a per-step scale or shift begins with


@dataclass(frozen=True)
class Parts:
    """What of MAML++ is on. With nothing on it is MAML."""

    multi_step_loss: bool = False               # query losses after all steps, weighted
    learned_rates: bool = False                 # per layer, per step
    step_norm: bool = False                     # per-step batch normalization weights and biases
    annealed_order: bool = False                # first-order at first
    cosine: bool = False                        # of the outer rate: train(..., schedule="cosine") does it


ALL = Parts(*[True] * 5)


def start(theta: Params, *, inner_lr: float, inner_steps: int, parts: Parts = ALL) -> Params:
    """θ, and beside it a rate for each tensor and step, "rate/NAME" [J]; J is `inner_steps`.

    With `step_norm`, NAME of a normalization layer becomes "step/NAME" [J + 1, channels], a row for each φ_j.
    Such a layer is recognized by its weight, which has one axis; ValueError when there is none.
    """
    refuse.bad_settings(inner_lr=inner_lr, inner_steps=inner_steps)
    norms = _norms(theta) if parts.step_norm else []
    if parts.step_norm and not norms:
        raise ValueError("step_norm=True, but θ has no normalization layer: build its network with "
                         "norm='batch'")
    stepped = {STEP + name: theta[name].expand(inner_steps + 1, -1).clone() for name in norms}
    rest = {name: p for name, p in theta.items() if name not in norms}
    rates = {RATE + name: p.new_full((max(inner_steps, 1),), inner_lr) for name, p in rest.items()}
    return {**rest, **stepped, **rates}


def _norms(theta: Params) -> list[str]:
    """Names of scales and shifts: a weight with one axis, and the bias beside it."""
    scales = [name for name, p in theta.items() if name.endswith("weight") and p.ndim == 1]
    layers = [name.removesuffix("weight") for name in scales]
    return [name for layer in layers for name in (layer + "weight", layer + "bias") if name in theta]


def loss_weights(inner_steps: int, progress: float) -> list[float]:
    """v₁…v_J, the weight of each step's query loss: equal at first, then moving to the last. Their sum is 1.

    `progress` is the share of training done; from `MULTI_STEP_SHARE` on all weight is on the last step.
    """
    if inner_steps == 0:
        return [1.0]                                                         # the only loss is that of φ₀
    early = max(0.0, 1 - progress / MULTI_STEP_SHARE) / inner_steps
    return [early] * (inner_steps - 1) + [1 - early * (inner_steps - 1)]


def walk(loss: Loss, meta: Params, support: Examples, *, inner_steps: int, parts: Parts = ALL,
         first_order: bool = False, recompute: bool = False) -> list[Params]:
    """[φ₀, …, φ_J] of one task, every φ_j with the scales and shifts of its own step.

    Those rows are learned in the outer loop alone, as in the published code: no inner step moves them. Steps
    beyond the J of `start` go on with the last rates, scales and shifts.
    """
    refuse.bad_settings(inner_steps=inner_steps)
    theta, rates = split(meta)
    one_step = partial(maml.step, loss, first_order=first_order)
    if recompute:
        one_step = recomputed(one_step)
    path, losses = [_at(theta, 0)], []
    for j in range(inner_steps):
        alpha = _row(rates if parts.learned_rates else {name: r.detach() for name, r in rates.items()}, j)
        phi, value = one_step(path[-1], support, alpha)                      # φ − α_j ∇_φ ℒ(φ; 𝒮)
        path.append({**phi, **_at(theta, j + 1, only_stepped=True)})
        losses.append(value)
    refuse.explosion(losses, [rates])
    return path


def _row(rows: Params, j: int) -> Params:
    return {name: p[min(j, len(p) - 1)] for name, p in rows.items()}


def _at(theta: Params, j: int, *, only_stepped: bool = False) -> Params:
    """Parameters of the network at step j, under the network's names."""
    stepped = {name.removeprefix(STEP): p for name, p in theta.items() if name.startswith(STEP)}
    shared = {} if only_stepped else {name: p for name, p in theta.items() if not name.startswith(STEP)}
    return {**shared, **_row(stepped, j)}


def task_loss(loss: Loss, meta: Params, episode: Episode, *, inner_steps: int, parts: Parts = ALL,
              progress: float = 1.0, recompute: bool = False) -> Float[Tensor, ""]:
    """Σ_j v_j ℒ(φ_j; 𝒬) of one task, j = 1…J; `progress` in [0, 1] is the share of training done."""
    if not 0 <= progress <= 1:
        raise ValueError(f"progress={progress}; wanted the share of training done, step / steps, in [0, 1]")
    first_order = parts.annealed_order and progress < FIRST_ORDER_SHARE
    path = walk(loss, meta, episode.support, inner_steps=inner_steps, parts=parts, first_order=first_order,
                recompute=recompute)
    weights = loss_weights(inner_steps, progress if parts.multi_step_loss else 1.0)
    judged = [(v, phi) for v, phi in zip(weights, path[-len(weights):]) if v > 0]
    total = sum(v * refuse.bad_loss(loss(phi, episode.query)) for v, phi in judged)
    return refuse.explosion_after(total)


def meta_loss(loss: Loss, meta: Params, episodes: Episode, **settings) -> Float[Tensor, ""]:
    """Mean of `task_loss` over tasks, differentiable in `meta`. `settings` go to `task_loss`."""
    return over_tasks.mean_loss(partial(task_loss, loss, **settings), meta, episodes)


def meta_gradient(loss: Loss, meta: Params, episodes: Episode, *, over: str = "auto",
                  chunk: int | None = None, **settings) -> tuple[Float[Tensor, ""], Params]:
    """`meta_loss` and its gradient in `meta`; `over` and `chunk` as in `maml.meta_gradient`.

    Rates that are not learned have gradient 0, so that an outer optimizer leaves them as they are.
    """
    each = partial(task_loss, loss, **settings)
    return over_tasks.mean_gradient(each, meta, episodes, over=over, chunk=chunk)


@torch.no_grad()
def predict(apply: Callable, meta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            loss: Loss, inner_steps: int, parts: Parts = ALL) -> Float[Tensor, "query way"]:
    """Scores of the queries under φ_J."""
    return apply(walk(loss, meta, support, inner_steps=inner_steps, parts=parts)[-1], x_query)
