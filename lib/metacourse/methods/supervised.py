"""Ordinary training: one classifier for all training classes at once, without episodes (Chen et al., 2019).

Whoever meta-learns has many labeled classes, and could simply have classified them. The head over those
classes is thrown away afterwards, and the body embeds new ones: for `simple_shot`, `logistic`, `cosine_head`.

Two heads: linear in "Baseline"; in "Baseline++" the logits are scale · cos(z, w_k).

Differs from the paper:
- a batch is drawn anew at every step, so that a run can be resumed; there are no epochs;
- `scale` multiplies every cosine; the paper's code learns a length for each row besides.
"""
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Shaped
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import cosine_head

HEAD = "head."                                  # begins the names of the head's parameters, here and in Conv4


def batch(images: Shaped[Tensor, "class drawing *item"], *, size: int, rng: torch.Generator) -> Examples:
    """`size` different pictures x `[size, C, H, W]` of any classes, and their class numbers y `[size]`.

    uint8 becomes float32 in [0, 1]. Raises ValueError when there are not so many pictures.
    """
    classes, drawings = images.shape[:2]
    if not 1 <= size <= classes * drawings:
        raise ValueError(f"size={size}; the data has {classes} classes × {drawings} drawings = "
                         f"{classes * drawings} pictures: take from 1 to so many")
    row = torch.randperm(classes * drawings, generator=rng)[:size]
    row = row.to(images.device, non_blocking=images.is_cuda)
    x = images.flatten(0, 1)[row]
    return Examples(x.float() / 255 if x.dtype == torch.uint8 else x, row // drawings)


def with_head(theta: Params, *, classes: int, dim: int, rng: torch.Generator) -> Params:
    """θ of an embedding and of a new linear head on its `dim` features, drawn as `nn.Linear` does."""
    like, bound = next(iter(theta.values())), dim ** -0.5
    drawn = bound * (2 * torch.rand(classes, dim + 1, generator=rng) - 1).to(like)
    return {**theta, f"{HEAD}weight": drawn[:, :dim].contiguous(), f"{HEAD}bias": drawn[:, dim].contiguous()}


def body(theta: Params) -> Params:
    """θ without its head: the parameters of the embedding alone."""
    return {name: p for name, p in theta.items() if not name.startswith(HEAD)}


def scores(embed: Callable, theta: Params, x: Float[Tensor, "batch ..."], *,
           scale: float | None = None) -> Float[Tensor, "batch class"]:
    """Logits of all training classes: W z + b, or scale · cos(z, w_k) where `scale` is given."""
    if f"{HEAD}weight" not in theta:
        raise ValueError(f"θ has no {HEAD}weight: give it one by supervised.with_head(theta, …)")
    z = embed(body(theta), x)
    weight = theta[f"{HEAD}weight"]
    if z.ndim != 2 or z.shape[1] != weight.shape[1]:
        raise ValueError(f"embed gives {list(z.shape)}; the head wants [batch, {weight.shape[1]}]: end the "
                         "network with nn.Flatten(), and build the head with the network's dim")
    if scale is not None:
        return cosine_head.scores(weight, z, scale=scale)                    # Baseline++; the bias stays idle
    return F.linear(z, weight, theta[f"{HEAD}bias"])


def loss(embed: Callable, theta: Params, examples: Examples, *,
         scale: float | None = None) -> Float[Tensor, ""]:
    """Cross-entropy of a batch over all training classes. With `scale`, the head is a cosine head."""
    logits = scores(embed, theta, examples.x, scale=scale)
    if examples.y.device.type == "cpu" and examples.y.max() >= logits.shape[1]:
        raise ValueError(f"a label is {examples.y.max()}, and the head has {logits.shape[1]} classes: build "
                         "it for all training classes")
    return F.cross_entropy(logits, examples.y)
