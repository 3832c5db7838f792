"""MAML: an initialization from which a few gradient steps solve any task (Finn et al., 2017).

Differs from the paper:
- the outer loss is the mean over tasks, where Equation 1 has the sum: only the outer learning rate notices;
- one inner loop for regression and classification: the loss is an argument.
"""
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import grad_and_value

from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.methods import over_tasks, refuse
from metacourse.methods.recompute import recomputed

Rates = Mapping[str, float | Tensor]            # an α for each parameter that moves


def walk(loss: Loss, theta: Params, support: Examples, *, inner_lr: float, inner_steps: int,
         first_order: bool = False, recompute: bool = False) -> list[Params]:
    """[φ₀ = θ, φ₁, …, φ_J]: `inner_steps` of gradient descent on one support set (Algorithm 1, lines 5-6).

    φ depends on θ also through the gradients; `first_order` treats those as constants. A parameter that the
    loss does not use has gradient 0 and stays. `recompute` saves memory: see `metacourse.methods.recompute`.

    Raises ValueError for `inner_lr` ≤ 0, `inner_steps` < 0, or a loss that is no scalar or depends on no
    parameter; FloatingPointError for one that explodes (on a GPU see `refuse.explosion`).
    """
    refuse.bad_settings(inner_lr=inner_lr, inner_steps=inner_steps)
    rates = dict.fromkeys(theta, inner_lr)
    return descend(loss, theta, support, [rates] * inner_steps, first_order=first_order, recompute=recompute)


def descend(loss: Loss, theta: Params, support: Examples, rates: Sequence[Rates], *,
            first_order: bool = False, recompute: bool = False) -> list[Params]:
    """[φ₀ = θ, φ₁, …]: one step for each entry of `rates`. What `anil`, `meta_sgd` and `alpha_maml` share."""
    one_step = partial(step, loss, first_order=first_order)
    if recompute:
        one_step = recomputed(one_step)
    path, losses = [theta], []                                               # φ₀ = θ
    for alpha in rates:
        phi, value = one_step(path[-1], support, alpha)
        path.append(phi)
        losses.append(value)
    refuse.explosion(losses, rates)
    return path


def step(loss: Loss, phi: Params, support: Examples, alpha: Rates, *,
         first_order: bool = False) -> tuple[Params, Float[Tensor, ""]]:
    """One inner step, φ − α ∇_φ ℒ(φ; 𝒮), and the loss before it. A parameter that has no α stays."""
    here = {name: p.detach() for name, p in phi.items()} if first_order else phi

    def support_loss(moving: Params) -> Tensor:
        return refuse.bad_loss(loss({**here, **moving}, support), moving)
    gradient, value = grad_and_value(support_loss)({name: here[name] for name in alpha})     # ∇_φ ℒ(φ; 𝒮)
    return {**phi, **{name: phi[name] - alpha[name] * gradient[name] for name in alpha}}, value   # φ − α ∇


def adapt(loss: Loss, theta: Params, support: Examples, **inner) -> Params:
    """Parameters φ after adapting to one support set: where the `walk` from θ ends. `inner` goes to it."""
    return walk(loss, theta, support, **inner)[-1]


def task_loss(loss: Loss, theta: Params, episode: Episode, **inner) -> Float[Tensor, ""]:
    """Query loss of one task after adapting to its support set, ℒ(φᵢ; 𝒬ᵢ). `inner` goes to `walk`."""
    value = refuse.bad_loss(loss(adapt(loss, theta, episode.support, **inner), episode.query))
    refuse.explosion_after(value, inner["inner_lr"])
    return value


def meta_loss(loss: Loss, theta: Params, episodes: Episode, **inner) -> Float[Tensor, ""]:
    """Mean of ℒ(φᵢ; 𝒬ᵢ) over the tasks of a meta-batch (Equation 1), differentiable in θ.

    The graphs of all tasks stay in memory until `backward`; `meta_gradient` gives the same numbers for less.
    """
    return over_tasks.mean_loss(partial(task_loss, loss, **inner), theta, episodes)


def meta_gradient(loss: Loss, theta: Params, episodes: Episode, *, over: str = "auto",
                  chunk: int | None = None, **inner) -> tuple[Float[Tensor, ""], Params]:
    """`meta_loss` and its gradient in θ, the same numbers whichever way the tasks are gone over.

    `over` is "loop", "threads", "vmap" or "auto", and `chunk` the most tasks in memory at once: see
    `over_tasks.mean_gradient`.
    """
    each = partial(task_loss, loss, **inner)
    return over_tasks.mean_gradient(each, theta, episodes, over=over, chunk=chunk)


@torch.no_grad()
def predict(apply: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            loss: Loss, **inner) -> Float[Tensor, "query way"]:
    """Scores of the queries under φ. (`torch.func` differentiates inside `no_grad`, too.)"""
    return apply(adapt(loss, theta, support, **inner), x_query)
