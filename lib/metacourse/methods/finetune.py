"""Fine-tuning: train a network on the support set, from θ or from scratch, and hope that it generalizes.

The baselines that meta-learning has to beat. From a fresh θ, five pictures are memorized and not understood;
from a θ pretrained on other classes it is transfer learning ("Baseline" of Chen et al., 2019).

Differs from the paper: Adam on the whole support set, where Chen et al. take SGD in batches of four.
"""
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Loss, Params


def fit(loss: Loss, theta: Params, support: Examples, *, steps: int, lr: float, only: str = "") -> Params:
    """θ after `steps` of Adam on the support set; only parameters whose names start with `only` move.

    Raises ValueError when `only` names no parameter, `lr` ≤ 0 or `steps` < 0.
    """
    chosen = [name for name in theta if name.startswith(only)]
    if not chosen:
        raise ValueError(f"only={only!r} begins no parameter's name; there are {', '.join(theta)}")
    if steps < 0 or not lr > 0:
        raise ValueError(f"steps={steps}, lr={lr}; wanted 0 or more steps and a positive rate")
    phi = {name: p.detach().clone().requires_grad_(name in chosen) for name, p in theta.items()}
    optimizer = torch.optim.Adam([phi[name] for name in chosen], lr=lr)
    with torch.enable_grad():
        for _ in range(steps):
            optimizer.zero_grad()
            loss(phi, support).backward()
            optimizer.step()
    return {name: p.detach() for name, p in phi.items()}


@torch.no_grad()
def predict(apply: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            loss: Loss, steps: int = 50, lr: float = 1e-3, only: str = "") -> Float[Tensor, "query way"]:
    """Scores of the queries after fitting θ, or the part of it that `only` names, to the support set."""
    return apply(fit(loss, theta, support, steps=steps, lr=lr, only=only), x_query)


def from_scratch(apply: Callable, fresh: Callable[[Examples], Params], support: Examples,
                 x_query: Float[Tensor, "query ..."], *, loss: Loss, steps: int = 50,
                 lr: float = 1e-3) -> Float[Tensor, "query way"]:
    """`predict` from newly drawn parameters: `fresh(support)` gives a network that has never seen a picture.

    It may take its dice from the support set (`reproducible.seed_of`), so that a task always starts alike.
    """
    return predict(apply, fresh(support), support, x_query, loss=loss, steps=steps, lr=lr)
