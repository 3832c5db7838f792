"""Fair few-shot learning: the loss of a task also counts how differently it treats two groups.

Slack, Friedler and Givental (2020), "Fairness warnings and Fair-MAML": the penalty stands in the inner and in
the outer loss, so that θ becomes a start from which few examples lead to a fair φ.

Differs from the paper:
- the penalty is the squared gap between the groups, where the paper rewards the positive rate of one group.
"""
from collections.abc import Callable

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Examples, Loss, Params

Gap = Callable[[Tensor, Tensor, Tensor], Tensor]                    # of p, y and s, each [person]


def parity_gap(p: Float[Tensor, "*tasks person"], y: Float[Tensor, "*tasks person"],
               s: Float[Tensor, "*tasks person"]) -> Float[Tensor, "*tasks"]:
    """p(ŷ = 1 | s = 1) − p(ŷ = 1 | s = 0): 0 is *demographic parity*. The labels y do not matter.

    `p` is the probability of a yes, or the decision itself; a group without members counts as rate 0.
    """
    return _rate(p, s) - _rate(p, 1 - s)


def opportunity_gap(p: Float[Tensor, "*tasks person"], y: Float[Tensor, "*tasks person"],
                    s: Float[Tensor, "*tasks person"]) -> Float[Tensor, "*tasks"]:
    """The same among those with y = 1 only: 0 is *equal opportunity* (Hardt et al., 2016)."""
    return _rate(p, y * s) - _rate(p, y * (1 - s))


def loss(apply: Callable, *, gamma: float, gap: Gap = parity_gap) -> Loss:
    """ℒ + γ · gap² for `apply(theta, x)`, logits [person, 1], and targets y [person, 2]: label and group.

    The network never sees the group; the loss does. Raises ValueError for γ < 0.
    """
    if gamma < 0:
        raise ValueError(f"gamma={gamma}; wanted γ ≥ 0: below it unfairness would be rewarded")

    def fair_loss(theta: Params, examples: Examples) -> Float[Tensor, ""]:
        y, s = examples.y.unbind(-1)
        logits = apply(theta, examples.x).squeeze(-1)
        task_loss = F.binary_cross_entropy_with_logits(logits, y)           # ℒ(θ; examples)
        return task_loss + gamma * gap(logits.sigmoid(), y, s).square()     # + γ gap²
    return fair_loss


def _rate(p: Float[Tensor, "*tasks person"], member: Float[Tensor, "*tasks person"]
          ) -> Float[Tensor, "*tasks"]:
    return (p * member).sum(-1) / member.sum(-1).clamp(min=1)
