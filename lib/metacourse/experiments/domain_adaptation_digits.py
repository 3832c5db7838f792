"""Real digits: MNIST to USPS and back, every method between source only and an oracle.

As many pictures as in the protocol of Long et al. (2013): 2,000 of MNIST and 1,800 of USPS to learn from.
Settings were chosen on glyphs, so that no label of a target chose anything. `framed` asks what is left of
the shift when target pictures are cut like those of the source: digits of MNIST have a margin, those of USPS
have none.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.data import domains
from metacourse.data.domains import Labeled
from metacourse.experiments import domain_parts as parts
from metacourse.experiments import runner
from metacourse.experiments.domain_parts import Pair, Training
from metacourse.figures.recorded_domains import DIRECTIONS, NAMES, values_of
from metacourse.figures.recorded_few_shot import mean_over_seeds
from metacourse.training.reproducible import generator

SIZE, MARGIN = 28, 4                            # of MNIST's pictures, in pixels
PAPER = {                                       # Tzeng et al. (2017), Table 2: LeNet; DANN is their run of it
    "mnist_to_usps": {"source_only": 0.752, "dann": 0.771},
    "usps_to_mnist": {"source_only": 0.571, "dann": 0.730},
}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2)
    training: Training = field(default_factory=lambda: Training(in_channels=1))
    norms: tuple[str, ...] = ("batch",)
    methods: tuple[str, ...] = parts.METHODS
    pictures: Mapping[str, int] = field(default_factory=lambda: {"mnist": 2000, "usps": 1800})
    test_pictures: int = 2000


SMOKE = Settings(seeds=(0,), training=Training(channels=8, hidden=8, pictures=8, steps=2, in_channels=1),
                 pictures={"mnist": 60, "usps": 60}, test_pictures=60, norms=("batch",))


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {direction: {method: {seed: score}}} with batch norm, `group_norm`, `framed` and a `table`.

    `framed` has the networks of source only and AdaBN, as they are, on target pictures in the source's frame.
    """
    payload = {"accuracy": {}, "group_norm": {}, "framed": {}}
    for norm in settings.norms:
        training = replace(settings.training, norm=norm)
        for direction in PAPER:
            into = payload["accuracy" if norm == "batch" else "group_norm"].setdefault(direction, {})
            pair = parts.move(digits(settings, direction, run), run)
            alike = in_the_source_s_frame(pair, direction)
            for seed in settings.seeds:
                for method in settings.methods:
                    net = parts.trained(method, pair, training, run, seed=seed, label=f"{direction}_{norm}")
                    into.setdefault(method, {})[seed] = parts.judged(method, net, pair)
                    if method == "source_only" and norm == "batch":
                        into.setdefault("adabn", {})[seed] = parts.score(net, pair)
                        framed = payload["framed"].setdefault(direction, {"source_only": {}, "adabn": {}})
                        framed["source_only"][seed] = parts.score(net, alike, like=pair.source.x)
                        framed["adabn"][seed] = parts.score(net, alike)
                run.say(f"{direction}, {norm} norm, seed {seed}: "
                        + ", ".join(f"{name} {seeds[seed]['accuracy']}" for name, seeds in into.items()))
    return payload | {"table": table(payload["accuracy"])}


def table(accuracy: Mapping[str, Mapping]) -> list[dict]:
    """A line for each direction and method: the mean over seeds, its interval, and the paper's number."""
    lines = []
    for direction, methods in accuracy.items():
        for name in (name for name in NAMES if name in methods):
            mean, half = mean_over_seeds(values_of(methods[name]))
            lines.append({"setting": f"{DIRECTIONS[direction]}, {NAMES[name]}", "accuracy": round(mean, 5),
                          "interval": round(half, 5), "paper": PAPER[direction].get(name)})
    return lines


def digits(settings: Settings, direction: str, run: runner.Run) -> Pair:
    """Some training pictures of both data sets, and of their test pictures as many as are asked for."""
    source, target = direction.split("_to_")
    of = {"mnist": domains.mnist, "usps": domains.usps}
    return Pair(*(some(of[name](run.data), settings.pictures[name]) for name in (source, target)),
                *(some(of[name](run.data, train=False), settings.test_pictures) for name in (source, target)))


def some(domain: Labeled, pictures: int) -> Labeled:
    """So many pictures chosen at random, the same for all seeds, each 28 × 28."""
    chosen = torch.randperm(len(domain.x), generator=generator(0))[:pictures]
    return Labeled(as_bytes(resized(domain.x[chosen].float(), SIZE)), domain.y[chosen])


def in_the_source_s_frame(pair: Pair, direction: str) -> Pair:
    """The pair, with target pictures in a margin as MNIST's, or cut out of it to fill the frame as USPS's."""
    def reframed(domain: Labeled) -> Labeled:
        x = domain.x.float()
        if direction.startswith("mnist"):
            x = F.pad(resized(x, SIZE - 2 * MARGIN), (MARGIN,) * 4)
        else:
            x = resized(x[..., MARGIN:-MARGIN, MARGIN:-MARGIN], SIZE)
        return Labeled(as_bytes(x), domain.y)
    return pair._replace(target=reframed(pair.target), new_target=reframed(pair.new_target))


def resized(x: Tensor, size: int) -> Tensor:
    """Square pictures of another size."""
    return F.interpolate(x, size, mode="bilinear", antialias=True)


def as_bytes(x: Tensor) -> Tensor:
    """Pixels as whole numbers from 0 to 255."""
    return x.round().clamp(0, 255).to(torch.uint8)


if __name__ == "__main__":
    runner.run("domain_adaptation_digits", Settings(), experiment, smoke=SMOKE)
