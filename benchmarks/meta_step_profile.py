"""Where does the time of a meta-step go: into arithmetic, into moving memory, or into Python and bookkeeping?

One outer step of MAML (second order, 5 inner steps), FOMAML and ProtoNet: Conv4-64 with batch norm, 28 × 28,
5-way 1-shot, 15 queries a class, float32. On a CPU, of which one core is used, the processor time of each
operation on tensors counts, the shortest of some rounds, so that other work on the machine does not; the rest
of the step is Python and PyTorch's autograd. On a GPU the profiler's time of kernels counts, and what is
between them is a device that waits to be told: the share that is bound by launches.

    python benchmarks/meta_step_profile.py                          one core, task by task: half a minute
    python benchmarks/meta_step_profile.py --device cuda            all tasks at once
    python benchmarks/meta_step_profile.py --device cuda --graph --compile      and the same step made faster
"""
import argparse
import statistics
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from functools import partial

import torch
from kinds import GROUPS, share_of_kinds
from measuring import WAY, draw, machine, operations, peak, seconds
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode

from metacourse.episode import Episode
from metacourse.methods import losses, maml, over_tasks, protonet
from metacourse.models.conv4 import Conv4
from metacourse.models.fast_conv4 import FastConv4
from metacourse.models.functional import functional

INNER = dict(inner_lr=0.1, inner_steps=5)
NETWORKS = {"Conv4": Conv4, "FastConv4": FastConv4}
METHODS = ("MAML", "FOMAML", "ProtoNet")
CLOCK = {"cpu": "processor", "cuda": "wall"}
LARGEST = 6                                              # operations that are named, of each step


def meta_step(method: str, network: type, device: str, over: str, channels: int = 64) -> Callable:
    """f(episodes): mean loss and its gradient in θ."""
    torch.manual_seed(0)
    module = network(channels, way=None if method == "ProtoNet" else WAY, norm="batch").to(device)
    apply, theta = functional(module)
    if method == "ProtoNet":
        return partial(over_tasks.mean_gradient, partial(protonet.loss, apply), theta, over=over)
    return partial(maml.meta_gradient, losses.cross_entropy(apply), theta, over=over,
                   first_order=method == "FOMAML", **INNER)


class Timed(TorchDispatchMode):
    """Adds up the processor seconds of every operation, in this thread."""

    def __init__(self):
        super().__init__()
        self.times = defaultdict(float)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        start = time.thread_time()
        out = func(*args, **(kwargs or {}))
        self.times[func._schema.name] += time.thread_time() - start
        return out


def times_on_cpu(step: Callable, rounds: int) -> dict[str, float]:
    """Operation -> seconds in one step, the shortest of some."""
    found = []
    for _ in range(rounds):
        with Timed() as timed:
            step()
        found.append(timed.times)
    return {name: min(times[name] for times in found) for name in found[0]}


def recorded(step: Callable) -> profile:
    """One step on the GPU, as the profiler sees it."""
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
        step()
        torch.cuda.synchronize()
    return seen


def times_on_gpu(seen: profile) -> dict[str, float]:
    """Operation -> seconds of the kernels that it launched itself."""
    rows = [row for row in seen.key_averages() if row.device_type == DeviceType.CPU]
    return {row.key: row.self_device_time_total / 1e6 for row in rows if row.self_device_time_total}


def kernels(seen: profile) -> tuple[int, float]:
    """How many kernels and copies ran on the GPU, and the seconds in which at least one did."""
    spans = sorted((e.time_range.start, e.time_range.end) for e in seen.events()
                   if e.device_type == DeviceType.CUDA)
    busy, until = 0.0, float("-inf")
    for start, end in spans:
        busy, until = busy + max(0.0, end - max(start, until)), max(until, end)
    return len(spans), busy / 1e6


def waits(step: Callable) -> list[str]:
    """What made the processor wait for the GPU in one step; there should be nothing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        step()
        torch.cuda.set_sync_debug_mode("default")
    return [f"{w.filename}:{w.lineno}" for w in caught if "synchroniz" in str(w.message)]


def graphed(step: Callable) -> Callable:
    """The step recorded once as a CUDA graph: replayed, its kernels follow each other without Python."""
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        graph.kept = step()                              # loss and gradient, written anew by each replay
    return graph.replay


def show_on_cpu(step: Callable, taken: float, rounds: int) -> None:
    times = times_on_cpu(step, rounds)
    show_kinds(share_of_kinds(times, taken))
    whole, largest = max(taken, sum(times.values())), sorted(times, key=times.get, reverse=True)[:LARGEST]
    print("    largest: " + ", ".join(f"{name.removeprefix('aten::')} {times[name] / whole:.0%}"
                                      for name in largest), flush=True)


def show_kinds(shares: dict[str, float]) -> None:
    for group, kinds in GROUPS.items():
        parts = ", ".join(f"{kind} {shares[kind]:.0%}" for kind in kinds if shares[kind] >= 0.005)
        print(f"    {group:24}{sum(shares[kind] for kind in kinds):4.0%}   {parts}")


def show_on_gpu(step: Callable, taken: float, chosen: argparse.Namespace) -> None:
    seen = recorded(step)
    times, (number, busy) = times_on_gpu(seen), kernels(seen)
    print("    of the time of kernels:")
    show_kinds(share_of_kinds(times, sum(times.values())))
    print(f"    {number} kernels, busy {busy * 1e3:.1f} ms: the GPU waits for launches "
          f"{max(0, 1 - busy / taken):.0%} of the step")
    found = waits(step)
    print(f"    the processor waits for the GPU {len(found)} times: {', '.join(sorted(set(found)))}")
    for name, asked, make in (("CUDA graph", chosen.graph, graphed),
                              ("torch.compile", chosen.compile, torch.compile)):
        if asked:
            print(f"    as {name}: {attempt(make, step, taken)}", flush=True)


def attempt(make: Callable, step: Callable, taken: float) -> str:
    """How much faster the step is when made so, or why it cannot be."""
    try:
        made = make(step)
        made()
        median = statistics.median(seconds(made, "cuda") for _ in range(5))
        return f"{median * 1e3:.1f} ms, {taken / median:.2f} times as fast"
    except Exception as error:                           # whatever it is, the numbers above stay
        return f"not possible: {type(error).__name__}: {str(error).splitlines()[0]}"


def show(method: str, name: str, episodes: Episode, peak_rate: float, chosen: argparse.Namespace) -> None:
    step = partial(meta_step(method, NETWORKS[name], chosen.device, chosen.over), episodes)
    step()
    clock = CLOCK[chosen.device]
    taken = min(seconds(step, chosen.device, clock) for _ in range(chosen.rounds))
    alone = partial(meta_step(method, Conv4, "meta", "loop"), draw(1, "meta"))
    work = len(episodes.support.x) * operations(alone)   # as Conv4 needs them, whatever the network
    print(f"\n{method}, {name}, {chosen.over}, {chosen.tasks} task(s): {taken * 1e3:.0f} ms, "
          f"{work / 1e9:.1f} GFLOP, {work / taken / peak_rate:.0%} of the matmul peak")
    if chosen.device == "cuda":
        show_on_gpu(step, taken, chosen)
    else:
        show_on_cpu(step, taken, chosen.rounds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Where the time of a meta-step goes.")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--over", choices=["loop", "vmap"], help="loop on a CPU, vmap on a GPU if left out")
    parser.add_argument("--tasks", type=int, help="2 on a CPU, 32 on a GPU if left out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--graph", action="store_true", help="on a GPU: also as a CUDA graph")
    parser.add_argument("--compile", action="store_true", help="on a GPU: also by torch.compile")
    chosen = parser.parse_args()
    gpu = chosen.device == "cuda"
    chosen.over, chosen.tasks = chosen.over or ("vmap" if gpu else "loop"), chosen.tasks or (32 if gpu else 2)
    return chosen


def main() -> None:
    chosen = arguments()
    torch.set_num_threads(1)
    clock = CLOCK[chosen.device]
    peak_rate = peak(chosen.device, clock)
    print(f"{machine(chosen.device)}, matmul peak {peak_rate / 1e9:.0f} GFLOP/s, {clock} clock")
    episodes = draw(chosen.tasks, chosen.device)
    for method in chosen.methods:
        for name in chosen.networks:
            show(method, name, episodes, peak_rate, chosen)


if __name__ == "__main__":
    main()
