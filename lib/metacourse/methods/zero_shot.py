"""Zero-shot classification: a class is described, and no example of it is ever shown.

Palatucci et al. (2009), Lampert et al. (2009). A network learns to read attributes off pictures of other
classes. A new class comes as a vector of attributes, which stands where a prototype would: the nearest wins.

Differs from the papers:
- attributes are real numbers, read by a convolutional network under squared error; Palatucci et al. use
  linear regression on brain scans, Lampert et al. a probability for each yes-or-no attribute.
"""
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import protonet


def loss(embed: Callable, theta: Params, examples: Examples) -> Float[Tensor, ""]:
    """Mean squared error of the attributes read off x `[picture, C, H, W]` to y `[picture, attribute]`."""
    return (embed(theta, examples.x) - examples.y).square().mean()


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples,
            x_query: Float[Tensor, "query ..."]) -> Float[Tensor, "query way"]:
    """Log-probabilities. The support set holds descriptions, x `[way, 1, attribute]`, and no picture."""
    a = protonet.prototypes(support.x)                          # a_k stands where c_k would stand
    return protonet.log_probs(embed(theta, x_query), a)         # p(y = k | x) ∝ exp(−‖f_θ(x) − a_k‖²)
