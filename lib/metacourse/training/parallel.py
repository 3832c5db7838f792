"""One training on many processes: each rank takes its share of a meta-batch, and all take the same step.

Batches are drawn whole on every rank, alike since `generator(seed, step)` draws alike, and then cut. The mean
of the shares, weighted by their tasks, is the mean over all tasks: one rank and many differ by rounding only.
(Where a parameter has no effect, such as a bias before batch norm, its gradient *is* rounding. Adam makes it
large, and such a parameter drifts apart. What the network answers does not.)
With one rank nothing here computes anything. Ranks begin and end in `metacourse.training.ranks`.
"""
import io
import warnings
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Params

Item, Found, Value = TypeVar("Item"), TypeVar("Found"), TypeVar("Value")
_apart = False                                  # in `spread`, where ranks do different things


class RankLost(RuntimeError):
    """Another rank no longer answers: no step can be taken."""


def world() -> int:
    """Number of ranks that work together: 1 without torchrun, and inside `spread`."""
    return 1 if _apart or not _running() else dist.get_world_size()


def rank() -> int:
    """Which of them this process is. Rank 0 writes files, and says how it goes."""
    return dist.get_rank() if _running() else 0


def share(batch: Any) -> tuple[Any, float]:
    """(the tasks of a meta-batch that are this rank's, their weight in the mean over all).

    A meta-batch is an `Episode` [tasks, ...], or a tuple with one in it, and its loss is a mean over tasks.
    Shares may differ by a task. Where tasks are fewer than ranks, some ranks compute one that does not count.
    Any other batch (pictures with labels, views) is computed by every rank, with weight 1 / ranks: nothing is
    gained, and nothing changes, also for MoCo, whose queue is so the same on all ranks.
    """
    if world() == 1:
        return batch, 1.0
    parts = batch if type(batch) is tuple else (batch,)
    n_tasks = next((len(part.query.y) for part in parts if _is_meta_batch(part)), None)
    if n_tasks is None:
        return batch, 1 / world()
    if n_tasks < world() and rank() == 0:
        warnings.warn(f"a meta-batch of {n_tasks} task(s) keeps only {n_tasks} of {world()} ranks busy: "
                      "raise the settings' `tasks`, or start fewer ranks", stacklevel=2)
    begin, end = (r * n_tasks // world() for r in (rank(), rank() + 1))
    mine = slice(begin, max(end, begin + 1))
    cut = tuple(_some(part, mine) if _is_meta_batch(part) else part for part in parts)
    return cut if type(batch) is tuple else cut[0], (end - begin) / n_tasks


@torch.no_grad()
def mean(value: Float[Tensor, ""], gradient: dict[str, Tensor | None],
         weight: float) -> tuple[Float[Tensor, ""], dict[str, Tensor | None]]:
    """Σ over ranks of weight · (value, gradient), the same bits on every rank, in one collective.

    What a loss does not use has the gradient None, on all ranks alike, and keeps it.
    """
    if world() == 1:
        return value, gradient
    used = {name: g for name, g in gradient.items() if g is not None}
    value, *pieces = _in_one(lambda flat: together(dist.all_reduce, flat.mul_(weight)),
                             [value, *used.values()])
    return value, {**gradient, **dict(zip(used, pieces))}


@torch.no_grad()
def same(theta: Params) -> None:
    """Rank 0's parameters on every rank, in place."""
    if world() > 1:
        pieces = _in_one(lambda flat: together(dist.broadcast, flat, src=0), list(theta.values()))
        for p, piece in zip(theta.values(), pieces):
            p.copy_(piece)


def first(value: Value) -> Value:
    """Rank 0's value: what decides how the run goes on must not differ between ranks."""
    if world() == 1:
        return value
    box = [value]
    together(dist.broadcast_object_list, box, src=0)
    return box[0]


def spread(f: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    """[f(item), ...] in order, on every rank: each computes a part, and gets the others' (on the CPU).

    Results are tensors, numbers and text, or tuples, lists and dicts of them. Within `f` a rank is alone, so
    that it may train or evaluate. An `f` that throws dice must seed them from the item
    (`reproducible.seed_of`), or it throws others than in one process.
    """
    global _apart
    ranks, here, total, found = world(), rank(), 0, []
    before, _apart = _apart, True
    try:
        for total, item in enumerate(items, start=1):
            if ranks == 1 or (total - 1) % ranks == here:
                found.append(f(item))
    finally:
        _apart = before
    if ranks == 1:
        return found
    parts = _gathered(found)
    return [parts[i % ranks][i // ranks] for i in range(total)]


def together(collective: Callable, *given, **named) -> None:
    """What all ranks do at once. Raises RankLost where one of them is gone."""
    try:
        collective(*given, **named)
    except RuntimeError as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise RankLost(reason[0]) from error


def _running() -> bool:
    return dist.is_available() and dist.is_initialized()


def _is_meta_batch(part: Any) -> bool:
    return isinstance(part, Episode) and part.query.y.ndim == 3


def _some(episodes: Episode, which: slice) -> Episode:
    return Episode(*(Examples(*(part if part is None else part[which] for part in half))
                     for half in episodes))


def _in_one(change: Callable[[Tensor], None], tensors: list[Tensor]) -> list[Tensor]:
    """`change` all of them as one buffer, in place, and return the pieces."""
    flat = torch.cat([part.flatten() for part in tensors])
    change(flat)
    cut = flat.split([part.numel() for part in tensors])
    return [piece.view(part.shape).to(part.dtype) for piece, part in zip(cut, tensors)]


def _gathered(found: list) -> list[list]:
    """Every rank's list, as bytes on the way: a tensor on one GPU must not turn up on another."""
    buffer, parts = io.BytesIO(), [b""] * dist.get_world_size()
    torch.save(found, buffer)
    together(dist.all_gather_object, parts, buffer.getvalue())
    return [torch.load(io.BytesIO(part), weights_only=True, map_location="cpu") for part in parts]
