"""MAML: an initialization from which a few gradient steps solve any task (Finn et al., 2017).

Differs from the paper:
- the outer loss is the mean over tasks, where Equation 1 has the sum: only the outer learning rate notices;
- one inner loop for regression and classification: the loss is an argument.
"""
from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import grad_and_value, vmap

from metacourse.episode import Episode, Examples, Loss, Params, tasks


def adapt(loss: Loss, theta: Params, support: Examples, *, inner_lr: float, inner_steps: int,
          first_order: bool = False) -> Params:
    """Parameters φ after `inner_steps` of gradient descent on one support set (Algorithm 1, lines 5-6).

    φ depends on θ also through the gradients; `first_order` treats those as constants. Raises ValueError for
    `inner_lr` ≤ 0, `inner_steps` < 0 or a loss that is no scalar, FloatingPointError for one that explodes.
    """
    _check(inner_lr, inner_steps)
    phi = theta                                                              # φ ← θ
    for step in range(inner_steps):
        here = {name: p.detach() for name, p in phi.items()} if first_order else phi
        gradient, value = grad_and_value(_scalar(loss))(here, support)       # ∇_φ ℒ(φ; 𝒮)
        _check_finite(value, f"the support loss at inner step {step + 1} of {inner_steps}", inner_lr)
        phi = {name: phi[name] - inner_lr * gradient[name] for name in phi}  # φ ← φ − α ∇
    return phi


def task_loss(loss: Loss, theta: Params, episode: Episode, **inner) -> Float[Tensor, ""]:
    """Query loss of one task after adapting to its support set, ℒ(φᵢ; 𝒬ᵢ). `inner` goes to `adapt`."""
    return _scalar(loss)(adapt(loss, theta, episode.support, **inner), episode.query)


def meta_loss(loss: Loss, theta: Params, episodes: Episode, **inner) -> Float[Tensor, ""]:
    """Mean of ℒ(φᵢ; 𝒬ᵢ) over the tasks of a meta-batch (Equation 1), differentiable in θ.

    The graphs of all tasks stay in memory until `backward`; `meta_gradient` gives the same numbers for less.
    """
    return torch.stack([task_loss(loss, theta, episode, **inner) for episode in tasks(episodes)]).mean()


def meta_gradient(loss: Loss, theta: Params, episodes: Episode, *, over: str = "auto",
                  chunk: int | None = None, **inner) -> tuple[Float[Tensor, ""], Params]:
    """`meta_loss` and its gradient in θ, the same numbers whichever way the tasks are gone over.

    `over="loop"` takes one task at a time, which is faster on a CPU; "vmap" takes `chunk` tasks at once (all,
    where None), which is faster on a GPU; "auto" goes by the device.
    """
    theta = {name: p.detach() for name, p in theta.items()}
    each = grad_and_value(lambda theta, episode: task_loss(loss, theta, episode, **inner))
    value, gradient = 0.0, {name: torch.zeros_like(p) for name, p in theta.items()}
    for part, part_value in _way(over, episodes)(each, theta, episodes, chunk):
        value, gradient = value + part_value, {name: g + part[name] for name, g in gradient.items()}   # Σᵢ
    _check_finite(value, "the query loss after adapting", inner["inner_lr"])
    n_tasks = len(episodes.support.x)
    return value / n_tasks, {name: g / n_tasks for name, g in gradient.items()}


@torch.no_grad()
def predict(apply: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            loss: Loss, **inner) -> Float[Tensor, "query way"]:
    """Scores of the queries under φ. (`torch.func` differentiates inside `no_grad`, too.)"""
    return apply(adapt(loss, theta, support, **inner), x_query)


def _way(over: str, episodes: Episode) -> Callable:
    ways = {"auto": _vmap if episodes.support.x.is_cuda else _loop, "loop": _loop, "vmap": _vmap}
    if over not in ways:
        raise ValueError(f"over={over!r}; wanted one of {', '.join(ways)}")
    return ways[over]


def _loop(each: Callable, theta: Params, episodes: Episode, chunk: int | None) -> Iterator[tuple]:
    yield from (each(theta, episode) for episode in tasks(episodes))


def _vmap(each: Callable, theta: Params, episodes: Episode, chunk: int | None) -> Iterator[tuple]:
    """Gradients and losses, summed over `chunk` tasks at a time.

    `vmap` stands outermost, around each task's whole gradient. The other way round, the gradient *of* a
    `vmap`, is silently wrong where batch norm's weights are adapted (torch 2.15; finite differences told).
    """
    size = chunk or len(episodes.support.x)
    batched = vmap(each, in_dims=(None, _map(lambda part: 0, episodes)), randomness="different")
    for i in range(0, len(episodes.support.x), size):
        gradients, losses = batched(theta, _map(lambda part, i=i: part[i:i + size], episodes))
        yield {name: g.sum(0) for name, g in gradients.items()}, losses.sum()


def _map(f: Callable, episodes: Episode) -> Episode:
    return Episode(*(Examples(*(None if part is None else f(part) for part in half)) for half in episodes))


def _scalar(loss: Loss) -> Loss:
    def checked(theta: Params, examples: Examples) -> Tensor:
        value = loss(theta, examples)
        if value.ndim:
            raise ValueError(f"the loss has shape {tuple(value.shape)}; wanted one number: take its mean")
        return value
    return checked


def _check(inner_lr: float, inner_steps: int) -> None:
    if not inner_lr > 0 or inner_steps < 0:
        raise ValueError(f"inner_lr={inner_lr}, inner_steps={inner_steps}; wanted a rate > 0 and steps ≥ 0")


def _check_finite(value: Tensor, what: str, inner_lr: float) -> None:
    try:
        finite = bool(value.isfinite())
    except RuntimeError:                        # under vmap no value can be read; meta_gradient looks later
        return
    if not finite:
        raise FloatingPointError(f"{what} is not finite; lower inner_lr={inner_lr} or take fewer inner steps")
