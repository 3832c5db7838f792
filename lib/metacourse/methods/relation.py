"""Relation networks: not only the embedding is learned, but also how to compare (Sung et al., 2018).

The maps of a class and of a query are laid on each other, and a small network looks at both and says how much
they belong together, from 0 to 1. No distance is written down, so until it is trained it says nothing.

Differs from the paper:
- the squared error is averaged over all pairs of a query and a class, where the paper sums, so that one
  learning rate serves any number of ways;
- the two networks: see `models.relation_head`.
"""
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Params
from metacourse.methods import over_tasks, refuse


def pairs(maps_support: Float[Tensor, "way shot channels h w"],
          maps_query: Float[Tensor, "query channels h w"]) -> Float[Tensor, "query way both h w"]:
    """𝒞(f(xᵢ), f(xⱼ)): the maps of each class, summed over its shots, above those of a query (Equation 1)."""
    of_class = maps_support.sum(dim=1)                                       # the paper's K-shot
    shape = (len(maps_query), *of_class.shape)
    return torch.cat([of_class.expand(shape), maps_query[:, None].expand(shape)], dim=2)


def loss(embed: Callable, compare: Callable, theta: Params, episode: Episode) -> Float[Tensor, ""]:
    """Mean of (r − [y = k])² over the queries and classes of one task, [y = k] being 1 or 0 (Equation 2).

    `embed(θ, x)` maps [..., C, H, W] to maps [..., channels, h, w]; `compare(θ, pairs)` maps
    [..., 2 · channels, h, w] to r in [0, 1]. Build both networks, which share one θ, by

        embed, compare, theta = together(Maps(StridedConv4(32, blocks=2), 32), compare=RelationHead(32))
    """
    r = _scores(embed, compare, theta, episode.support, episode.query.x.flatten(0, 1))
    return (r - F.one_hot(episode.query.y.flatten(), r.shape[1])).square().mean()


def meta_loss(embed: Callable, compare: Callable, theta: Params, episodes: Episode) -> Float[Tensor, ""]:
    """Mean of `loss` over the tasks of a meta-batch."""
    return over_tasks.mean_loss(partial(loss, embed, compare), theta, episodes, over="auto")


@torch.no_grad()
def predict(embed: Callable, compare: Callable, theta: Params, support: Examples,
            x_query: Float[Tensor, "query ..."]) -> Float[Tensor, "query way"]:
    """Relation r in [0, 1] of every query to every class: scores, which need not sum to one."""
    return _scores(embed, compare, theta, support, x_query)


def _scores(embed: Callable, compare: Callable, theta: Params, support: Examples,
            x_query: Float[Tensor, "query ..."]) -> Float[Tensor, "query way"]:
    refuse.unequal_shots(refuse.missing_class(support), "the maps of a class are summed over its shots")
    maps_support = refuse.vectors(embed(theta, support.x), support.x)
    maps_query = refuse.vectors(embed(theta, x_query), x_query, leading=1)
    return compare(theta, pairs(maps_support, maps_query))           # r = g(𝒞(f(xᵢ), f(xⱼ)))
