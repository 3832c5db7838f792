"""dMMSE: the Bayes-optimal answer where the task is known to be one of M (Raventós et al., 2023, Equation 3).

The M weight vectors vote, each as loudly as it explains the support set. On tasks of the pool nothing can be
better; on a new task it still answers with a mixture of the old ones, which is what memorizing means.
**Differs from the paper:** nothing.
"""
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples


def posterior(support: Examples, *, pool: Float[Tensor, "pool dim"],
              noise: float) -> Float[Tensor, "*tasks pool"]:
    """p(w⁽ᵐ⁾ | 𝒮) for every vector of the pool, by their Gaussian likelihoods. `noise` is σ > 0."""
    if not noise > 0:
        raise ValueError(f"noise={noise}; wanted σ > 0: without noise one example could rule everything out")
    residual = support.y - support.x @ pool.T                               # y − w⁽ᵐ⁾·x    [shot, pool]
    return (-residual.square().sum(-2) / (2 * noise**2)).softmax(-1)        # log-likelihoods, normalized


def fit(support: Examples, *, pool: Float[Tensor, "pool dim"], noise: float) -> Float[Tensor, "*tasks dim"]:
    """Posterior mean of w: the pool's vectors, weighted by `posterior`. Without examples, their mean."""
    return posterior(support, pool=pool, noise=noise) @ pool                # Σₘ p(w⁽ᵐ⁾ | 𝒮) w⁽ᵐ⁾


def predict(support: Examples, x_query: Float[Tensor, "*tasks query dim"], *,
            pool: Float[Tensor, "pool dim"], noise: float) -> Float[Tensor, "*tasks query 1"]:
    """ŷ = ŵ·x for every query."""
    return x_query @ fit(support, pool=pool, noise=noise)[..., None]
