"""Siamese networks: two pictures through one embedding, so that distance tells whether they are the same.

Pairs of one class are pulled together, pairs of two classes pushed apart until a margin lies between them:
contrastive loss (Hadsell et al., 2006), or the same for triplets (Schroff et al., 2015), with the hardest
picked out (Hermans et al., 2017). Koch et al. (2015) brought such networks to few-shot learning.

Differs from the papers:
- pairs come from the episodes that all methods train on, support and query together; with `mining="all"`
  same and different pairs weigh one half each, since there are many more different ones;
- distances are plain Euclidean in the triplet loss, too, as in Hermans et al.; Schroff et al. square them. So
  a margin has the unit of a distance everywhere;
- Koch et al. train a weighted L1 distance with a sigmoid behind it by cross-entropy; here there are no
  parameters behind the embedding;
- triplets that cost nothing count in the mean; hard pairs are those of the hard triplets.
"""
from collections.abc import Callable
from functools import partial

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from metacourse.episode import Episode, Examples, Params
from metacourse.methods import over_tasks, refuse


def contrastive(z_a: Float[Tensor, "pair dim"], z_b: Float[Tensor, "pair dim"],
                same: Bool[Tensor, " pair"], *, margin: float) -> Float[Tensor, ""]:
    """Mean over pairs of ½ d² where they are the same, ½ max(0, m − d)² where not (Hadsell et al.)."""
    d = (z_a - z_b).norm(dim=-1)
    pull, push = d.square(), (_wide(margin) - d).relu().square()
    return 0.5 * torch.where(same, pull, push).mean()


def triplet(anchor: Float[Tensor, "triplet dim"], positive: Float[Tensor, "triplet dim"],
            negative: Float[Tensor, "triplet dim"], *, margin: float) -> Float[Tensor, ""]:
    """Mean of max(0, m + d(a, p) − d(a, n)): like nearer than unlike, by a margin (Hermans et al.)."""
    near, far = (anchor - positive).norm(dim=-1), (anchor - negative).norm(dim=-1)
    return (_wide(margin) + near - far).relu().mean()


@torch.no_grad()
def hardest(z: Float[Tensor, "picture dim"], y: Int[Tensor, " picture"]
            ) -> tuple[Int[Tensor, " picture"], Int[Tensor, " picture"]]:
    """(positive, negative) of each row: farthest of its class, nearest of another: "batch hard"."""
    same, itself = y[:, None] == y, torch.eye(len(y), dtype=torch.bool, device=y.device)
    _pairs_of_both_kinds(same)
    d = (z[:, None] - z).norm(dim=-1)
    return (d.masked_fill(~same | itself, -torch.inf).argmax(dim=1),
            d.masked_fill(same, torch.inf).argmin(dim=1))


def loss(embed: Callable, theta: Params, episode: Episode, *, margin: float, kind: str = "contrastive",
         mining: str = "all") -> Float[Tensor, ""]:
    """The loss of one task's pairs or triplets. `embed(θ, x)` maps [..., C, H, W] to [..., dim].

    All pictures of the episode take part, support and query alike. `kind` is "contrastive" or "triplet".
    `mining="all"` takes every pair, or triplet; "hard" takes for each picture the hardest of each kind.
    """
    if (kind, mining) not in LOSSES:
        raise ValueError(f"kind={kind!r}, mining={mining!r}; wanted 'contrastive' or 'triplet', and 'all' or "
                         "'hard'")
    refuse.unequal_shots(episode.support, "padding would be paired like a picture")
    x = torch.cat([episode.support.x, episode.query.x], dim=1)               # [way, shot + queries, ...]
    if min(x.shape[:2]) < 2:
        raise _lack_of_pairs(x.shape[:2].numel())
    z = refuse.maps(embed(theta, x), x)
    y = torch.arange(len(x), device=x.device)[:, None].expand(x.shape[:2])   # a row is a class
    return LOSSES[kind, mining](z.flatten(0, 1), y, margin=margin)


def meta_loss(embed: Callable, theta: Params, episodes: Episode, *, margin: float, kind: str = "contrastive",
              mining: str = "all") -> Float[Tensor, ""]:
    """Mean of `loss` over the tasks of a meta-batch."""
    each = partial(loss, embed, margin=margin, kind=kind, mining=mining)
    return over_tasks.mean_loss(each, theta, episodes, over="auto")


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples,
            x_query: Float[Tensor, "query ..."]) -> Float[Tensor, "query way"]:
    """Scores of the queries: minus the distance to the nearest support picture of each class."""
    support = refuse.missing_class(support)
    z_support = refuse.maps(embed(theta, support.x), support.x)
    z_query = refuse.maps(embed(theta, x_query), x_query, leading=1)
    d = (z_query[:, None, None] - z_support).norm(dim=-1)                    # [query, way, shot]
    if support.mask is not None:
        d = d.masked_fill(~support.mask, torch.inf)
    return -d.amin(dim=-1)


def _all_pairs(z: Float[Tensor, "picture dim"], y: Int[Tensor, "way each"], *, margin: float) -> Tensor:
    (way, each), y = y.shape, y.flatten()
    same = y[:, None] == y
    _pairs_of_both_kinds(same)
    a, b = torch.triu_indices(len(y), len(y), offset=1, device=y.device)     # each pair once
    order = same[a, b].int().argsort(descending=True, stable=True)           # `nonzero` makes a GPU wait
    like, unlike = order.tensor_split([way * each * (each - 1) // 2])
    return 0.5 * sum(contrastive(z[a[part]], z[b[part]], same[a, b][part], margin=margin)
                     for part in (like, unlike))


def _hard_pairs(z: Float[Tensor, "picture dim"], y: Int[Tensor, "way each"], *, margin: float) -> Tensor:
    positive, negative = hardest(z, y.flatten())
    same = torch.ones(len(z), dtype=torch.bool, device=z.device)
    return contrastive(torch.cat([z, z]), torch.cat([z[positive], z[negative]]), torch.cat([same, ~same]),
                       margin=margin)


def _all_triplets(z: Float[Tensor, "picture dim"], y: Int[Tensor, "way each"], *, margin: float) -> Tensor:
    """`triplet` of every (anchor, positive, negative), from a table of distances instead of a list."""
    y = y.flatten()
    same, itself = y[:, None] == y, torch.eye(len(y), dtype=torch.bool, device=y.device)
    _pairs_of_both_kinds(same)
    d = (z[:, None] - z).norm(dim=-1)
    hinge = (_wide(margin) + d[:, :, None] - d[:, None, :]).relu()           # [anchor, positive, negative]
    wanted = (same & ~itself)[:, :, None] & ~same[:, None, :]
    return (hinge * wanted).sum() / wanted.sum()


def _hard_triplets(z: Float[Tensor, "picture dim"], y: Int[Tensor, "way each"], *, margin: float) -> Tensor:
    positive, negative = hardest(z, y.flatten())
    return triplet(z, z[positive], z[negative], margin=margin)


LOSSES = {("contrastive", "all"): _all_pairs, ("contrastive", "hard"): _hard_pairs,
          ("triplet", "all"): _all_triplets, ("triplet", "hard"): _hard_triplets}


def _wide(margin: float) -> float:
    if not margin > 0:
        raise ValueError(f"margin={margin}; wanted a distance > 0: without one, all pictures in one point "
                         "would be perfect")
    return margin


def _pairs_of_both_kinds(same: Bool[Tensor, "picture picture"]) -> None:
    if same.device.type == "cpu" and (same.all() or not (same.sum(dim=1) > 1).all()):     # a GPU would wait
        raise _lack_of_pairs(len(same))


def _lack_of_pairs(pictures: int) -> ValueError:
    return ValueError(f"the {pictures} pictures lack pairs; wanted 2 or more classes, with 2 or more "
                      "pictures of each: every picture needs one like it and one unlike it")
