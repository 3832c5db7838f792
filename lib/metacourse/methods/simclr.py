"""SimCLR: features under which two views of a picture are alike, and of two pictures not (Chen et al., 2020).

No labels: every picture is a class of its own. If likeness were all that counted, one point for everything
would be perfect; what keeps the features apart are the other pictures of the batch.

Differs from the paper:
- views suit the pictures of this course: see `views`;
- Adam and small batches, where the paper takes LARS and thousands of pictures.
"""
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Shaped
from torch import Tensor

from metacourse.episode import Params
from metacourse.methods import refuse, supervised


class Views(NamedTuple):
    """Two views of the same pictures: row i of both shows picture i."""

    x_a: Float[Tensor, "n *item"]
    x_b: Float[Tensor, "n *item"]


def batch(images: Shaped[Tensor, "class drawing *item"], *, size: int, view: Callable,
          rng: torch.Generator) -> Views:
    """Two views of `size` different pictures of any classes. `view(x, rng=rng)` is one of `views`."""
    x = supervised.batch(images, size=size, rng=rng).x               # the labels are thrown away
    return Views(view(x, rng=rng), view(x, rng=rng))                 # drawn anew each time


def nt_xent(z_a: Float[Tensor, "n dim"], z_b: Float[Tensor, "_ dim"], *,
            temperature: float) -> Float[Tensor, ""]:
    """Mean over all 2n views of −log(exp(s_ij / τ) / Σ_{k ≠ i} exp(s_ik / τ)), with s the cosine.

    j is the other view of i's picture; the sum goes over all views but i itself: j and 2(n − 1) others. If
    all features are the same it is log(2n − 1). Raises ValueError for fewer than two pictures, or τ ≤ 0.
    """
    if len(z_a) < 2 or len(z_a) != len(z_b):
        raise ValueError(f"{len(z_a)} and {len(z_b)} views; wanted two of each picture, and 2 pictures or "
                         "more: with one there is nothing to tell it from")
    n = len(z_a)
    z = F.normalize(torch.cat([z_a, z_b]), dim=-1)                           # [2n, dim]
    s = z @ z.T / refuse.cold(temperature)                                   # s_ik / τ
    itself = torch.eye(2 * n, dtype=torch.bool, device=z.device)
    other = torch.arange(2 * n, device=z.device).roll(n)                     # j: n, …, 2n − 1, 0, …, n − 1
    return F.cross_entropy(s.masked_fill(itself, -torch.inf), other)


def loss(embed: Callable, project: Callable, theta: Params, views: Views, *,
         temperature: float) -> Float[Tensor, ""]:
    """NT-Xent of two views, through a projection head that is thrown away afterwards.

        embed, project, theta = together(body, project=MLP([body.dim, body.dim, 64]))

    The head may forget what the views change, and the features before it need not: those are used later.
    """
    z_a, z_b = (project(theta, refuse.maps(embed(theta, x), x, leading=1)) for x in views)
    return nt_xent(z_a, z_b, temperature=temperature)
