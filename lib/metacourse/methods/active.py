"""Active learning: with many unlabeled pictures and few labels to give away, which picture to label next?

A classifier that knows how unsure it is can ask (uncertainty sampling: Lewis and Gale, 1994; kinds of
uncertainty: Settles, 2009, Section 3.1). Here it is nearest prototypes on a frozen embedding, refitted after
each answer; the rival draws pictures at random.

Differs from the papers: one picture at a time, and prototypes in place of a trained classifier.
"""
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from metacourse.methods import protonet

KINDS = ("entropy", "margin", "least sure")


def uncertainty(log_p: Float[Tensor, "pool way"], kind: str = "entropy") -> Float[Tensor, " pool"]:
    """How unsure each row of log-probabilities is; larger is less sure.

    "entropy": −Σ p log p. "margin": the two best classes are close, p₂ − p₁. "least sure": −p₁.
    """
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r}; wanted one of {', '.join(map(repr, KINDS))}")
    p = log_p.exp()
    if kind == "entropy":
        return -(p * log_p.clamp(min=-1e4)).sum(-1)                          # 0 · (−∞) counts as 0
    first, second = p.topk(2, dim=-1).values.unbind(-1)
    return second - first if kind == "margin" else -first


def prototypes(z: Float[Tensor, "pool dim"], y: Int[Tensor, " pool"], known: Bool[Tensor, " pool"], *,
               way: int) -> Float[Tensor, "way dim"]:
    """The mean of each class over the pictures whose label is known; a label of −1 is no class of these."""
    weight = F.one_hot(y.clamp(min=0), way) * (known & (y >= 0))[:, None]    # [pool, way]
    return weight.T.to(z) @ z / weight.sum(0)[:, None]


def label(z: Float[Tensor, "pool dim"], y: Int[Tensor, " pool"], known: Bool[Tensor, " pool"], *, way: int,
          budget: int, kind: str = "entropy",
          luck: Float[Tensor, " pool"] | None = None) -> Bool[Tensor, "labels pool"]:
    """Which labels are known at first, after one answer, … after `budget` answers.

    The label of a picture is looked up in `y` when it is asked for and not before; −1 is the answer "none of
    these", and a question was spent on it. Where `luck` is given, a random number for each picture, the
    luckiest is asked for, and not the one with the most uncertainty. Each class needs a known picture at
    first. The function may run under `vmap`, for many tasks at once.
    """
    if not 0 <= budget <= len(y):
        raise ValueError(f"budget={budget} for a pool of {len(y)} pictures; wanted 0 to as many")
    history = [known]
    for _ in range(budget):
        c = prototypes(z, y, known, way=way)
        score = uncertainty(protonet.log_probs(z, c), kind) if luck is None else luck
        ask = score.masked_fill(known, -torch.inf).argmax()
        known = known | (torch.arange(len(y), device=z.device) == ask)
        history.append(known)
    return torch.stack(history)
