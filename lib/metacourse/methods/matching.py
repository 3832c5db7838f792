"""Matching networks: a query attends to every support picture and collects labels (Vinyals et al., 2016).

Where a prototype averages a class before comparing, attention compares first and adds up afterwards.

Differs from the paper:
- `temperature` divides the cosines; 1 is the paper's. A cosine lies in [−1, 1], so that with τ = 1 no picture
  can weigh more than e² ≈ 7.4 times as much as another one, however different they look;
- with full context embeddings, what `models.full_context` lists. The order of the support set matters then,
  and its classes come in the order of their rows;
- the loss is the mean over an episode's queries.
"""
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Params
from metacourse.methods import over_tasks, refuse


def attention(z_query: Float[Tensor, "query dim"], z_support: Float[Tensor, "way shot dim"],
              mask: Bool[Tensor, "way shot"] | None = None, *,
              temperature: float = 1.0) -> Float[Tensor, "query way shot"]:
    """a(x, xᵢ): a softmax of cosines over the whole support set, all classes together (Section 2.1.1).

    The weights of a query sum to one over (way, shot). Where `mask` is given, padding gets none.
    """
    return _log_attention(z_query, z_support, mask, temperature).exp()


def log_probs(z_query: Float[Tensor, "query dim"], z_support: Float[Tensor, "way shot dim"],
              mask: Bool[Tensor, "way shot"] | None = None, *,
              temperature: float = 1.0) -> Float[Tensor, "query way"]:
    """log p(y = k | x) = log Σᵢ a(x, xᵢ) [yᵢ = k]: the attention that each class receives (Equation 1)."""
    return _log_attention(z_query, z_support, mask, temperature).logsumexp(dim=-1)


def loss(embed: Callable, theta: Params, episode: Episode, *, context: Callable | None = None,
         temperature: float = 1.0) -> Float[Tensor, ""]:
    """Negative log-likelihood of one task's queries. `embed(θ, x)` maps [..., C, H, W] to [..., dim].

    `context(θ, z_support, z_query)` re-reads the embeddings in the light of the whole support set and returns
    (g, f): full context embeddings. Build both networks, which share one θ, by

        embed, context, theta = together(StridedConv4(32), context=FullContext(128))
    """
    x, y = episode.query.x.flatten(0, 1), episode.query.y.flatten()
    f, g = _embedded(embed, theta, episode.support, x, context)
    return F.nll_loss(log_probs(f, g, episode.support.mask, temperature=temperature), y)


def meta_loss(embed: Callable, theta: Params, episodes: Episode, *, context: Callable | None = None,
              temperature: float = 1.0) -> Float[Tensor, ""]:
    """Mean of `loss` over the tasks of a meta-batch."""
    each = partial(loss, embed, context=context, temperature=temperature)
    return over_tasks.mean_loss(each, theta, episodes, over="auto")


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            context: Callable | None = None, temperature: float = 1.0) -> Float[Tensor, "query way"]:
    """log p(y = k | x) of every query; column k is the class of row k of the support set."""
    f, g = _embedded(embed, theta, support, x_query, context)
    return log_probs(f, g, support.mask, temperature=temperature)


def _log_attention(z_query: Float[Tensor, "query dim"], z_support: Float[Tensor, "way shot dim"],
                   mask: Bool[Tensor, "way shot"] | None, temperature: float
                   ) -> Float[Tensor, "query way shot"]:
    f, g = F.normalize(z_query, dim=-1), F.normalize(z_support, dim=-1)
    cosine = torch.einsum("qd,wsd->qws", f, g)                               # c(f(x), g(xᵢ))
    if mask is not None:
        cosine = cosine.masked_fill(~mask, -torch.inf)
    logits = (cosine / refuse.cold(temperature)).flatten(1)                  # over all of them, not per class
    return logits.log_softmax(dim=-1).view_as(cosine)


def _embedded(embed: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."],
              context: Callable | None) -> tuple[Tensor, Tensor]:
    """f(x) [query, dim] of the queries and g(xᵢ) [way, shot, dim] of the support set."""
    support = refuse.missing_class(support)
    z_support = refuse.maps(embed(theta, support.x), support.x)
    z_query = refuse.maps(embed(theta, x_query), x_query, leading=1)
    if context is None:
        return z_query, z_support
    refuse.unequal_shots(support, "the LSTM would read the padding, too")
    g, f = context(theta, z_support, z_query)
    return f, g
