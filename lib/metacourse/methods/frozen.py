"""What a frozen embedding sees of a task: labeled vectors to build a classifier on, others to classify."""
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import refuse


class Features(NamedTuple):
    """Embedded support examples, padding left out, the row of the support set each came from, and queries."""

    z: Float[Tensor, "example dim"]
    y: Int[Tensor, " example"]
    z_query: Float[Tensor, "query dim"]


@torch.no_grad()
def features(embed: Callable, theta: Params, support: Examples,
             x_query: Float[Tensor, "query ..."]) -> Features:
    """f_θ of the support set and of the queries. Labels are row numbers, whatever `support.y` calls them.

    Raises ValueError for an embedding that gives a map, and for a class without an example.
    """
    support = refuse.missing_class(support)
    z = refuse.maps(embed(theta, support.x), support.x)
    z_query = refuse.maps(embed(theta, x_query), x_query, leading=1)
    y = torch.arange(len(z), device=z.device)[:, None].expand(z.shape[:2])
    if support.mask is None:
        return Features(z.flatten(0, 1), y.flatten(), z_query)
    return Features(z[support.mask], y[support.mask], z_query)


def class_means(z: Float[Tensor, "example dim"], y: Int[Tensor, " example"]) -> Float[Tensor, "way dim"]:
    """The mean vector of each class 0, 1, … of labeled vectors."""
    belongs = torch.nn.functional.one_hot(y).to(z)                           # [example, way]
    return belongs.T @ z / belongs.sum(0)[:, None]
