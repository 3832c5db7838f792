"""Nearest class mean on raw pixels: what few-shot recognition scores before anything is learned.

The baseline every few-shot paper should print; `protonet` is the same rule on a learned embedding.

Differs from the paper: there is none; nearest centroids are older than the field.
"""
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples
from metacourse.methods.protonet import prototypes


def predict(support: Examples, x_query: Float[Tensor, "query ..."], *,
            metric: str = "cosine") -> Float[Tensor, "query way"]:
    """Scores of the queries: cosine similarity to each class's mean picture, or minus squared distance."""
    c = prototypes(support.x.flatten(2), support.mask)                       # pixels are the embedding
    z = x_query.flatten(1)
    if metric == "cosine":
        return F.normalize(z, dim=-1) @ F.normalize(c, dim=-1).T
    if metric == "euclidean":
        return -(z[:, None] - c).square().sum(dim=-1)
    raise ValueError(f"metric={metric!r}; wanted 'cosine' or 'euclidean'")
