"""Frozen features of a network that has seen a million photographs, and the nearest mean: no training at all.

Beside them our own pretrained body (of `finetuning_glyphs`) and raw pixels, on the same episodes. What each
has seen in pretraining is said with its numbers: only new scripts and Omniglot are new to all of them.

The features of twenty new characters travel with the library, one byte a number, for a notebook to use.
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float, Int8
from torch import Tensor
from torchvision import models

from metacourse import results
from metacourse.data import omniglot, quickdraw
from metacourse.data.imageset import ImageSet
from metacourse.data.sampling import test_episodes
from metacourse.episode import Params
from metacourse.experiments import few_shot, runner, transfer_parts
from metacourse.methods import simple_shot
from metacourse.models.backbones import backbone
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.training import evaluate
from metacourse.training.reproducible import generator

Embed = Callable[[Tensor], Tensor]
ANOTHER_THING = ("guinea pig", "Komodo dragon")     # of ImageNet: no pig, no dragon


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0,)               # of the choice of classes; nothing is trained
    network: str = "efficientnet_lite0"
    pretrained: bool = True
    size: int = 96                              # pixels of a side, enlarged from 28
    channels: int = 32                          # of our own body
    classes: int = 100                          # of each data set at most
    base: tuple[int, int] = (60, 3)             # training classes and drawings whose mean is taken away
    shots: tuple[int, ...] = (1, 5)
    test_episodes: int = 600                    # 5-way
    kept: int = 20                              # new characters whose features go into the weights file
    real: bool = True                           # test on Omniglot and Quick, Draw!, too


SMOKE = Settings(network="mobilenet_v3_small", pretrained=False, size=32, channels=8, classes=6, base=(3, 2),
                 shots=(1,), test_episodes=3, kept=6, real=False)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {features: {data: {shot: score}}}, what was `seen`, `kept` characters, and the `overlap`."""
    embeds = {settings.network: wide(settings, run), "characters": own(settings), "pixels": flat}
    payload = {"accuracy": {name: {} for name in embeds}, "seen": {}, "kept": {}, "overlap": {},
               "dim": {name: embed(torch.zeros(1, 1, 28, 28)).shape[1] for name, embed in embeds.items()}}
    for data, (base, tests) in data_sets(settings, run).items():
        base = few_shot.some_classes(base.images, settings.base[0], 0)[:, :settings.base[1]]
        chosen = torch.randperm(len(tests.names), generator=generator(settings.seeds[0]))[:settings.classes]
        tests = tests.subset(chosen)
        payload["overlap"][data] = seen_names(tests.names) if data == "quickdraw" else []
        for name, embed in embeds.items():
            z, mean = features(embed, tests.images), simple_shot.center(features(embed, base))
            payload["accuracy"][name][data] = {shot: scored(settings, z, mean, shot)
                                               for shot in settings.shots}
            payload["seen"].setdefault(name, {})[data] = seen(name, data, payload["overlap"][data])
            run.say(f"{name}, {data}: {payload['accuracy'][name][data]}")
            if (name, data) == (settings.network, "glyphs"):
                payload["kept"] = keep(settings, run, tests, z, mean)
    return payload


def wide(settings: Settings, run: runner.Run) -> Embed:
    """The published network, frozen."""
    return backbone(settings.network, pretrained=settings.pretrained, size=settings.size).eval()


def own(settings: Settings) -> Embed:
    """The body that classified our training scripts, as `finetuning_glyphs` left it."""
    apply, fresh = functional(StridedConv4(settings.channels))
    theta = results.weights("finetuning_glyphs")
    return partial(apply, {name: theta[name] for name in fresh} if theta else fresh)


def flat(x: Tensor) -> Tensor:
    """The pixels themselves."""
    return x.flatten(1)


def data_sets(settings: Settings, run: runner.Run) -> dict[str, tuple[ImageSet, ImageSet]]:
    """Base classes, of which only a mean is taken, and classes to test on."""
    sets = {"glyphs": (transfer_parts.load(run, "train"), transfer_parts.load(run, "test"))}
    if settings.real:
        sets["omniglot"] = (omniglot.load(run.data, split="train"), omniglot.load(run.data, split="test"))
        sets["quickdraw"] = (quickdraw.load(run.data, split="train"), quickdraw.load(run.data, split="test"))
    return sets


@torch.no_grad()
def features(embed: Embed, images: Tensor) -> Float[Tensor, "class drawing dim"]:
    """Every picture embedded once, on the CPU: all that follows costs next to nothing."""
    return torch.stack([embed(drawings.float() / 255) for drawings in images])


def scored(settings: Settings, z: Tensor, mean: Tensor, shot: int) -> dict:
    """5-way accuracy of SimpleShot, centered by base classes; the same episodes for all features."""
    predict = partial(simple_shot.predict, lambda theta, z: z, {}, center=mean)
    queries = min(15, z.shape[1] - shot)
    return few_shot.score(evaluate(predict, test_episodes(z, episodes=settings.test_episodes, shot=shot,
                                                          queries=queries)))


def keep(settings: Settings, run: runner.Run, tests: ImageSet, z: Tensor, mean: Tensor) -> dict:
    """Write the features of some new characters, and tell which; the accuracy is what came back scores."""
    some = slice(settings.kept)
    results.save_weights(run.name, packed(simple_shot.transform(z[some], mean)))
    again = unpacked(results.weights(run.name))
    return {"names": list(tests.names[some]),
            **{shot: scored(settings, again, torch.zeros(again.shape[-1]), shot) for shot in settings.shots}}


def packed(z: Float[Tensor, "class drawing dim"]) -> dict[str, Int8[Tensor, "class drawing dim"] | Tensor]:
    """Features as whole numbers from -127 to 127, and what one of them is worth."""
    unit = z.abs().max() / 127
    return {"z": (z / unit).round().to(torch.int8), "unit": unit}


def unpacked(weights: Params) -> Float[Tensor, "class drawing dim"]:
    """Features, as good as they were."""
    return weights["z"].float() * weights["unit"]


def seen(name: str, data: str, overlap: Sequence[str]) -> str:
    """What a network has met of the classes that it is tested on."""
    if name in ("pixels", "characters"):
        return "none of these classes"
    if data == "quickdraw":
        return f"has seen these classes: photographs of {len(overlap)} of them"
    return "none of these classes, though photographs may hold writing"


def seen_names(names: Sequence[str]) -> list[str]:
    """Those that ImageNet has a class for: of that name, or with it as its last word ("tabby cat")."""
    known = [entry.lower() for entry in imagenet() if entry not in ANOTHER_THING]
    ends = {entry.split(" ")[-1] for entry in known}
    return [name for name in names if name.lower() in {*known, *ends}]


def imagenet() -> list[str]:
    """The names of its 1000 classes."""
    return models.ResNet18_Weights.DEFAULT.meta["categories"]


if __name__ == "__main__":
    runner.run("foundation_features", Settings(), experiment, smoke=SMOKE)
