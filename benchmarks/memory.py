"""What do ten inner steps on ResNet-12 need in memory, with `recompute=True` and without, in chunks of tasks?

5-way 1-shot, second order, float32. Bytes are counted without computing anything: on PyTorch's `meta` device
the same operations make tensors of the same sizes, without numbers in them. A tensor counts from its birth
until it is freed; θ, which is there before, and what a convolution needs for a moment do not.

    python benchmarks/memory.py                                     counts, at 84 × 84 with 15 queries
    python benchmarks/memory.py --run --size 32 --queries 1         and computes one task, in processes of
                                                                    their own: their largest resident size
"""
import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import torch

from metacourse.episode import Episode, Examples
from metacourse.methods import losses, maml
from metacourse.models.functional import functional
from metacourse.models.resnet12 import ResNet12
from metacourse.training.cost import cost


def meta_gradient(device: str, *, tasks: int, size: int, steps: int, queries: int, over: str,
                  recompute: bool, **shape) -> Callable:
    """f(): one meta-step of so many tasks at once; `shape` goes to the network."""
    def examples(shot: int) -> Examples:
        y = torch.arange(5, device=device)[:, None].expand(tasks, 5, shot)
        return Examples(torch.rand(tasks, 5, shot, 3, size, size, device=device), y)
    apply, theta = functional(ResNet12(5, **shape).to(device))
    episodes = Episode(examples(1), examples(queries))
    return partial(maml.meta_gradient, losses.cross_entropy(apply), theta, episodes, inner_lr=0.01,
                   inner_steps=steps, over=over, recompute=recompute)


def counted(**settings) -> float:
    """Gigabytes of tensors at the fullest moment of a meta-step."""
    return cost(meta_gradient("meta", **settings)).peak_bytes / 1e9


def resident() -> float:
    """The largest size that this process has had, in GB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def run(size: int, steps: int, queries: int, recompute: bool) -> None:
    """One task for real: what the process grows by."""
    step = meta_gradient("cpu", tasks=1, size=size, steps=steps, queries=queries, over="loop",
                         recompute=recompute)
    before, start = resident(), time.perf_counter()
    step()
    taken = time.perf_counter() - start
    print(f"  1 task, computed: {resident() - before:.2f} GB above {before:.2f}, {taken:.0f} s", flush=True)


def show(chosen: argparse.Namespace, steps: int) -> None:
    case = dict(size=chosen.size, steps=steps, queries=chosen.queries)
    for recompute in (False, True):
        print(f"{chosen.size} × {chosen.size}, {steps} inner steps, {chosen.queries} queries a class, "
              f"recompute={recompute}")
        for over, chunk in [("loop", 1)] + [("vmap", chunk) for chunk in chosen.chunks]:
            needed = counted(tasks=chunk, over=over, recompute=recompute, **case)
            print(f"  {over}, {chunk} task(s) at once: {needed:.2f} GB counted", flush=True)
        if chosen.run:
            only = "recompute" if recompute else "keep"
            subprocess.run([sys.executable, __file__, "--only", only, "--size", str(chosen.size), "--steps",
                            str(steps), "--queries", str(chosen.queries)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Peak memory of a meta-step on ResNet-12.")
    parser.add_argument("--size", type=int, default=84)
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--queries", type=int, default=15)
    parser.add_argument("--chunks", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--run", action="store_true", help="also compute, which takes minutes")
    parser.add_argument("--only", choices=["recompute", "keep"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.only:
        run(chosen.size, chosen.steps[0], chosen.queries, chosen.only == "recompute")
        return
    for steps in chosen.steps:
        show(chosen, steps)


if __name__ == "__main__":
    main()
