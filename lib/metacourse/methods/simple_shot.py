"""SimpleShot: center features, give them length 1, take the nearest class mean (Wang et al., 2019).

The embedding comes from ordinary training on the base classes. Its features have a large mean in common and
lengths that say little; both are removed, and nothing is learned on the new task.

Differs from the paper: nothing in the rule; its scores are squared distances, which have the same order.
"""
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods.frozen import class_means, features
from metacourse.methods.protonet import log_probs


def center(z: Float[Tensor, "*picture dim"]) -> Float[Tensor, " dim"]:
    """The mean feature of the base classes: z of pictures that were trained on, never of the task's own."""
    return z.flatten(0, -2).mean(dim=0)


def transform(z: Float[Tensor, "*picture dim"],
              center: Float[Tensor, " center"] | None = None) -> Float[Tensor, "*picture dim"]:
    """CL2N: (z − z̄) / ‖z − z̄‖. Without a center it is L2N: z / ‖z‖ (both in Section 2)."""
    if center is None:
        return F.normalize(z, dim=-1)
    if center.shape != z.shape[-1:]:
        raise ValueError(f"center has shape {list(center.shape)} for features of {z.shape[-1]} numbers; "
                         f"wanted [{z.shape[-1]}]: simple_shot.center(z) of this embedding's features")
    return F.normalize(z - center, dim=-1)


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            center: Float[Tensor, " center"] | None = None) -> Float[Tensor, "query way"]:
    """Log-softmax of −d² from each query to the mean of each class, both transformed."""
    z, y, z_query = features(embed, theta, support, x_query)
    c = class_means(transform(z, center), y)                        # transform first, average then
    return log_probs(transform(z_query, center), c)
