"""Ridge regression: the Bayes-optimal answer where tasks are w ~ N(0, I) and noise is N(0, σ²).

Hoerl and Kennard (1970); as the optimum of in-context learning, Raventós et al. (2023, Section 2). The prior
pulls w toward 0, the examples pull it toward themselves, and λ = σ² is how much the prior is worth.
**Differs from the papers:** nothing.
"""
import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples


def fit(support: Examples, *, noise: float) -> Float[Tensor, "*tasks dim"]:
    """Posterior mean of w given one support set, (XᵀX + σ²I)⁻¹Xᵀy; leading `tasks` axes are welcome.

    x is `[shot, dim]`, y `[shot, 1]`, `noise` is σ. Without examples it is the prior's mean, 0.
    Raises ValueError for σ ≤ 0 (with fewer examples than dimensions w would not be determined).
    """
    if not noise > 0:
        raise ValueError(f"noise={noise}; wanted σ > 0: for data without noise, take a small one like 1e-3")
    X, y = support.x, support.y
    gram = X.mT @ X + noise**2 * torch.eye(X.shape[-1]).to(X)               # XᵀX + σ²I
    return torch.linalg.solve(gram, X.mT @ y).squeeze(-1)


def predict(support: Examples, x_query: Float[Tensor, "*tasks query dim"], *,
            noise: float) -> Float[Tensor, "*tasks query 1"]:
    """ŷ = ŵ·x for every query."""
    return x_query @ fit(support, noise=noise)[..., None]
