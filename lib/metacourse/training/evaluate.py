"""Accuracy on new classes, with its 95 % interval over episodes."""
import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from metacourse.episode import Episode, Examples, tasks

Predict = Callable[[Examples, Tensor], Tensor]  # predict(support, x_query [query, ...]) -> scores [query, way]
ENOUGH = 600                                    # episodes, as in most papers


class ChanceWarning(UserWarning):
    """The interval contains chance: nothing shows that anything was learned."""


@dataclass(frozen=True, repr=False)
class Evaluation:
    """Accuracy, the half-width of its 95 % interval, and chance are fractions; `per_episode` is on the CPU."""

    accuracy: float
    interval: float
    per_episode: Float[Tensor, " episodes"]
    chance: float
    policy: str                                 # "inductive", "transductive", or "undetermined", as measured
    fingerprint: str                            # equal for equal episodes

    def __float__(self) -> float:
        return self.accuracy

    def __repr__(self) -> str:
        n = len(self.per_episode)
        few = "" if n >= ENOUGH else f", fewer than the usual {ENOUGH}"
        return (f"{100 * self.accuracy:.1f} ± {100 * self.interval:.1f} %  "
                f"({n} episodes{few}, chance {100 * self.chance:.0f} %, {self.policy})")


@dataclass(frozen=True)
class Difference:
    """Mean of the differences, episode by episode, and the half-width of its 95 % interval."""

    mean: float
    interval: float

    def __repr__(self) -> str:
        clear = "clear of zero" if abs(self.mean) > self.interval else "may be zero"
        return f"{100 * self.mean:+.1f} ± {100 * self.interval:.1f} points, {clear}"


def evaluate(predict: Predict, episodes: Episode | Iterable[Episode]) -> Evaluation:
    """Mean accuracy of `predict(support, x_query)` over episodes, as fractions; see `Evaluation`.

    `episodes` is a meta-batch or an iterable of meta-batches. `predict` gets one task at a time and never sees a
    query's label. Whether queries influence one another is measured on the first episode: "inductive" if their
    scores do not change when they come one by one, else "transductive".

    Warns with `ChanceWarning`. Raises ValueError for fewer than two episodes and scores of a wrong shape.
    """
    correct, ways, seen, policy = [], [], [], None
    for batch in [episodes] if isinstance(episodes, Episode) else episodes:
        seen.append((batch.query.x.flatten(1)[:, ::257], batch.query.y.flatten(1)))
        for support, query in tasks(batch):
            x, y = query.x.flatten(0, 1), query.y.flatten()
            scores = predict(support, x)
            _check_scores(scores, len(y), len(support.y))
            policy = policy or _policy(predict, support, x, scores)
            right = (scores.argmax(-1) == y).float()
            correct.append(right.mean() if query.mask is None else right[query.mask.flatten()].mean())
            ways.append(len(support.y))
    per_episode = torch.stack(correct).detach().cpu() if correct else torch.zeros(0)
    accuracy, interval = _mean_and_interval(per_episode)
    chance = sum(1 / way for way in ways) / len(ways)
    if abs(accuracy - chance) <= interval:
        warnings.warn(f"accuracy {100 * accuracy:.1f} ± {100 * interval:.1f} % cannot be told from chance "
                      f"({100 * chance:.0f} %): check that predict uses the trained parameters and the support labels",
                      ChanceWarning, stacklevel=2)
    return Evaluation(accuracy, interval, per_episode, chance, policy, _fingerprint(seen))


def paired_difference(a: Evaluation, b: Evaluation) -> Difference:
    """How much better `a` is than `b` on the same episodes: what an episode is hard for both cancels.

    Raises ValueError if the two did not see the same episodes in the same order.
    """
    if a.fingerprint != b.fingerprint:
        raise ValueError(f"the two evaluations saw different episodes ({len(a.per_episode)} and "
                         f"{len(b.per_episode)}). Evaluate both on the same test_episodes(..., seed=...).")
    return Difference(*_mean_and_interval(a.per_episode - b.per_episode))


def _mean_and_interval(values: Float[Tensor, " episodes"]) -> tuple[float, float]:
    """Mean and 1.96 σ/√n, the half-width of the 95 % interval of the mean."""
    if len(values) < 2:
        raise ValueError(f"{len(values)} episodes; an interval needs at least 2, a result worth reporting {ENOUGH}")
    return values.mean().item(), 1.96 * values.std(correction=1).item() / len(values) ** 0.5


def _policy(predict: Predict, support: Examples, x: Float[Tensor, "query ..."],
            together: Float[Tensor, "query way"]) -> str:
    """Does a query's score depend on the other queries? Asked for one query of each class."""
    some = range(0, len(x), max(1, len(x) // together.shape[1]))
    alone = torch.cat([predict(support, x[i:i + 1]) for i in some])
    if _close(alone, together[list(some)]):
        return "inductive"
    return "transductive" if _close(predict(support, x), together) else "undetermined"


def _close(a: Float[Tensor, "query way"], b: Float[Tensor, "query way"]) -> bool:
    """Equal up to the rounding of another batch size, 1 % of the scores' spread."""
    return bool((a - b).abs().max() <= 0.01 * (b.max() - b.min()) + 1e-6)


def _check_scores(scores: Tensor, queries: int, way: int) -> None:
    if scores.shape != (queries, way):
        raise ValueError(f"predict returned shape {list(scores.shape)} for {queries} queries of a {way}-way task; "
                         f"wanted [{queries}, {way}], one score per class")


def _fingerprint(seen: list[tuple[Tensor, Tensor]]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for sample, labels in seen:
        for row in zip(sample.cpu(), labels.cpu()):
            for part in row:
                digest.update(part.contiguous().numpy().tobytes())
    return digest.hexdigest()
