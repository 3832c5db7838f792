"""What every contender of chapter 3's comparison shares: its backbone, its episodes, and how it is judged."""
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from metacourse.data.sampling import test_episodes
from metacourse.episode import Episode, Params
from metacourse.experiments import few_shot
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.training import Evaluation, evaluate
from metacourse.training.reproducible import seeded


@dataclass(frozen=True)
class Common:
    """The same for all."""

    channels: int = 16                          # of a StridedConv4 with group norm: inductive
    way: int = 5
    shot: int = 1
    queries: int = 5                            # a class, in training; 15 in testing
    tasks: int = 4                              # a step
    inner_lr: float = 0.4                       # of MAML and ANIL
    inner_steps: int = 1
    fit_steps: int = 20                         # of Adam on a test task, where a network is fitted to it
    head_steps: int = 30                        # or a cosine head only
    head_scale: float = 2.0                     # of its cosines

    @property
    def pictures(self) -> int:
        """Of a step."""
        return self.tasks * self.way * (self.shot + self.queries)


class Rule(NamedTuple):
    """One way to answer: `answer(embed, theta)` gives a `predict(support, x_query)`."""

    answer: Callable[[Callable | None, Params], Callable]
    pictures: bool = False                      # a task changes the network: nothing can be embedded before
    slow: bool = False


class Contender(NamedTuple):
    """A network freshly drawn, how it learns (if it does), and the rules that answer with it."""

    theta: Params
    rules: dict[str, Rule]
    embed: Callable | None = None
    loss: Callable | None = None
    batch: Callable[[int], Any] | None = None


class Condition(NamedTuple):
    """What contenders are tested on."""

    domain: str
    shot: int
    support: Tensor                             # pictures [class, drawing, C, H, W]
    query: Tensor                               # the same, or others of the same classes

    def episodes(self, transform: Callable[[Tensor], Tensor], *, episodes: int, way: int = 5, seed: int = 0):
        """Test episodes of the pictures, or of what `transform` makes of them; drawn alike for every one."""
        asked = dict(episodes=episodes, way=way, shot=self.shot, seed=seed,
                     queries=min(15, self.query.shape[1] - self.shot))
        drawn = test_episodes(transform(self.support), **asked)
        if self.query is self.support:
            return drawn
        others = test_episodes(transform(self.query), **asked)
        return [Episode(one.support, other.query) for one, other in zip(drawn, others)]


def network(common: Common, seed: int, **shape) -> StridedConv4:
    """The backbone, freshly drawn, and of one seed the same for all."""
    with seeded(seed):
        return StridedConv4(common.channels, norm="group", **shape)


def backbone(common: Common, seed: int, *, way: int | None = None) -> tuple[Callable, Params]:
    """(embed, θ) of it, or (scores, θ) with `way`."""
    return functional(network(common, seed, way=way))


def tasks_of(common: Common, images: Tensor, seed: int, *,
             way: int | None = None) -> Callable[[int], Episode]:
    """batch(step) of training tasks. Where they have more ways, they are fewer: as many pictures."""
    way = way or common.way
    return few_shot.batches(images, seed=seed, way=way, shot=common.shot, queries=common.queries,
                            tasks=max(1, common.tasks * common.way // way))


def same(theta: Params, z: Tensor) -> Tensor:
    """The embedding of what is embedded already."""
    return z


def at_once(embed: Callable, meta_loss: Callable) -> Callable:
    """`meta_loss(embed, θ, episodes)` with all pictures embedded in one call: the same number, sooner."""
    def loss(theta: Params, drawn: Episode) -> Tensor:
        (support, query), shot = drawn, drawn.support.x.shape[2]
        z = embed(theta, torch.cat([support.x, query.x], dim=2))             # [tasks, way, shot + queries, …]
        embedded = Episode(support._replace(x=z[:, :, :shot]), query._replace(x=z[:, :, shot:]))
        return meta_loss(same, theta, embedded)
    return loss


class Judge:
    """Tests one trained contender. Pictures are embedded once for all of its rules."""

    def __init__(self, contender: Contender, theta: Params):
        self.contender, self.theta = contender, theta
        self.embedded = cache(partial(few_shot.embedded, contender.embed, theta))

    def label(self, name: str, rule: str) -> str:
        """What a rule is called in results: like its contender, where that has no other."""
        return rule if len(self.contender.rules) > 1 else name

    def predict(self, rule: str, *, embedded: bool = False) -> Callable:
        """predict(support, x_query) of pictures, or of what is embedded."""
        return self.contender.rules[rule].answer(same if embedded else self.contender.embed, self.theta)

    def __call__(self, rule: str, condition: Condition, **asked) -> Evaluation:
        on_pictures = self.contender.rules[rule].pictures
        drawn = condition.episodes((lambda x: x) if on_pictures else self.embedded, **asked)
        return evaluate(self.predict(rule, embedded=not on_pictures), drawn)
