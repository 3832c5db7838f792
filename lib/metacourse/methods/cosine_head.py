"""A cosine classifier on frozen features: Baseline++ at test time (Chen et al., 2019, Section 3.2).

A row of weights per class, as in any last layer, but only its direction counts: s_k = cos(z, w_k). Training
with such a head pulls the features of a class together (`supervised`); here a new one is fitted to a task.

Differs from the paper:
- a row starts at the mean of its class (Qi et al., 2018), not at random: no dice, and 0 steps are a baseline;
- Adam on the whole support set, where Chen et al. take SGD in batches of four for 100 iterations;
- `scale` multiplies every cosine; their code learns a length for each row besides.
"""
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import finetune
from metacourse.methods.frozen import class_means, features
from metacourse.methods.losses import cross_entropy


def scores(w: Float[Tensor, "way dim"], z: Float[Tensor, "*picture dim"], *,
           scale: float) -> Float[Tensor, "*picture way"]:
    """scale · cos(z, w_k), the logits of each class.

    A cosine lies between −1 and 1: with scale 1 no class of five could get a probability above 0.65.
    Raises ValueError for `scale` ≤ 0.
    """
    if not scale > 0:
        raise ValueError(f"scale={scale}; wanted a number > 0: 2 for a few classes, 10 for hundreds")
    return scale * F.normalize(z, dim=-1) @ F.normalize(w, dim=-1).T


def fit(z: Float[Tensor, "example dim"], y: Tensor, *, steps: int, lr: float,
        scale: float) -> Float[Tensor, "way dim"]:
    """The rows of weights after `steps` on labeled features, from the class means."""
    loss = cross_entropy(lambda theta, z: scores(theta["w"], z, scale=scale))
    start = {"w": class_means(F.normalize(z, dim=-1), y)}
    return finetune.fit(loss, start, Examples(z, y), steps=steps, lr=lr)["w"]


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            steps: int, lr: float, scale: float) -> Float[Tensor, "query way"]:
    """Scores of the queries by a cosine head that was fitted to the support set; θ stays as it is."""
    z, y, z_query = features(embed, theta, support, x_query)
    return scores(fit(z, y, steps=steps, lr=lr, scale=scale), z_query, scale=scale)
