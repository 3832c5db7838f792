"""How much faster is a meta-step on two ranks than on one, and what would limit eight GPUs?

Conv4-64 with batch norm (a call's own statistics), 28 × 28, 5-way 1-shot, 15 queries a class, 8 tasks a step,
float32. Two processes of one core each (gloo). They take turns: a step of rank 0 alone, which computes all
tasks while rank 1 waits, then a step of both, which share them. The median of the rounds counts.

    python benchmarks/scaling.py                         a minute or two
    python benchmarks/scaling.py --clock processor       where the machine is busy: seconds of the slower rank
    python benchmarks/scaling.py --paper                 only what is calculated, for eight GPUs
"""
import argparse
import itertools
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import torch
from measuring import QUERIES, SHOT, WAY, seconds
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from metacourse.data.sampling import sample_episodes
from metacourse.episode import Episode, Params
from metacourse.methods import losses, maml, over_tasks, protonet
from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from metacourse.training import parallel
from metacourse.training.ranks import ranks
from metacourse.training.reproducible import generator, seeded

TASKS, CLASSES = 8, 964
INNER = dict(inner_lr=0.1, inner_steps=5)
BANDWIDTHS = {"NVLink": 450e9, "PCIe": 25e9}             # assumed: bytes per second and direction
HOP = 5e-6                                               # assumed: seconds of latency, 2(W − 1) times
ARITHMETIC = 10e12                                       # assumed: operations a second on small convolutions
LAUNCH = 5e-6                                            # assumed: seconds to launch an operation from Python
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
PARTS = ("drawing all tasks", "the gradient of a share", "all-reduce, with waiting", "the update")


def methods() -> dict[str, tuple[Callable, Params]]:
    """name -> (gradient(theta, episodes, over=...), theta)."""
    with seeded(0):
        apply, theta = functional(Conv4(64, way=WAY, norm="batch"))
        embed, start = functional(Conv4(64, norm="batch"))
    return {"MAML, second order, 5 steps": (partial(maml.meta_gradient, losses.cross_entropy(apply), **INNER),
                                            theta),
            "ProtoNet": (partial(over_tasks.mean_gradient, partial(protonet.loss, embed)), start)}


def draw(images: torch.Tensor, tasks: int, step: int = 0) -> Episode:
    return sample_episodes(images, tasks=tasks, way=WAY, shot=SHOT, queries=QUERIES, rng=generator(0, step))


def a_step(now: Callable, gradient: Callable, theta: Params, images: torch.Tensor, step: int) -> list[float]:
    """Seconds of its `PARTS`."""
    times = [now()]
    part, weight = parallel.share(draw(images, TASKS, step))
    times.append(now())
    value, found = gradient(theta, part)
    times.append(now())
    _, found = parallel.mean(value, found, weight)
    times.append(now())
    for name, p in theta.items():
        p.sub_(1e-3 * found[name])
    times.append(now())
    return [after - before for before, after in itertools.pairwise(times)]


def measure(rounds: int, clock: str) -> None:
    """What both ranks do; rank 0 reports."""
    torch.set_num_threads(1)
    images = torch.randint(0, 256, (CLASSES, 20, 1, 28, 28), generator=generator(0), dtype=torch.uint8)
    say(f"torch {torch.__version__}, {parallel.world()} ranks of 1 thread, {clock} clock, "
        f"load {os.getloadavg()[0]:.1f}")
    for name, (gradient, theta) in methods().items():
        each = partial(a_step, CLOCKS[clock], gradient, theta, images)
        each(0)                                          # to warm up
        alone, shared = [], []
        for i in range(rounds):
            alone += parallel.spread(each, [i])          # by rank 0, while the others wait
            shared.append(each(i))
        report(name, alone, parallel.spread(partial(_same, shared), range(parallel.world())))
        zero = {key: torch.zeros_like(p) for key, p in theta.items()}
        bare = [seconds(partial(parallel.mean, torch.tensor(0.0), zero, 0.5), "cpu") for _ in range(50)]
        say(f"  all-reduce of {gradient_bytes(theta) / 1e3:.0f} kB, nobody waited for, wall clock: "
            f"{1e3 * min(bare):.2f} ms at best, {1e3 * statistics.median(bare):.2f} ms in the median")
    say(f"load {os.getloadavg()[0]:.1f} at the end")


def _same(mine: list, rank: int) -> list:
    return mine


def report(name: str, alone: list[list[float]], shared: list[list[list[float]]]) -> None:
    """`alone` are rank 0's steps; `shared` are every rank's, of which the slowest counts."""
    slowest = [max(steps, key=sum) for steps in zip(*shared)]
    one, many = (statistics.median(map(sum, steps)) for steps in (alone, slowest))
    say(f"\n{name}, {TASKS} tasks a step, median of {len(alone)} rounds\n"
        f"  1 rank {TASKS / one:6.2f} tasks/s   {parallel.world()} ranks {TASKS / many:6.2f} tasks/s   "
        f"{one / many:.2f} times, efficiency {one / many / parallel.world():.0%}")
    for i, part in enumerate(PARTS):
        say(f"  {statistics.median(step[i] / sum(step) for step in slowest):6.1%} {part}")


def say(text: str) -> None:
    if parallel.rank() == 0:
        print(text, flush=True)


def gradient_bytes(theta: Params) -> int:
    return 4 * sum(p.numel() for p in theta.values())


class _Operations(TorchDispatchMode):
    """Counts operations, each of which is a launch on a GPU or nearly one."""

    count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += 1
        return func(*args, **(kwargs or {}))


def on_paper(world: int = 8) -> None:
    """Calculated from counted operations and bytes, and from the rates assumed above."""
    images = torch.zeros(20, 20, 1, 28, 28, dtype=torch.uint8)
    print(f"Calculated for {world} GPUs; assumed {ARITHMETIC / 1e12:.0f} TFLOP/s and "
          f"{1e6 * LAUNCH:.0f} µs to launch an operation")
    for name, (gradient, theta) in methods().items():
        with FlopCounterMode(display=False) as counter:
            gradient(theta, draw(images, 1), over="loop")
        with _Operations() as operations:
            gradient(theta, draw(images, 2), over="vmap")
        task, floor = counter.get_total_flops() / ARITHMETIC, operations.count * LAUNCH
        print(f"{name}\n  {counter.get_total_flops() / 1e9:.1f} GFLOP a task = {1e3 * task:.2f} ms; "
              f"{operations.count} operations a step, whatever its tasks = {1e3 * floor:.1f} ms to launch")
        for kind in BANDWIDTHS:
            print(f"  all-reduce of {gradient_bytes(theta) / 1e3:.0f} kB over {kind}: "
                  f"{1e6 * reduction(theta, kind, world):.0f} µs")
        for tasks in (8, 32, 128, 512):
            one = max(floor, tasks * task)
            many = max(floor, tasks / world * task) + reduction(theta, "NVLink", world)
            print(f"  {tasks:4} tasks: {1e3 * one:6.1f} ms on 1, {1e3 * many:6.1f} ms on {world}: "
                  f"{one / many:.1f} times")


def reduction(theta: Params, kind: str, world: int) -> float:
    """Seconds of a ring: 2(W − 1) hops, and 2(W − 1)/W of the bytes."""
    return 2 * (world - 1) * (HOP + gradient_bytes(theta) / world / BANDWIDTHS[kind])


def main() -> None:
    parser = argparse.ArgumentParser(description="Strong scaling of a meta-step over ranks.")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clock", default="wall", choices=list(CLOCKS))
    parser.add_argument("--paper", action="store_true", help="calculate only")
    chosen = parser.parse_args()
    if "RANK" in os.environ:
        with ranks(torch.device("cpu"), lambda: "Start the benchmark again."):
            measure(chosen.rounds, chosen.clock)
    elif chosen.paper:
        on_paper()
    else:
        subprocess.run([sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node",
                        str(chosen.ranks), __file__, *sys.argv[1:]], check=True,
                       env=os.environ | {"OMP_NUM_THREADS": "1"})


if __name__ == "__main__":
    main()
