"""From a network to a loss on one task: `cross_entropy(apply)` is a function of θ and of examples."""
from collections.abc import Callable

import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from metacourse.episode import Examples, Loss, Params


def cross_entropy(apply: Callable) -> Loss:
    """Mean cross-entropy of the scores `apply(theta, x)` [way, shot, way] to the labels y [way, shot].

    Where a mask is given, only the examples it marks count. Raises ValueError when there is not one row of
    scores per label, or a label has no score.
    """
    def loss(theta: Params, examples: Examples) -> Float[Tensor, ""]:
        scores, y = apply(theta, examples.x), examples.y
        if scores.shape[:-1] != y.shape:
            raise ValueError(f"scores have shape {tuple(scores.shape)} for labels of shape {tuple(y.shape)}; "
                             f"wanted {(*y.shape, 'way')}: a row of class scores for every label")
        each = F.cross_entropy(scores.flatten(0, -2), y.flatten(), reduction="none")
        return _mean(each.view(y.shape), examples.mask)
    return loss


def mse(apply: Callable) -> Loss:
    """Mean squared error of `apply(theta, x)` to y, both [shot, dim]; a mask [shot] picks what counts.

    Raises ValueError when prediction and target differ in shape (a silent broadcast would hide it).
    """
    def loss(theta: Params, examples: Examples) -> Float[Tensor, ""]:
        prediction, y = apply(theta, examples.x), examples.y
        if prediction.shape != y.shape:
            raise ValueError(f"the prediction has shape {tuple(prediction.shape)}, y has {tuple(y.shape)}; "
                             "wanted equal shapes: give y its last axis, or take it off the network's output")
        squared = (prediction - y).square()
        return _mean(squared, examples.mask)
    return loss


def _mean(each: Float[Tensor, "*example"], mask: Bool[Tensor, "*masked"] | None) -> Float[Tensor, ""]:
    if mask is None:
        return each.mean()
    each = each.reshape(*mask.shape, -1).mean(-1)                     # one number per example
    return (each * mask).sum() / mask.sum()
