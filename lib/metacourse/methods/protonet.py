"""Prototypical networks: classify by the nearest class mean of an embedding (Snell et al., 2017).

Differs from the paper: nothing; how many ways to train with is the sampler's choice.
"""
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Params, tasks


def prototypes(z_support: Float[Tensor, "way shot dim"],
               mask: Bool[Tensor, "way shot"] | None = None) -> Float[Tensor, "way dim"]:
    """The mean of each class (Equation 1), over the shots that `mask` marks where their numbers differ."""
    if mask is None:
        return z_support.mean(dim=1)                                         # c_k = 1/K Σᵢ f_θ(xᵢ)
    return (z_support * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


def log_probs(z_query: Float[Tensor, "query dim"], c: Float[Tensor, "way dim"]) -> Float[Tensor, "query way"]:
    """log p(y = k | x): a softmax over negative squared distances to the prototypes (Equation 2)."""
    distance = (z_query[:, None] - c).square().sum(dim=-1)                   # d(z, c_k) = ‖z − c_k‖²
    return (-distance).log_softmax(dim=-1)


def loss(embed: Callable, theta: Params, episode: Episode) -> Float[Tensor, ""]:
    """Negative log-likelihood of one task's queries. `embed(θ, x)` maps [..., C, H, W] to [..., dim]."""
    c = prototypes(embed(theta, episode.support.x), episode.support.mask)
    z = embed(theta, episode.query.x)                                        # [way, queries, dim]
    return F.nll_loss(log_probs(z.flatten(0, 1), c), episode.query.y.flatten())


def meta_loss(embed: Callable, theta: Params, episodes: Episode) -> Float[Tensor, ""]:
    """Mean of `loss` over the tasks of a meta-batch (Algorithm 1)."""
    return torch.stack([loss(embed, theta, episode) for episode in tasks(episodes)]).mean()


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples,
            x_query: Float[Tensor, "query ..."]) -> Float[Tensor, "query way"]:
    """log p(y = k | x) of every query; column k is the class of row k of the support set."""
    return log_probs(embed(theta, x_query), prototypes(embed(theta, support.x), support.mask))
