"""Prototypical networks: classify by the nearest class mean of an embedding (Snell et al., 2017).

Differs from the paper:
- `distance` may also be the plain Euclidean one, and `temperature` may differ from 1; the defaults are the
  paper's. How many ways to train with is the sampler's choice.
"""
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Params
from metacourse.methods import over_tasks, refuse


def prototypes(z_support: Float[Tensor, "way shot dim"],
               mask: Bool[Tensor, "way shot"] | None = None) -> Float[Tensor, "way dim"]:
    """The mean of each class (Equation 1), over the shots that `mask` marks where their numbers differ."""
    if mask is None:
        return z_support.mean(dim=1)                                         # c_k = 1/K Σᵢ f_θ(xᵢ)
    return (z_support * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


def distances(z_query: Float[Tensor, "query dim"], c: Float[Tensor, "way dim"], *,
              distance: str = "squared") -> Float[Tensor, "query way"]:
    """d(z, c_k) of each query to each prototype. "cosine" gives minus the cosine: near is small, as ever."""
    match distance:
        case "squared":
            return (z_query[:, None] - c).square().sum(dim=-1)               # d(z, c_k) = ‖z − c_k‖²
        case "euclidean":
            return (z_query[:, None] - c).norm(dim=-1)                       # ‖z − c_k‖
        case "cosine":
            return -F.normalize(z_query, dim=-1) @ F.normalize(c, dim=-1).T  # −z·c_k / (‖z‖ ‖c_k‖)
    raise ValueError(f"distance={distance!r}; wanted 'squared', 'euclidean' or 'cosine'")


def log_probs(z_query: Float[Tensor, "query dim"], c: Float[Tensor, "way dim"], *, distance: str = "squared",
              temperature: float = 1.0) -> Float[Tensor, "query way"]:
    """log p(y = k | x): a softmax over negative distances to the prototypes (Equation 2), divided by τ."""
    d = distances(z_query, c, distance=distance)
    return (-d / refuse.cold(temperature)).log_softmax(dim=-1)


def loss(embed: Callable, theta: Params, episode: Episode, **metric) -> Float[Tensor, ""]:
    """Negative log-likelihood of one task's queries. `embed(θ, x)` maps [..., C, H, W] to [..., dim].

    `metric` goes to `log_probs`: distance, temperature.
    """
    c = _class_means(embed, theta, episode.support)
    z = refuse.maps(embed(theta, episode.query.x), episode.query.x)          # [way, queries, dim]
    return F.nll_loss(log_probs(z.flatten(0, 1), c, **metric), episode.query.y.flatten())


def meta_loss(embed: Callable, theta: Params, episodes: Episode, **metric) -> Float[Tensor, ""]:
    """Mean of `loss` over the tasks of a meta-batch (Algorithm 1)."""
    return over_tasks.mean_loss(partial(loss, embed, **metric), theta, episodes, over="auto")


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."],
            **metric) -> Float[Tensor, "query way"]:
    """log p(y = k | x) of every query; column k is the class of row k of the support set."""
    z = refuse.maps(embed(theta, x_query), x_query, leading=1)
    return log_probs(z, _class_means(embed, theta, support), **metric)


def _class_means(embed: Callable, theta: Params, support: Examples) -> Float[Tensor, "way dim"]:
    support = refuse.missing_class(support)
    return prototypes(refuse.maps(embed(theta, support.x), support.x), support.mask)
