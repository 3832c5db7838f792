"""Prototypes that unlabeled pictures help to place (Ren et al., 2018).

A prototype from one picture is a noisy mean. Unlabeled pictures lie around the true means: let each belong
to the classes in the proportion in which it is near them, and average again. That is a step of soft k-means
which starts at the labeled pictures. Pictures of other classes, *distractors*, pull prototypes away; against
them stands a cluster of its own, wide and around a fixed center, or a gate that shuts out what is far.

Differs from the paper:
- the distractors' normalizer counts log r once per dimension, as a normal distribution has it and as the
  authors' code does; the text of Section 3.1.2 counts it once;
- their center may lie anywhere, since squared distances do not know where 0 is; and it stays where it is.
"""
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Params, tasks
from metacourse.methods import protonet, refuse


class Distractors(NamedTuple):
    """A cluster for what belongs to no class: its center and its radius r (1 is a class's own)."""

    center: Float[Tensor, " dim"]
    radius: Float[Tensor, ""]


def belonging(z: Float[Tensor, "unlabeled dim"], c: Float[Tensor, "way dim"],
              distractors: Distractors | None = None) -> Float[Tensor, "unlabeled way"]:
    """How much each picture belongs to each class (Section 3.1.1), or to none of them (Section 3.1.2)."""
    logits = -(z[:, None] - c).square().sum(-1)                              # −‖z_j − c_k‖²
    if distractors is None:
        return logits.softmax(-1)
    center, radius = distractors
    _check_radius(radius)
    none = -(z - center).square().sum(-1) / radius**2 - z.shape[1] * radius.log()
    return torch.cat([logits, none[:, None]], 1).softmax(-1)[:, :-1]         # the rest belongs to nobody


def soft_k_means(z_support: Float[Tensor, "way shot dim"], z_unlabeled: Float[Tensor, "unlabeled dim"],
                 mask: Bool[Tensor, "way shot"] | None = None, *, steps: int = 1,
                 distractors: Distractors | None = None,
                 gate: Callable | None = None) -> Float[Tensor, "way dim"]:
    """Prototypes after `steps` of soft k-means; with 0 steps they are those of the labeled pictures alone.

    `mask` marks the labeled pictures where their numbers differ. `gate`, from what `statistics` returns
    `[way, 5]` to a threshold and a slope `[way, 2]`, shuts out what is far (Section 3.1.3).
    """
    if steps < 0:
        raise ValueError(f"steps={steps}; wanted 0 or more; Ren et al. take 1")
    mask = torch.ones_like(z_support[..., 0], dtype=torch.bool) if mask is None else mask
    shots, total = mask.sum(1, keepdim=True), (z_support * mask[..., None]).sum(1)
    c = total / shots
    for _ in range(steps):
        weight = belonging(z_unlabeled, c, distractors)                      # [unlabeled, way]
        if gate is not None:
            weight = weight * opening(z_unlabeled, c, gate)
        c = (total + weight.T @ z_unlabeled) / (shots + weight.sum(0)[:, None])
    return c


def opening(z: Float[Tensor, "unlabeled dim"], c: Float[Tensor, "way dim"],
            gate: Callable) -> Float[Tensor, "unlabeled way"]:
    """How far the gate of each class is open for each picture: σ(−γ_k (d_jk − β_k)) (Section 3.1.3)."""
    distance = (z[:, None] - c).square().sum(-1)
    distance = distance / distance.mean(0)                                   # 1 is the mean over the pictures
    threshold, slope = gate(statistics(distance)).unbind(-1)                 # β_k, γ_k
    return torch.sigmoid(-slope * (distance - threshold))


def statistics(distance: Float[Tensor, "unlabeled way"]) -> Float[Tensor, "way 5"]:
    """Minimum, maximum, variance, skewness and kurtosis of each class's distances: what a gate looks at."""
    off = distance - distance.mean(0)
    variance = off.square().mean(0)
    moments = [off.pow(power).mean(0) / variance.clamp(min=1e-12) ** (power / 2) for power in (3, 4)]
    return torch.stack([distance.amin(0), distance.amax(0), variance, *moments], -1)


def refined(embed: Callable, theta: Params, support: Examples, **settings) -> Float[Tensor, "way dim"]:
    """Prototypes of a support set whose unlabeled pictures have a label below 0 (`data.unlabeled`)."""
    z, loose = refuse.maps(embed(theta, support.x), support.x), support.y < 0    # [way, shot + more, dim]
    if not loose.any():
        raise ValueError("no picture of the support set is unlabeled (y = −1); draw episodes with "
                         "data.unlabeled.sample_episodes, or use protonet")
    mask = ~loose if support.mask is None else support.mask & ~loose
    refuse.missing_class(support._replace(mask=mask))
    return soft_k_means(z, z[loose], mask, **settings)


def loss(embed: Callable, theta: Params, episode: Episode, **settings) -> Float[Tensor, ""]:
    """Negative log-likelihood of the queries, by refined prototypes; `settings` as in `soft_k_means`."""
    z = embed(theta, episode.query.x).flatten(0, 1)
    log_p = protonet.log_probs(z, refined(embed, theta, episode.support, **settings))
    return F.nll_loss(log_p, episode.query.y.flatten())


def meta_loss(embed: Callable, theta: Params, episodes: Episode, **settings) -> Float[Tensor, ""]:
    """Mean of `loss` over the tasks of a meta-batch."""
    return torch.stack([loss(embed, theta, episode, **settings) for episode in tasks(episodes)]).mean()


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."],
            **settings) -> Float[Tensor, "query way"]:
    """log p(y = k | x) of every query under the refined prototypes. The queries place no prototype."""
    return protonet.log_probs(embed(theta, x_query), refined(embed, theta, support, **settings))


def _check_radius(radius: Float[Tensor, ""]) -> None:
    if not torch.all(radius > 0):
        raise ValueError(f"radius={float(radius)}; wanted a number > 0; 1 is as wide as a class")
