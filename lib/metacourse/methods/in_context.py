"""In-context learning: a network reads the labeled pictures and answers; how to use them it must find out.

Every picture is a token: what it looks like, beside its label ("unknown" for a query). No distance and no
gradient step is written down; the rule that turns examples into answers is itself learned. Relatives: SNAIL
(Mishra et al., 2018), in-context learners (Kirsch et al., 2022), TabPFN (Hollmann et al., 2023).

Differs from the papers:
- tokens have no order, and queries look at the support set only, as in TabPFN: shuffling the support set, or
  asking more queries at once, changes nothing (inductive). SNAIL and Kirsch et al. read one sequence;
- what all support pictures have in common is subtracted, and queries and keys share one projection, so that
  attention is similarity from the start. Training is shorter for it.
"""
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from metacourse.episode import Episode, Examples, Params


class InContext(nn.Module):
    """Support pictures, their labels and query pictures in; scores of the queries out.

    `embed` is a module with an attribute `dim`, such as Conv4(): [n, C, H, W] -> [n, embed.dim]. Labels are
    below `way`, and in training each must meet every class: `sample_episodes` numbers classes at random.
    All inputs may have a `tasks` axis in front.
    """

    def __init__(self, embed: nn.Module, *, way: int = 5, dim: int = 64, layers: int = 2, heads: int = 4):
        super().__init__()
        if dim % (2 * heads):
            raise ValueError(f"dim={dim} does not suit heads={heads}; take a multiple of {2 * heads}")
        self.embed, self.picture = embed, nn.Linear(embed.dim, dim // 2)
        self.label = nn.Embedding(way + 1, dim // 2)                         # the last one: unknown
        self.blocks = nn.ModuleList(Block(dim, heads) for _ in range(layers))
        self.answer = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, way))

    def forward(self, x: Float[Tensor, "*tasks support channels height width"],
                y: Int[Tensor, "*tasks support"],
                x_query: Float[Tensor, "*tasks query channels height width"],
                ) -> Float[Tensor, "*tasks query way"]:
        n_support = y.shape[-1]
        z = self._embed(torch.cat([x, x_query], dim=-4))
        z = z - z[..., :n_support, :].mean(dim=-2, keepdim=True)          # what sets this one apart
        unknown = y.new_full(x_query.shape[:-3], self.label.num_embeddings - 1)
        label = self.label(torch.cat([y, unknown], dim=-1))
        tokens = torch.cat([F.layer_norm(z, z.shape[-1:]), label], dim=-1)   # [*tasks, support + query, dim]
        for block in self.blocks:
            tokens = block(tokens, n_support)
        return self.answer(tokens[..., n_support:, :])

    def _embed(self, x: Float[Tensor, "*tokens channels height width"]) -> Float[Tensor, "*tokens half"]:
        return self.picture(self.embed(x.flatten(0, -4))).unflatten(0, x.shape[:-3])


class Block(nn.Module):
    """Every token looks at the support tokens, then thinks by itself (Vaswani et al., 2017)."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.look, self.think = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.key, self.value, self.out = (nn.Linear(dim, dim, bias=False) for _ in range(3))
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, tokens: Float[Tensor, "*tasks token dim"],
                n_support: int) -> Float[Tensor, "*tasks token dim"]:
        h = self.look(tokens)
        key, value = self._heads(self.key(h)), self._heads(self.value(h))
        seen = F.scaled_dot_product_attention(key, key[..., :n_support, :], value[..., :n_support, :])
        tokens = tokens + self.out(seen.transpose(-3, -2).flatten(-2))       # softmax(q kᵀ / √part) v
        return tokens + self.mlp(self.think(tokens))

    def _heads(self, h: Float[Tensor, "*tasks token dim"]) -> Float[Tensor, "*tasks heads token part"]:
        return h.unflatten(-1, (self.heads, -1)).transpose(-3, -2)


def loss(apply: Callable, theta: Params, episode: Episode) -> Float[Tensor, ""]:
    """Cross-entropy of the answers to one task's queries. `apply` is an InContext made functional."""
    scores = apply(theta, *_read(episode.support), episode.query.x.flatten(0, 1))
    return F.cross_entropy(scores, episode.query.y.flatten())


def meta_loss(apply: Callable, theta: Params, episodes: Episode) -> Float[Tensor, ""]:
    """Mean of `loss` over the tasks of a meta-batch; they are read side by side, so shots are equal."""
    (x, y, mask), (x_query, y_query, _) = episodes
    if mask is not None:
        raise ValueError("tasks with a mask differ in their number of tokens; take the mean of `loss`")
    scores = apply(theta, x.flatten(1, 2), y.flatten(1, 2), x_query.flatten(1, 2))
    return F.cross_entropy(scores.flatten(0, 1), y_query.flatten())


@torch.no_grad()
def predict(apply: Callable, theta: Params, support: Examples,
            x_query: Float[Tensor, "query ..."]) -> Float[Tensor, "query way"]:
    """Scores of the queries: one forward pass, in which nothing is adapted but activations."""
    return apply(theta, *_read(support), x_query)


def _read(support: Examples) -> tuple[Tensor, Tensor]:
    """The support set as a list of pictures and a list of labels, without padding."""
    x, y = support.x.flatten(0, 1), support.y.flatten()
    return (x, y) if support.mask is None else (x[support.mask.flatten()], y[support.mask.flatten()])
