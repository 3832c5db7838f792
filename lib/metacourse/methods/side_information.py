"""A description beside the pictures: prototypes that mix what is shown with what is said.

A map g from attribute vectors to embeddings is fitted on training classes, so that g(a_k) is a guess at the
class's mean before any picture of it is seen: the zero-shot prototypes of Snell et al. (2017).
With K pictures, mix the guess and their mean as if the description were `worth` so many pictures more.

AM3 (Xing et al., 2019) mixes in the same place, c'_k = λ_k c_k + (1 − λ_k) g(a_k).

Differs from the papers:
- g is linear, by ridge regression on a frozen embedding; both papers train it together with the embedding;
- λ = K / (K + worth), where AM3 computes λ_k by a network from g(a_k).
"""
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods import protonet


def fit(a: Float[Tensor, "class attribute"], c: Float[Tensor, "class dim"], *, ridge: float = 10.0) -> Params:
    """g from descriptions and mean embeddings of training classes: {"weight", "bias"} of a linear map.

    Minimizes Σ ‖g(a) − c‖² + ridge · ‖weight‖², where the bias costs nothing.
    """
    if not ridge > 0:
        raise ValueError(f"ridge={ridge}; wanted a number > 0: with few classes the map is not determined")
    a_mean, c_mean = a.mean(0), c.mean(0)
    centered = a - a_mean
    gram = centered.T @ centered + ridge * torch.eye(a.shape[1]).to(a)
    weight = torch.linalg.solve(gram, centered.T @ (c - c_mean))             # [attribute, dim]
    return {"weight": weight, "bias": c_mean - a_mean @ weight}


def described(g: Params, a: Float[Tensor, "*class attribute"]) -> Float[Tensor, "*class dim"]:
    """g(a): where the embeddings of a class that is so described should lie."""
    if a.shape[-1] != len(g["weight"]):
        raise ValueError(f"{a.shape[-1]} attributes describe a class; g was fitted to {len(g['weight'])}: "
                         "describe training and test classes by the same list")
    return a @ g["weight"] + g["bias"]


def mix(c: Float[Tensor, "*tasks way dim"], guess: Float[Tensor, "*tasks way dim"], *,
        shots: Float[Tensor, "way 1"] | int, worth: float) -> Float[Tensor, "*tasks way dim"]:
    """The mean of `shots` pictures and of a description that counts as `worth` pictures."""
    if worth < 0:
        raise ValueError(f"worth={worth}; wanted 0 or more pictures that a description is worth")
    return (shots * c + worth * guess) / (shots + worth)


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples, a: Float[Tensor, "way attribute"],
            x_query: Float[Tensor, "query ..."], *, g: Params, worth: float) -> Float[Tensor, "query way"]:
    """log p(y = k | x) of every query, by prototypes from a support set and a description of each class."""
    c = protonet.prototypes(embed(theta, support.x), support.mask)
    way, shot = support.x.shape[:2]
    shots = shot if support.mask is None else support.mask.sum(1, keepdim=True).to(c)
    if len(a) != way:
        raise ValueError(f"{len(a)} descriptions for {way} classes; wanted one of each, in their order")
    return protonet.log_probs(embed(theta, x_query), mix(c, described(g, a), shots=shots, worth=worth))
