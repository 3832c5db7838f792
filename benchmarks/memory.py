"""What do ten inner steps on ResNet-12 need in memory, with `recompute=True` and without?

5-way 1-shot, one task, each way in a process of its own: its largest resident size, above what it had before
the meta-gradient.    python benchmarks/memory.py --size 84 --steps 10
"""
import argparse
import resource
import subprocess
import sys
import time

import torch

from metacourse.episode import Episode, Examples
from metacourse.methods import losses, maml
from metacourse.models.functional import functional
from metacourse.models.resnet12 import ResNet12


def images(shot: int, size: int) -> Examples:
    return Examples(torch.rand(1, 5, shot, 3, size, size), torch.arange(5)[:, None].expand(1, 5, shot))


def resident() -> float:
    """The largest size that this process has had, in GB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def measure(size: int, steps: int, queries: int, recompute: bool) -> None:
    apply, theta = functional(ResNet12(5))
    episodes, before, start = Episode(images(1, size), images(queries, size)), resident(), time.perf_counter()
    maml.meta_gradient(losses.cross_entropy(apply), theta, episodes, inner_lr=0.01, inner_steps=steps,
                       over="loop", recompute=recompute)
    print(f"{size} × {size}, {steps} inner steps, {queries} queries a class, recompute={recompute}: "
          f"{resident() - before:.2f} GB above {before:.2f}, {time.perf_counter() - start:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description="Peak memory of a meta-gradient on ResNet-12.")
    parser.add_argument("--size", type=int, default=84)
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--queries", type=int, default=15)
    parser.add_argument("--only", choices=["recompute", "keep"])
    chosen = parser.parse_args()
    if chosen.only:
        measure(chosen.size, chosen.steps[0], chosen.queries, chosen.only == "recompute")
        return
    for steps in chosen.steps:
        for only in ("keep", "recompute"):
            subprocess.run([sys.executable, __file__, "--only", only, "--size", str(chosen.size), "--steps",
                            str(steps), "--queries", str(chosen.queries)], check=True)


if __name__ == "__main__":
    main()
