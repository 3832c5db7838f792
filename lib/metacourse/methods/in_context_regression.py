"""A tiny transformer that reads pairs (x, y) and answers the next x.

Garg et al. (2022), Raventós et al. (2023). Nothing is adapted: the support set is the first part of a
sentence, and the answer is how it goes on. Which algorithm runs inside is for training to find.

Differs from the papers:
- the pair before and the new x share one token, where the papers give x and y a token each: half as long;
- no position embedding (examples have no order, and the causal mask alone tells the first from the last);
- 3 blocks, 32 features and ReLU, where the papers take 8 to 12 blocks, 128 or 256 features and GELU.
"""
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from metacourse.episode import Episode, Examples, Params


class InContextRegression(nn.Module):
    """Predicts every y of a sequence from the pairs before it and its own x: all numbers of shots at once."""

    def __init__(self, dim: int, *, features: int = 32, blocks: int = 3, heads: int = 2):
        super().__init__()
        if features % heads:
            raise ValueError(f"features={features} cannot be shared among heads={heads}; wanted a multiple")
        self.read = nn.Linear(2 * dim + 1, features)
        self.blocks = nn.ModuleList(Block(features, heads) for _ in range(blocks))
        self.answer = nn.Sequential(nn.LayerNorm(features), nn.Linear(features, 1))

    def forward(self, x: Float[Tensor, "*tasks length dim"],
                y: Float[Tensor, "*tasks length 1"]) -> Float[Tensor, "*tasks length 1"]:
        before = _one_later(torch.cat([x, y], -1))                          # token k: (xₖ₋₁, yₖ₋₁), and xₖ
        h = self.read(torch.cat([before, x], -1))
        for block in self.blocks:
            h = block(h)
        return self.answer(h)


class Block(nn.Module):
    """Attention to the tokens so far, then a small network on each token, both added to what was there."""

    def __init__(self, features: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm, self.attend = nn.LayerNorm(features), nn.Linear(features, 3 * features)
        self.mix = nn.Linear(features, features)
        self.think = nn.Sequential(nn.LayerNorm(features), nn.Linear(features, 4 * features), nn.ReLU(),
                                   nn.Linear(4 * features, features))

    def forward(self, h: Float[Tensor, "*tasks length features"]) -> Float[Tensor, "*tasks length features"]:
        each = self.attend(self.norm(h)).unflatten(-1, (3, self.heads, -1))  # [length, 3, heads, size]
        q, k, v = each.movedim(-4, -2).unbind(-4)                            # each [heads, length, size]
        later = torch.ones(2 * h.shape[-2:-1], dtype=torch.bool, device=h.device).triu(1)
        scores = (q @ k.mT / k.shape[-1] ** 0.5).masked_fill(later, -torch.inf)
        h = h + self.mix((scores.softmax(-1) @ v).transpose(-3, -2).flatten(-2))
        return h + self.think(h)


def meta_loss(apply: Callable, theta: Params, episodes: Episode) -> Float[Tensor, ""]:
    """Mean squared error of every prediction along the sequence (support, query), one sequence per task.

    Training on every position at once is the papers' way: position k is a task with k shots.
    """
    x = torch.cat([episodes.support.x, episodes.query.x], -2)
    y = torch.cat([episodes.support.y, episodes.query.y], -2)
    return (apply(theta, x, y) - y).square().mean()


@torch.no_grad()
def predict(apply: Callable, theta: Params, support: Examples,
            x_query: Float[Tensor, "query dim"]) -> Float[Tensor, "query 1"]:
    """Each query asked alone, after the whole support set; its own y is not known and not read."""
    n = len(x_query)
    x = torch.cat([support.x.expand(n, -1, -1), x_query[:, None]], 1)       # [query, shot + 1, dim]
    y = F.pad(support.y, (0, 0, 0, 1)).expand(n, -1, -1)
    return apply(theta, x, y)[:, -1]


def _one_later(sequence: Float[Tensor, "*tasks length size"]) -> Float[Tensor, "*tasks length size"]:
    return F.pad(sequence, (0, 0, 1, 0))[..., :-1, :]                       # nothing stands before the first
