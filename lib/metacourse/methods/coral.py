"""Deep CORAL: features whose covariance is the same in both domains (Sun and Saenko, 2016).

What DANN asks of a network that has to be trained against, is here a formula: no domain head, no game.

Differs from the paper:
- the features that the classifier reads are aligned, where the paper aligns the classifier's scores;
- only covariances are compared, as in the paper: a target that is merely shifted costs nothing.
"""
from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import two_domains
from metacourse.methods.two_domains import predict as predict


def covariance(z: Float[Tensor, "image dim"]) -> Float[Tensor, "dim dim"]:
    """C = (ZᵀZ − n z̄ z̄ᵀ) / (n − 1), computed from Z − z̄, which loses no digits."""
    off = z - z.mean(dim=0)
    return off.T @ off / (len(z) - 1)


def distance(z_source: Float[Tensor, "source _"], z_target: Float[Tensor, "target _"]) -> Float[Tensor, ""]:
    """‖C_S − C_T‖² / (4 d²): the squared Frobenius norm of the difference of covariances."""
    two_domains.same_dim(z_source, z_target)
    difference = covariance(z_source) - covariance(z_target)
    return difference.square().sum() / (4 * z_source.shape[1]**2)


def loss(embed: Callable, classify: Callable, theta: Params, source: Examples,
         target_x: Float[Tensor, "target ..."], *, weight: float) -> Float[Tensor, ""]:
    """Classification on the source plus `weight` times the distance of the features' covariances."""
    return two_domains.aligned(distance, embed, classify, theta, source, target_x, weight=weight)
