"""What a frozen embedding sees of a task: labeled vectors to build a classifier on, others to classify."""
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from metacourse.episode import Examples, Params


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
    z, z_query = embed(theta, support.x), embed(theta, x_query)
    if z.ndim != 3 or z_query.ndim != 2:
        raise ValueError(f"embed gives {list(z.shape)} for a support set, {list(z_query.shape)} for queries; "
                         "wanted [way, shot, dim] and [query, dim]: end the network with nn.Flatten()")
    y = torch.arange(len(z), device=z.device)[:, None].expand(z.shape[:2])
    if support.mask is None:
        return Features(z.flatten(0, 1), y.flatten(), z_query)
    empty = (~support.mask.any(1)).nonzero().flatten().tolist()
    if empty:
        raise ValueError(f"class {empty[0]} of the support set has no example; wanted one at least: leave "
                         "the class out, or describe it (zero_shot)")
    return Features(z[support.mask], y[support.mask], z_query)


def class_means(z: Float[Tensor, "example dim"], y: Int[Tensor, " example"]) -> Float[Tensor, "way dim"]:
    """The mean vector of each class 0, 1, … of labeled vectors."""
    belongs = torch.nn.functional.one_hot(y).to(z)                           # [example, way]
    return belongs.T @ z / belongs.sum(0)[:, None]
