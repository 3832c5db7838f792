"""Accuracy on new classes, with its 95 % interval over episodes."""
import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from statistics import fmean

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples, tasks
from metacourse.training import parallel

Predict = Callable[[Examples, Tensor], Tensor]  # predict(support, x_query [query, ...]) -> [query, way]
ENOUGH = 600                                    # episodes, as in most papers


class ChanceWarning(UserWarning):
    """The interval contains chance: nothing shows that anything was learned."""


@dataclass(frozen=True, repr=False, eq=False)
class Evaluation:
    """What `evaluate` found. All accuracies are fractions; `float()` of it is the accuracy."""

    accuracy: float
    interval: float                             # half the width of the 95 % interval
    per_episode: Float[Tensor, " episodes"]     # on the CPU
    chance: float
    policy: str                                 # as measured: "inductive", "transductive" or "undetermined"
    fingerprint: str                            # the same for the same episodes

    def __float__(self) -> float:
        return self.accuracy

    def __repr__(self) -> str:
        n = len(self.per_episode)
        episodes = f"{n} episodes" if n >= ENOUGH else f"only {n} episodes, {ENOUGH} are usual"
        score = _percent(self.accuracy, self.interval)
        return f"{score}  ({episodes}, chance {100 * self.chance:.0f} %, {self.policy})"


@dataclass(frozen=True, repr=False)
class Difference:
    """Mean of the differences between two methods, episode by episode, as fractions."""

    mean: float
    interval: float                             # half the width of the 95 % interval

    def __repr__(self) -> str:
        clear = "" if abs(self.mean) > self.interval else ", which may be no difference at all"
        return f"{100 * self.mean:+.1f} ± {100 * self.interval:.1f} points{clear}"


def evaluate(predict: Predict, episodes: Episode | Iterable[Episode]) -> Evaluation:
    """Mean accuracy over episodes, and how sure it is.

    `episodes`: a meta-batch, or an iterable of meta-batches (`sampling.test_episodes`) or of single tasks.
    `predict(support, x_query)` gives scores [query, way] for one task and never sees a query's label. Whether
    the queries influence one another is measured on the first task: if their scores stay the same when they
    come one by one, the policy is "inductive", otherwise "transductive".

    Under torchrun each rank answers its share of the tasks, and all get the whole evaluation.

    Warns with `ChanceWarning`. Raises ValueError for fewer than two episodes, or scores of another shape.
    """
    def answered(numbered: tuple[int, Episode]) -> tuple:
        i, (support, query) = numbered
        x, y = query.x.flatten(0, 1), query.y.flatten()
        scores = predict(support, x)
        _check_scores(scores, len(y), way=len(support.y))
        policy = _policy(predict, support, x, scores) if i == 0 else ""
        real = torch.ones_like(y) if query.mask is None else query.mask.flatten()
        seen = query.x.flatten()[::257].clone(), y.clone()          # enough to tell episodes apart
        return ((scores.argmax(-1) == y) * real).sum(), real.sum(), len(support.y), policy, *seen
    found = parallel.spread(answered, enumerate(_each(episodes)))
    _check_episodes(len(found))
    correct, counted, ways, (policy, *_), *seen = zip(*found)
    per_episode = torch.stack(correct).cpu().double() / torch.stack(counted).cpu()
    accuracy, interval = _mean_and_interval(per_episode)
    chance = fmean(1 / way for way in ways)
    if abs(accuracy - chance) <= interval + 1e-9 and parallel.rank() == 0:
        warnings.warn(
            f"{_percent(accuracy, interval)} cannot be told from chance ({100 * chance:.0f} %): does predict "
            "use the trained parameters and the support labels?", ChanceWarning, stacklevel=2)
    return Evaluation(accuracy, interval, per_episode, chance, policy, _fingerprint(zip(*seen)))


def paired_difference(a: Evaluation, b: Evaluation) -> Difference:
    """How much better `a` is than `b`. What makes an episode hard for both cancels: a narrow interval.

    Raises ValueError if the two did not meet the same episodes in the same order.
    """
    if a.fingerprint != b.fingerprint:
        raise ValueError(f"the two met different episodes ({len(a.per_episode)} and {len(b.per_episode)} of "
                         "them): evaluate both on one test_episodes(..., seed=...)")
    return Difference(*_mean_and_interval(a.per_episode - b.per_episode))


def _each(episodes: Episode | Iterable[Episode]) -> Iterator[Episode]:
    for batch in [episodes] if isinstance(episodes, Episode) else episodes:
        yield from tasks(batch) if batch.query.y.ndim == 3 else [batch]


def _mean_and_interval(values: Float[Tensor, " episodes"]) -> tuple[float, float]:
    """Mean and 1.96 s/√n."""
    return values.mean().item(), 1.96 * values.std(correction=1).item() / len(values) ** 0.5


def _percent(accuracy: float, interval: float) -> str:
    return f"{100 * accuracy:.1f} ± {100 * interval:.1f} %"


def _policy(predict: Predict, support: Examples, x: Float[Tensor, "query ..."],
            together: Float[Tensor, "query way"]) -> str:
    """Does a query's score depend on the other queries? Asked for about one query of each class."""
    some = list(range(0, len(x), max(1, len(x) // together.shape[1])))
    alone = torch.cat([predict(support, x[i:i + 1]) for i in some])
    if _close(alone, together[some]):
        return "inductive"
    return "transductive" if _close(predict(support, x), together) else "undetermined"     # it throws dice


def _close(a: Float[Tensor, "query way"], b: Float[Tensor, "query way"]) -> bool:
    """Equal but for rounding, which changes with the size of a batch: within 1 % of the scores' spread."""
    return bool((a - b).abs().max() <= 0.01 * (b.max() - b.min()) + 1e-6)


def _check_scores(scores: Tensor, queries: int, way: int) -> None:
    if scores.shape != (queries, way):
        raise ValueError(f"predict returned {list(scores.shape)} for {queries} queries of a {way}-way task; "
                         f"wanted [{queries}, {way}], a score for each class")


def _check_episodes(n: int) -> None:
    if n < 2:
        raise ValueError(f"got {n} episodes; an interval needs 2, a number to report {ENOUGH}")


def _fingerprint(seen: Iterable[tuple[Tensor, Tensor]]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in chain.from_iterable(seen):
        digest.update(part.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
