"""What domain adaptation starts from: a labeled source, an unlabeled target, and one network for both.

`dann`, `coral` and `mmd` share the classification loss on the source; they differ in how they ask that the
features of the two domains be alike. All of them take three functions of one θ, made by

    embed, classify, theta = together(StridedConv4(32, in_channels=3), classify=MLP([128, 10]))

Each domain goes through the network on its own. So batch norm, if the network has it, normalizes each domain
by its own statistics, and part of the adaptation is its doing: see `adabn`.
"""
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import refuse


def embedded(embed: Callable, theta: Params, source_x: Float[Tensor, "source ..."],
             target_x: Float[Tensor, "target ..."]
             ) -> tuple[Float[Tensor, "source dim"], Float[Tensor, "target dim"]]:
    """The features of both domains, (z_source, z_target).

    Raises ValueError for fewer than two images of a domain, images of two shapes, or features that are maps.
    """
    if len(source_x) < 2 or len(target_x) < 2:
        raise ValueError(f"a batch of {len(source_x)} source and {len(target_x)} target images; wanted 2 or "
                         "more of each: domains are compared by samples of them")
    if source_x.shape[1:] != target_x.shape[1:]:
        raise ValueError(f"source images have shape {list(source_x.shape[1:])}, target images "
                         f"{list(target_x.shape[1:])}; wanted one shape for both: resize one domain, or "
                         "repeat its gray channel")
    z_source, z_target = (refuse.maps(embed(theta, x), x, leading=1) for x in (source_x, target_x))
    return z_source, z_target


def classification(classify: Callable, theta: Params, z: Float[Tensor, "source dim"],
                   y: Tensor) -> Float[Tensor, ""]:
    """Mean cross-entropy of labeled features: what all of these methods minimize on the source.

    Raises ValueError when labels and images differ in number, or a label has no score.
    """
    scores = classify(theta, z)
    if y.shape != scores.shape[:1]:
        raise ValueError(f"{len(scores)} source images came with labels of shape {list(y.shape)}; wanted one "
                         "label per image")
    if y.device.type == "cpu" and not 0 <= y.min() <= y.max() < scores.shape[1]:
        raise ValueError(f"source labels go from {y.min()} to {y.max()}, and the classifier has "
                         f"{scores.shape[1]} classes: both domains must have the same ones, counted from 0")
    return F.cross_entropy(scores, y)


def aligned(distance: Callable, embed: Callable, classify: Callable, theta: Params, source: Examples,
            target_x: Float[Tensor, "target ..."], *, weight: float) -> Float[Tensor, ""]:
    """Classification on the source plus `weight` times a distance between the features of the domains."""
    if not weight >= 0:
        raise ValueError(f"weight={weight}; wanted 0 or more: below 0 the domains are driven apart")
    z_source, z_target = embedded(embed, theta, source.x, target_x)
    return classification(classify, theta, z_source, source.y) + weight * distance(z_source, z_target)


@torch.no_grad()
def predict(embed: Callable, classify: Callable, theta: Params,
            x: Float[Tensor, "image ..."]) -> Float[Tensor, "image class"]:
    """Scores of images of either domain."""
    return classify(theta, embed(theta, x))


def same_dim(z_source: Float[Tensor, "source _"], z_target: Float[Tensor, "target _"]) -> None:
    """Raises ValueError unless there are two vectors or more of each domain, all of one length."""
    if min(len(z_source), len(z_target)) < 2 or z_source.shape[1] != z_target.shape[1]:
        raise ValueError(f"features have shapes {list(z_source.shape)} and {list(z_target.shape)}; wanted 2 "
                         "or more vectors of each domain, all of one length")
