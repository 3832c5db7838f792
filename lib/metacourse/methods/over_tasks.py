"""From one task to a meta-batch: mean and gradient over tasks, one by one, in threads, or all at once.

Every method is written for one task and hands `task_loss(theta, episode)` over. The numbers are the same on
each way; what differs is time and memory.
"""
import functools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import debug_unwrap, grad, grad_and_value, vmap

from metacourse.episode import Episode, Examples, Params, tasks
from metacourse.methods import refuse

TaskLoss = Callable[[Params, Episode], Tensor]


def mean_loss(task_loss: TaskLoss, theta: Params, episodes: Episode, *,
              over: str = "loop") -> Float[Tensor, ""]:
    """Mean of `task_loss` over the tasks, differentiable in θ; the graphs of all tasks stay in memory.

    A `task_loss` that takes no gradient itself may also go `over="vmap"`, all tasks in one batch, or "auto":
    that on a GPU, a loop elsewhere. (One that does may not: see `_vmap`.)
    """
    if over not in ("loop", "vmap", "auto"):
        raise ValueError(f"over={over!r}; wanted one of loop, vmap, auto")
    if over == "vmap" or (over == "auto" and episodes.support.x.is_cuda):
        return vmap(task_loss, in_dims=(None, _map(lambda part: 0, episodes)))(theta, episodes).mean()
    return torch.stack([task_loss(theta, episode) for episode in tasks(episodes)]).mean()


def mean_gradient(task_loss: TaskLoss, theta: Params, episodes: Episode, *, over: str = "auto",
                  chunk: int | None = None) -> tuple[Float[Tensor, ""], Params]:
    """`mean_loss` and its gradient in θ; a parameter that the loss does not use gets zeros.

    `over="loop"` takes one task at a time. "threads" gives each core a task of its own: Python threads, as
    many as `torch.get_num_threads()`. "vmap" takes all tasks in one batch, for a GPU. "auto" goes by device
    and cores. `chunk` bounds how many tasks are in memory at once, in threads and under `vmap`.
    (Only a loss that draws random numbers, as dropout does, gives other numbers on another way.)
    """
    if chunk is not None and chunk < 1:
        raise ValueError(f"chunk={chunk}; wanted 1 task or more at a time, or None for no bound")
    theta = {name: p.detach() for name, p in theta.items()}
    value, gradient = 0.0, {name: torch.zeros_like(p) for name, p in theta.items()}
    way = _way(over, theta, episodes)
    if _inside_a_transform(theta, episodes):                # somebody may differentiate the gradient, too
        of_one_task = grad_and_value
    else:
        of_one_task = _taped_under_vmap if way is _vmap else _taped
    for part, part_value in way(of_one_task(task_loss), theta, episodes, chunk):
        value, gradient = value + part_value, {name: g + part[name] for name, g in gradient.items()}   # Σᵢ
    n_tasks = len(episodes.support.x)
    return value / n_tasks, {name: g / n_tasks for name, g in gradient.items()}


def _way(over: str, theta: Params, episodes: Episode) -> Callable:
    ways = {"auto": _fastest(theta, episodes), "loop": _loop, "threads": _threads, "vmap": _vmap}
    if over not in ways:
        raise ValueError(f"over={over!r}; wanted one of {', '.join(ways)}")
    return ways[over]


def _fastest(theta: Params, episodes: Episode) -> Callable:
    x = episodes.support.x
    if x.is_cuda:
        return _vmap
    alone = torch.get_num_threads() == 1 or len(x) == 1
    return _loop if alone or _inside_a_transform(theta, episodes) else _threads     # threads would not see it


def _inside_a_transform(theta: Params, episodes: Episode) -> bool:
    return any(debug_unwrap(t) is not t for t in [episodes.support.x, *theta.values()])


def _taped(task_loss: TaskLoss) -> Callable:
    """`grad_and_value` by autograd's tape: operations wait less, 1.2 times as fast for five inner steps."""
    @torch.enable_grad()
    def each(theta: Params, episode: Episode) -> tuple[Params, Tensor]:
        theta = {name: p.detach().requires_grad_() for name, p in theta.items()}
        value = refuse.bad_loss(task_loss(theta, episode), theta)
        gradient = torch.autograd.grad(value, tuple(theta.values()), allow_unused=True,
                                       materialize_grads=True)
        return dict(zip(theta, gradient)), value.detach()
    return each


def _taped_under_vmap(task_loss: TaskLoss) -> Callable:
    """The same for `vmap`, where θ requires a gradient only inside `grad`. `grad` itself would keep a graph
    of the gradient, and twice the memory; so the tape is asked inside it, and `grad` gets a detached value.
    """
    def each(theta: Params, episode: Episode) -> tuple[Params, Tensor]:
        def inside(theta: Params) -> tuple[Tensor, tuple[Params, Tensor]]:
            value = refuse.bad_loss(task_loss(theta, episode), theta)
            gradient = torch.autograd.grad(value, tuple(theta.values()), allow_unused=True,
                                           materialize_grads=True)
            return value.detach(), (dict(zip(theta, gradient)), value.detach())
        return grad(inside, has_aux=True)(theta)[1]
    return each


def _loop(each: Callable, theta: Params, episodes: Episode, chunk: int | None) -> Iterator[tuple]:
    yield from (each(theta, episode) for episode in tasks(episodes))


def _threads(each: Callable, theta: Params, episodes: Episode, chunk: int | None) -> Iterator[tuple]:
    """One task per core. Operations run on one core each meanwhile, or they would fight for the cores."""
    cores = torch.get_num_threads()
    workers = min(cores, len(episodes.support.x), chunk or cores)
    if workers == 1:
        yield from _loop(each, theta, episodes, chunk)
        return

    def on_one_core(episode: Episode) -> tuple:
        torch.set_num_threads(1)                            # of the thread that runs this
        return each(theta, episode)
    try:
        torch.set_num_threads(1)
        yield from _pool(workers, os.getpid()).map(on_one_core, tasks(episodes))
    finally:
        torch.set_num_threads(cores)


@functools.cache
def _pool(workers: int, process: int) -> ThreadPoolExecutor:
    """Threads that stay, so that each copies a network once. (A forked process must start its own.)"""
    return ThreadPoolExecutor(workers, thread_name_prefix="metacourse-task")


def _vmap(each: Callable, theta: Params, episodes: Episode, chunk: int | None) -> Iterator[tuple]:
    """Gradients and losses, summed over `chunk` tasks at a time.

    `vmap` stands outermost, around each task's whole gradient. The other way round, the gradient *of* a
    `vmap`, is silently wrong where batch norm's weights are adapted (torch 2.15; finite differences told).
    """
    size = chunk or len(episodes.support.x)
    batched = vmap(each, in_dims=(None, _map(lambda part: 0, episodes)), randomness="different")
    for i in range(0, len(episodes.support.x), size):
        gradients, losses = batched(theta, _map(lambda part, i=i: part[i:i + size], episodes))
        yield {name: g.sum(0) for name, g in gradients.items()}, losses.sum()


def _map(f: Callable, episodes: Episode) -> Episode:
    return Episode(*(Examples(*(None if part is None else f(part) for part in half)) for half in episodes))
