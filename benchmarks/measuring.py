"""What the benchmarks share: episodes of noise, a clock, the machine's peak, a count of operations."""
import os
import time
from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from metacourse.episode import Episode, Examples
from metacourse.models.conv4 import Conv4

WAY, SHOT, QUERIES, SIZE = 5, 1, 15, 28
MATMUL = {"cpu": 2048, "cuda": 8192}


class UsualConv4(Conv4):
    """The network in the layout that the peers' examples use: a map for each channel."""

    def forward(self, x):
        return self.head(self.body(x))


def draw(tasks: int, device: str, dtype: torch.dtype = torch.float32) -> Episode:
    """5-way 1-shot tasks with 15 queries a class, 28 × 28."""
    rng = torch.Generator().manual_seed(0)

    def examples(shot: int) -> Examples:
        x = torch.rand(tasks, WAY, shot, 1, SIZE, SIZE, generator=rng, dtype=dtype)
        y = torch.arange(WAY)[:, None].expand(tasks, WAY, shot)
        return Examples(x.to(device), y.to(device))
    return Episode(examples(SHOT), examples(QUERIES))


def seconds(f: Callable[[], object], device: str, clock: str = "wall") -> float:
    """Of one call: on the wall, or of this process on its processors."""
    def now() -> float:
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() if clock == "wall" else time.process_time()
    start = now()
    f()
    return now() - start


def operations(f: Callable[[], object]) -> float:
    """Floating-point operations of the convolutions and matrix products in one call."""
    with FlopCounterMode(display=False) as counter:
        f()
    return counter.get_total_flops()


def peak(device: str, clock: str) -> float:
    """Floating-point operations per second of a large matrix product, the best of five."""
    n = MATMUL[device]
    a = torch.rand(n, n, device=device)
    return 2 * n**3 / min(seconds(lambda: a @ a, device, clock) for _ in range(5))


def machine(device: str) -> str:
    """Where this runs, and how busy it is."""
    where = torch.cuda.get_device_name() if device == "cuda" else f"{torch.get_num_threads()} threads"
    return f"torch {torch.__version__}, {where}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
