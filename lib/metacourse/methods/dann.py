"""Domain-adversarial training: features from which no one can tell the domain (Ganin et al., 2016).

A domain head learns to tell source from target features. Between it and the embedding stands a layer that
does nothing forward and turns the gradient around on the way back: so one backward pass teaches the head to
tell the domains apart, and the embedding to make that hard.

Differs from the paper:
- the domain head gives one logit, and its loss is the mean over each domain, added up as in the paper's
  objective; λ does not weigh the head's own gradient (the paper's experiments fix it at 1 there, too);
- the optimizer is whatever `train` is given; the paper takes SGD with the rate 0.01 / (1 + 10 p)^0.75.
"""
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import two_domains
from metacourse.methods.two_domains import predict as predict

Source = Float[Tensor, "source dim"]
Target = Float[Tensor, "target dim"]


class Reversal(torch.autograd.Function):
    """R(z) = z, and ∂R/∂z = −λ·1: the gradient reversal layer. Works under `torch.func`, too."""

    generate_vmap_rule = True

    @staticmethod
    def forward(z: Tensor, reversal: float | Tensor) -> Tensor:
        return z.view_as(z)

    @staticmethod
    def setup_context(ctx, inputs: tuple, output: Tensor) -> None:
        _, ctx.reversal = inputs

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return -ctx.reversal * gradient, None


def reverse(z: Float[Tensor, "*shape"], *, reversal: float) -> Float[Tensor, "*shape"]:
    """z as it is; the gradient comes back times −λ, where λ = `reversal` ≥ 0."""
    if not reversal >= 0:
        raise ValueError(f"reversal={reversal}; wanted λ ≥ 0: the minus sign is in the layer")
    return Reversal.apply(z, reversal)


def schedule(progress: float, *, gamma: float = 10.0) -> float:
    """λ = 2 / (1 + exp(−γ p)) − 1, from 0 at the start of training (p = 0) to nearly 1 at its end (p = 1).

    Early on the domain head knows nothing yet, and its gradient is noise.
    """
    if not 0 <= progress <= 1:
        raise ValueError(f"progress={progress}; wanted the part of training that is done, from 0 to 1: "
                         "step / steps")
    return 2 / (1 + math.exp(-gamma * progress)) - 1


def domain_loss(domain: Callable, theta: Params, z_source: Source, z_target: Target) -> Float[Tensor, ""]:
    """Cross-entropy of the domain head: the mean over the source (d = 0) plus that over the target (d = 1).

    2 log 2 ≈ 1.39 where the head cannot tell. `domain(θ, z)` gives one logit for each vector.
    """
    d_source, d_target = (_logits(domain, theta, z) for z in (z_source, z_target))
    return F.softplus(d_source).mean() + F.softplus(-d_target).mean()        # −log(1 − σ(d)) and −log σ(d)


def loss(embed: Callable, classify: Callable, domain: Callable, theta: Params, source: Examples,
         target_x: Float[Tensor, "target ..."], *, reversal: float) -> Float[Tensor, ""]:
    """Classification on the source plus the domain head's loss, behind the reversal with λ = `reversal`.

        embed, classify, domain, theta = together(body, classify=MLP([128, 10]), domain=MLP([128, 100, 1]))

    `source` holds x `[source, C, H, W]` and y `[source]`. With λ = 0 the head only watches.
    Raises ValueError for what `two_domains.embedded` and `classification` refuse, and for λ < 0.
    """
    z_source, z_target = two_domains.embedded(embed, theta, source.x, target_x)
    reversed_z = (reverse(z, reversal=reversal) for z in (z_source, z_target))
    return (two_domains.classification(classify, theta, z_source, source.y)
            + domain_loss(domain, theta, *reversed_z))


@torch.no_grad()
def domain_accuracy(domain: Callable, theta: Params, z_source: Source, z_target: Target) -> float:
    """How often the head names the domain, each domain counting one half: ½ is chance.

    ½ is no success by itself: the head may be weak, and classes may lie on each other in the wrong order.
    """
    d_source, d_target = (_logits(domain, theta, z) for z in (z_source, z_target))
    return float(((d_source <= 0).double().mean() + (d_target > 0).double().mean()) / 2)


def _logits(domain: Callable, theta: Params, z: Float[Tensor, "image dim"]) -> Float[Tensor, " image"]:
    d = domain(theta, z)
    if d.shape not in ((len(z),), (len(z), 1)):
        raise ValueError(f"domain(theta, z) has shape {list(d.shape)} for {len(z)} vectors; wanted one logit "
                         "for each: two classes need one number")
    return d.reshape(-1)
