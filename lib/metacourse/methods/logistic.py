"""Logistic regression on frozen features, by scikit-learn: what anybody would try first (Tian et al., 2020).

Differs from the paper: nothing that we know of; Tian et al. normalize features too, and take scikit-learn's
`LogisticRegression` with C = 1.
"""
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from metacourse.episode import Examples, Params
from metacourse.methods.frozen import features


@torch.no_grad()
def predict(embed: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            c: float = 1.0, normalize: bool = True) -> Float[Tensor, "query way"]:
    """log p(y = k | x) by the minimum of ½‖W‖² + c Σ cross-entropy over the support set.

    A small `c` keeps W small. `normalize` gives every feature vector length 1 before, so that `c` means the
    same for all embeddings. Computed on the CPU, in double precision. Raises ValueError for `c` ≤ 0.
    """
    if not c > 0:
        raise ValueError(f"c={c}; wanted a number > 0: it weighs the examples, as C in scikit-learn")
    z, y, z_query = features(embed, theta, support, x_query)
    if normalize:
        z, z_query = F.normalize(z, dim=-1), F.normalize(z_query, dim=-1)
    model = LogisticRegression(C=c, max_iter=1000).fit(z.double().cpu().numpy(), y.cpu().numpy())
    return torch.from_numpy(model.predict_log_proba(z_query.double().cpu().numpy())).to(z_query)
