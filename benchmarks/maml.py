"""How many tasks a second does a meta-step of MAML take? Ours against `higher`, `torchopt` and a plain loop.

Conv4-64 with batch norm (a call's own statistics), 28 × 28, 5-way 1-shot, 15 queries a class, float32. All
ways take turns in one process and the median counts; before that, their gradients are compared in float64.

    python benchmarks/maml.py --quick                    4 tasks, second order: a minute or two
    python benchmarks/maml.py                            4, 16 and 32 tasks, both orders
    python benchmarks/maml.py --device cuda              also 64 tasks
    python benchmarks/maml.py --quick --cores 1 --clock processor      on a machine that is busy
"""
import argparse
import itertools
import os
import statistics
from collections.abc import Callable
from functools import partial

import peers
import torch
from measuring import WAY, UsualConv4, draw, machine, operations, peak, seconds

from metacourse.methods import losses, maml
from metacourse.models.conv4 import Conv4
from metacourse.models.fast_conv4 import FastConv4
from metacourse.models.functional import functional

INNER_LR = 0.1
TOLERANCE = 1e-9                                         # of gradients in float64, relative to their length


def ways(device: str, dtype: torch.dtype, *, first_order: bool, channels: int = 64) -> dict[str, Callable]:
    """name -> f(episodes, inner_steps=...), which returns the meta-gradient. All start from the same θ."""
    torch.manual_seed(0)
    usual = UsualConv4(channels, way=WAY, norm="batch").to(device, dtype)
    found = {"plain loop": partial(peers.plain_loop, usual)}
    if peers.load("higher"):
        found["higher"] = partial(peers.with_higher, usual)
    if peers.load("torchopt") and not first_order:
        found["torchopt"] = partial(peers.with_torchopt, usual)
    for name, network in (("Conv4", Conv4), ("FastConv4", FastConv4)):
        module = network(channels, way=WAY, norm="batch").to(device, dtype)
        module.load_state_dict(usual.state_dict())
        apply, theta = functional(module)
        for over in ("loop", "vmap") if device == "cuda" else ("loop", "threads", "vmap"):
            found[f"ours, {name}, {over}"] = partial(_ours, losses.cross_entropy(apply), theta, over)
    return {name: partial(way, inner_lr=INNER_LR, first_order=first_order) for name, way in found.items()}


def _ours(loss, theta, over, episodes, **inner):
    return maml.meta_gradient(loss, theta, episodes, over=over, **inner)[1]


def assert_equal(device: str, *, inner_steps: int, first_order: bool) -> None:
    """Every way gives the plain loop's gradient, in float64, and with few channels, which takes less time."""
    episodes, wanted = draw(2, device, torch.float64), None
    for name, way in ways(device, torch.float64, first_order=first_order, channels=8).items():
        found = torch.cat([g.flatten() for _, g in sorted(way(episodes, inner_steps=inner_steps).items())])
        wanted = found if wanted is None else wanted
        error = ((found - wanted).norm() / wanted.norm()).item()
        assert error < TOLERANCE, f"{name} is off by {error:.1e} of the gradient's length"


def rates(device: str, *, tasks: int, inner_steps: int, first_order: bool, rounds: int,
          clock: str) -> dict[str, float]:
    """Tasks per second of each way: the median of `rounds`, after one to warm up."""
    found = ways(device, torch.float32, first_order=first_order)
    warm, episodes = draw(min(tasks, 4), device, torch.float32), draw(tasks, device, torch.float32)
    for way in found.values():
        way(episodes if device == "cuda" else warm, inner_steps=1 if device == "cpu" else inner_steps)
    turns = [{name: tasks / seconds(partial(way, episodes, inner_steps=inner_steps), device, clock)
              for name, way in found.items()} for _ in range(rounds)]
    return {name: statistics.median(turn[name] for turn in turns) for name in found}


def operations_per_task(*, inner_steps: int, first_order: bool) -> float:
    """Floating-point operations of convolutions and matrix products, as the plain loop needs them."""
    way = ways("cpu", torch.float32, first_order=first_order)["plain loop"]
    return operations(partial(way, draw(1, "cpu"), inner_steps=inner_steps))


def show(device: str, peak_rate: float, *, tasks: int, **case) -> None:
    found = rates(device, tasks=tasks, **case)
    work = operations_per_task(inner_steps=case["inner_steps"], first_order=case["first_order"])
    best = max(rate for name, rate in found.items() if not name.startswith("ours"))
    print(f"\n{'first' if case['first_order'] else 'second'} order, {case['inner_steps']} inner step(s), "
          f"{tasks} tasks; {work / 1e9:.1f} GFLOP a task")
    for name, rate in found.items():
        print(f"  {name:25} {rate:8.1f} tasks/s   {rate / best:5.2f} × the best peer   "
              f"{rate * work / peak_rate:4.0%} of the matmul peak", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Tasks per second of MAML's meta-step, ours and others'.")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--quick", action="store_true", help="4 tasks, second order, 2 rounds")
    parser.add_argument("--tasks", type=int, nargs="+")
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--orders", nargs="+", default=["second", "first"], choices=["second", "first"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", type=int, help="threads of the process; all cores where left out")
    parser.add_argument("--clock", default="wall", choices=["wall", "processor"],
                        help="processor: seconds of this process, where other work shares the machine")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.orders, chosen.rounds = ["second"], 2
    many = [4, 16, 32, 64] if chosen.device == "cuda" else [4, 16, 32]
    chosen.tasks = chosen.tasks or ([4] if chosen.quick else many)
    return chosen


def main() -> None:
    chosen = arguments()
    torch.set_num_threads(chosen.cores or os.cpu_count())
    peak_rate = peak(chosen.device, chosen.clock)
    missing = [name for name in ("higher", "torchopt") if not peers.load(name)]
    print(f"{machine(chosen.device)}, matmul peak {peak_rate / 1e9:.0f} GFLOP/s, {chosen.clock} clock")
    for name in missing:
        print(f"{name} is not installed and left out")
    for order, inner_steps in itertools.product(chosen.orders, chosen.steps):
        case = dict(inner_steps=inner_steps, first_order=order == "first")
        assert_equal(chosen.device, **case)
        for tasks in chosen.tasks:
            show(chosen.device, peak_rate, tasks=tasks, rounds=chosen.rounds, clock=chosen.clock, **case)


if __name__ == "__main__":
    main()
