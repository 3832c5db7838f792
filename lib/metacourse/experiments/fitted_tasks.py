"""Fine-tuning on many test tasks at once: what each task is answered is what it would be answered alone.

Adam moves every number by itself. So the parameters of many tasks can be stacked, and their losses added: no
task sees another one. On small networks this takes a half or a quarter of the time.
"""
from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.func import vmap

from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.methods import finetuning
from metacourse.training import Evaluation

Starts = Callable[[int], Params]                # how many tasks -> a start for each, [tasks, ...]


def evaluate(apply: Callable, starts: Starts, episodes: Iterable[Episode], *, loss: Loss, steps: int,
             rates: finetuning.Rates) -> Evaluation:
    """As `training.evaluate` of `finetuning.predict`, on meta-batches, each fitted at once."""
    correct = []
    for support, query in episodes:
        phi = fit(loss, starts(len(query.x)), support, steps=steps, rates=rates)
        correct.append(right(apply, phi, query))
    per_episode = torch.cat(correct)
    interval = 1.96 * per_episode.std(correction=1).item() / len(per_episode) ** 0.5
    return Evaluation(per_episode.mean().item(), interval, per_episode, 1 / query.y.shape[1], "inductive", "")


def fit(loss: Loss, theta: Params, support: Examples, *, steps: int, rates: finetuning.Rates) -> Params:
    """φ [tasks, ...] of every task, from θ [tasks, ...] and support sets [tasks, way, shot, ...]."""
    def of_one(theta: Params, x: Tensor, y: Tensor) -> Tensor:
        return loss(theta, Examples(x, y))

    def of_all(theta: Params, support: Examples) -> Tensor:
        return vmap(of_one)(theta, support.x, support.y).sum()
    return finetuning.fit(of_all, theta, lambda step: support, steps=steps, rates=rates)


@torch.no_grad()
def right(apply: Callable, phi: Params, query: Examples) -> Tensor:
    """The share of right answers of each task, each with its own φ."""
    scores = vmap(apply)(phi, query.x.flatten(1, 2))
    return (scores.argmax(-1) == query.y.flatten(1)).double().mean(-1).cpu()


def repeated(theta: Params) -> Starts:
    """Every task begins at the same θ."""
    return lambda tasks: {name: p.detach().expand(tasks, *p.shape).clone() for name, p in theta.items()}


def drawn(fresh: Callable[[], Params]) -> Starts:
    """Every task begins at parameters of its own: `fresh()` draws them."""
    def starts(tasks: int) -> Params:
        each = [fresh() for _ in range(tasks)]
        return {name: torch.stack([theta[name] for theta in each]).detach() for name in each[0]}
    return starts
