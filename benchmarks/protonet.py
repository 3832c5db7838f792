"""How many training episodes a second does ProtoNet take? Ours against `easyfsl`, on the same episodes.

Conv4-64, 28 × 28, 5-way 1-shot and 5-shot, 15 queries a class, float32: the gradient of the mean loss over a
batch of episodes. Batch norm uses the statistics of a call, on both sides. The distance is the plain
Euclidean one, since `easyfsl` has no other. All ways take turns in one process and the median counts; before
that, their gradients are compared in float64. Episodes come from our sampler, and its time is not counted.

    python benchmarks/protonet.py --quick                1-shot, two rounds: about half a minute
    python benchmarks/protonet.py                        1-shot and 5-shot
    python benchmarks/protonet.py --norm group           no batch norm: then episodes can share a forward pass
    python benchmarks/protonet.py --device cuda
    python benchmarks/protonet.py --cores 1 --clock processor      on a machine that is busy
"""
import argparse
import os
import statistics
from collections.abc import Callable
from functools import partial

import peers
import torch
import torch.nn.functional as F
from measuring import QUERIES, WAY, UsualConv4, machine, seconds
from torch import Tensor, nn

from metacourse.data import sampling
from metacourse.episode import Episode, Params, tasks
from metacourse.methods import over_tasks, protonet
from metacourse.models.conv4 import Conv4
from metacourse.models.fast_conv4 import FastConv4
from metacourse.models.functional import functional

METRIC = {"distance": "euclidean"}
TOLERANCE = 1e-9                                         # of gradients in float64, relative to their length


def draw(episodes: int, shot: int, device: str, dtype: torch.dtype) -> Episode:
    rng = torch.Generator().manual_seed(0)
    images = torch.randint(256, (20, 20, 1, 28, 28), generator=rng, dtype=torch.uint8)
    drawn = sampling.sample_episodes(images, tasks=episodes, way=WAY, shot=shot, queries=QUERIES, rng=rng)
    return Episode(*(half._replace(x=half.x.to(device, dtype), y=half.y.to(device)) for half in drawn))


def ways(device: str, dtype: torch.dtype, norm: str, channels: int = 64) -> dict[str, Callable]:
    """name -> f(episodes), which returns the gradient of the mean loss. All start from the same θ."""
    torch.manual_seed(0)
    usual = UsualConv4(channels, norm=norm).to(device, dtype)
    found = {"easyfsl": partial(with_easyfsl, usual)} if peers.load("easyfsl") else {}
    found["plain loop"] = partial(plain_loop, usual)
    for name, network in (("Conv4", Conv4), ("FastConv4", FastConv4)):
        module = network(channels, norm=norm).to(device, dtype)
        module.load_state_dict(usual.state_dict())
        embed, theta = functional(module)
        loss = partial(protonet.loss, embed, **METRIC)
        for over in ("loop", "vmap") if device == "cuda" else ("loop", "threads"):
            found[f"ours, {name}, {over}"] = partial(_ours, loss, theta, over)
        if norm != "batch":
            found[f"ours, {name}, one forward pass"] = partial(together, embed, theta)
    return found


def with_easyfsl(network: nn.Module, episodes: Episode) -> Params:
    """The loop of its tutorials: one episode after the other, `process_support_set`, scores, `backward`."""
    classifier = peers.load("easyfsl.methods").PrototypicalNetworks(network)
    classifier.zero_grad()
    for support, query in map(_flat, tasks(episodes)):
        classifier.process_support_set(*support)
        scores = classifier(query[0])
        (F.cross_entropy(scores, query[1]) / len(episodes.support.x)).backward()
    return {name: p.grad.clone() for name, p in network.named_parameters()}


def plain_loop(network: nn.Module, episodes: Episode) -> Params:
    """The same without a library: means by reshaping, distances by `cdist`."""
    network.zero_grad()
    for support, query in map(_flat, tasks(episodes)):
        c = network(support[0]).unflatten(0, (WAY, -1)).mean(1)
        scores = -torch.cdist(network(query[0]), c)
        (F.cross_entropy(scores, query[1]) / len(episodes.support.x)).backward()
    return {name: p.grad.clone() for name, p in network.named_parameters()}


def _flat(episode: Episode) -> list[tuple[Tensor, Tensor]]:
    return [(half.x.flatten(0, 1), half.y.flatten()) for half in episode]


def _ours(loss: Callable, theta: Params, over: str, episodes: Episode) -> Params:
    return over_tasks.mean_gradient(loss, theta, episodes, over=over)[1]


def together(embed: Callable, theta: Params, episodes: Episode) -> Params:
    """The pictures of all episodes in one forward pass, which no norm that mixes pictures would allow."""
    theta = {name: p.detach().requires_grad_() for name, p in theta.items()}
    halves = [embed(theta, half.x) for half in episodes]                       # [episode, way, shot, dim]
    losses = []
    for z_support, z_query, y in zip(*halves, episodes.query.y):
        scores = protonet.log_probs(z_query.flatten(0, 1), protonet.prototypes(z_support), **METRIC)
        losses.append(F.nll_loss(scores, y.flatten()))
    gradient = torch.autograd.grad(torch.stack(losses).mean(), tuple(theta.values()))
    return dict(zip(theta, gradient))


def assert_equal(device: str, shot: int, norm: str) -> None:
    """Every way gives the plain loop's gradient, in float64, and with few channels, which takes less time."""
    episodes = draw(2, shot, device, torch.float64)
    found = {name: torch.cat([g.flatten() for _, g in sorted(way(episodes).items())])
             for name, way in ways(device, torch.float64, norm, channels=8).items()}
    for name, gradient in found.items():
        error = ((gradient - found["plain loop"]).norm() / found["plain loop"].norm()).item()
        assert error < TOLERANCE, f"{name} is off by {error:.1e} of the gradient's length"


def rates(device: str, shot: int, norm: str, *, episodes: int, rounds: int, clock: str) -> dict[str, list]:
    """Episodes per second of each way in each round, after one round to warm up."""
    found, batch = ways(device, torch.float32, norm), draw(episodes, shot, device, torch.float32)
    for way in found.values():
        way(batch)
    turns = [{name: episodes / seconds(partial(way, batch), device, clock) for name, way in found.items()}
             for _ in range(rounds)]
    return {name: [turn[name] for turn in turns] for name in found}


def show(device: str, shot: int, norm: str, **settings) -> None:
    found = rates(device, shot, norm, **settings)
    first = next(iter(found))
    print(f"\n{WAY}-way {shot}-shot, {norm} norm, {settings['episodes']} episodes a batch")
    for name, turns in found.items():
        ratio = statistics.median(ours / peer for ours, peer in zip(turns, found[first]))
        print(f"  {name:34} {statistics.median(turns):8.1f} episodes/s   {ratio:5.2f} × {first}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Training episodes a second of ProtoNet, ours and others'.")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--quick", action="store_true", help="1-shot, 2 rounds")
    parser.add_argument("--norm", default="batch", choices=["batch", "group", "none"])
    parser.add_argument("--shots", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--episodes", type=int, default=8, help="in a batch, which has one gradient")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cores", type=int, help="threads of the process; all cores where left out")
    parser.add_argument("--clock", default="wall", choices=["wall", "processor"],
                        help="processor: seconds of this process, where other work shares the machine")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.shots, chosen.rounds = [1], 2
    return chosen


def main() -> None:
    chosen = arguments()
    torch.set_num_threads(chosen.cores or os.cpu_count())
    print(f"{machine(chosen.device)}, {chosen.clock} clock")
    if not peers.load("easyfsl"):
        print("easyfsl is not installed and left out")
    for shot in chosen.shots:
        assert_equal(chosen.device, shot, chosen.norm)
        show(chosen.device, shot, chosen.norm, episodes=chosen.episodes, rounds=chosen.rounds,
             clock=chosen.clock)


if __name__ == "__main__":
    main()
