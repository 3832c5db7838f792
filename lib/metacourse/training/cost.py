"""What a computation costs: its seconds, and how many bytes of tensors it holds at its fullest moment.

Bytes are counted, not estimated: an operation's output counts from its birth until its memory is freed. The
count is the same in every run; seconds are not.
"""
import time
import weakref
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import debug_unwrap
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter


class Cost(NamedTuple):
    """Of one call."""

    seconds: float
    peak_bytes: int                             # of tensors that came to be in the call, alive at once

    def __repr__(self) -> str:
        return f"Cost({self.seconds:.2f} s, {self.peak_bytes / 1e6:.1f} MB)"


def cost(f: Callable[[], object]) -> Cost:
    """Calls `f` twice: first to count, which warms up and takes time of its own, then with a clock.

    Only operations of the calling thread are counted.
    """
    with _Counting() as counting:
        f()
    _wait()
    started = time.perf_counter()
    f()
    _wait()
    return Cost(time.perf_counter() - started, counting.peak)


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


class _Counting(TorchDispatchMode):
    """Adds up the bytes of all storages that operations make, and takes them off when they are freed."""

    def __init__(self):
        super().__init__()
        self.alive = self.peak = 0
        self._seen = weakref.WeakSet()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = {id(storage) for storage in _storages((args, kwargs))}
        out = func(*args, **(kwargs or {}))
        for storage in _storages(out):
            if id(storage) not in given and storage not in self._seen:       # not a view, not an old friend
                self._seen.add(storage)
                self._add(storage.nbytes())
                weakref.finalize(storage, self._add, -storage.nbytes())
        return out

    def _add(self, size: int) -> None:
        self.alive += size
        self.peak = max(self.peak, self.alive)


def _storages(values) -> list[torch.UntypedStorage]:
    """Of all tensors, those that `torch.func` wraps included."""
    return [debug_unwrap(value).untyped_storage() for value in tree_iter(values) if isinstance(value, Tensor)]
