"""Maximum mean discrepancy: features whose means agree under a rich kernel (Gretton et al., 2012).

Two distributions are the same if no function of a large family has different means on them. For a Gaussian
kernel the largest such difference is a formula of distances between samples. Long et al. (2015) train deep
features to make it small.

Differs from Long et al.:
- a plain sum of Gaussian kernels; their weights on the kernels are learned;
- all pairs of a batch, a point with itself included: it is never negative, and 0 for equal samples. Long et
  al. take an estimate from a few pairs, which costs linear time;
- one layer is aligned, the one that the classifier reads.
"""
from collections.abc import Callable, Sequence
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import two_domains
from metacourse.methods.two_domains import predict as predict

WIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)             # in units of the mean squared distance


def kernel(a: Float[Tensor, "a dim"], b: Float[Tensor, "b dim"], *, scale: Float[Tensor, ""] | float,
           widths: Sequence[float] = WIDTHS) -> Float[Tensor, "a b"]:
    """k(a, b) = Σ_w exp(−‖a − b‖² / (w · scale)). A narrow one sees detail, a wide one what is far apart."""
    d = squared_distances(a, b)
    return sum(torch.exp(-d / (width * scale)) for width in widths)


def squared_distances(a: Float[Tensor, "a dim"], b: Float[Tensor, "b dim"]) -> Float[Tensor, "a b"]:
    """‖a‖² + ‖b‖² − 2 a·b, without a tensor of all differences."""
    return (a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T).clamp(min=0)


def distance(z_source: Float[Tensor, "source _"], z_target: Float[Tensor, "target _"], *,
             widths: Sequence[float] = WIDTHS) -> Float[Tensor, ""]:
    """MMD² = mean k(s, s′) + mean k(t, t′) − 2 mean k(s, t), over all pairs.

    `widths` are in units of the mean squared distance between all samples of the batch, which is taken as a
    constant: else the features could escape by growing.
    """
    two_domains.same_dim(z_source, z_target)
    if not widths or not min(widths) > 0:
        raise ValueError(f"widths={tuple(widths)}; wanted one number > 0 or more: each divides a distance")
    both = torch.cat([z_source, z_target]).detach()
    scale = squared_distances(both, both).mean().clamp(min=torch.finfo(both.dtype).tiny)
    k = partial(kernel, scale=scale, widths=widths)
    return k(z_source, z_source).mean() + k(z_target, z_target).mean() - 2 * k(z_source, z_target).mean()


def loss(embed: Callable, classify: Callable, theta: Params, source: Examples,
         target_x: Float[Tensor, "target ..."], *, weight: float,
         widths: Sequence[float] = WIDTHS) -> Float[Tensor, ""]:
    """Classification on the source plus `weight` times MMD² between the features of the domains."""
    apart = partial(distance, widths=widths)
    return two_domains.aligned(apart, embed, classify, theta, source, target_x, weight=weight)
