"""What the experiments on transfer share: a pretrained network, and new characters to fit it to."""
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Shaped
from torch import Tensor

from metacourse.data import glyphs
from metacourse.data.imageset import ImageSet
from metacourse.episode import Examples, Loss, Params
from metacourse.experiments import few_shot
from metacourse.experiments.runner import Run
from metacourse.methods import finetuning, losses, supervised
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.training.reproducible import generator, seeded

Labels = Callable[[Examples, torch.Generator], Examples]     # what a source asks about its pictures
RATES = (1e-3, 3e-3, 1e-2, 3e-2)                             # tried wherever a network is fitted


@dataclass(frozen=True)
class Pretraining:
    """Ordinary classification of all training characters; the rate falls to zero along a cosine."""

    channels: int = 32                          # of a StridedConv4 with group norm
    steps: int = 500
    size: int = 128                             # pictures a step
    outer_lr: float = 1e-2


@dataclass(frozen=True)
class Fitting:
    """The new task: some characters of one new script, a few drawings of each to learn from."""

    way: int = 20
    tests: int = 10                             # drawings of each character that judge, the last ones
    tasks: int = 2                              # for each seed, of different scripts
    steps: int = 60                             # of Adam
    size: int = 64                              # pictures a step at most


SMOKE_PRETRAINING = Pretraining(channels=8, steps=2, size=4)
SMOKE_FITTING = Fitting(way=3, tests=2, tasks=1, steps=2, size=4)


def load(run: Run, split: str, *, drawings: int = 20) -> ImageSet:
    """Characters of one split's scripts; of small scripts in a smoke run."""
    few = few_shot.SMALL_SCRIPTS if run.smoke else {}
    return glyphs.load(split, drawings=drawings, scripts=few.get(split)).to(run.device)


def network(channels: int, way: int, seed: int) -> tuple[Callable, Params]:
    """(apply, θ) of a freshly drawn network with a head for `way` classes."""
    with seeded(seed):
        return functional(StridedConv4(channels, way=way))


def pretrained(pretraining: Pretraining, images: Tensor, run: Run, label: str, *, seed: int,
               classes: int | None = None, labels: Labels | None = None) -> Params:
    """θ after classifying the characters, or after answering whatever `labels` asks about their pictures."""
    apply, theta = network(pretraining.channels, classes or len(images), seed)

    def batch(step: int) -> Examples:
        rng = generator(seed, step)
        drawn = supervised.batch(images, size=pretraining.size, rng=rng)
        return labels(drawn, rng) if labels else drawn
    return run.train(f"{label}_seed{seed}", losses.cross_entropy(apply), theta, batch,
                     steps=pretraining.steps, outer_lr=pretraining.outer_lr, schedule="cosine").theta


def target(images: ImageSet, way: int, number: int) -> Shaped[Tensor, "way drawing *item"]:
    """Pictures of `way` classes of one group, each large one in its turn (of any, where none is)."""
    large = [group for group, size in Counter(images.groups).items() if size >= way]
    if large:
        images = images.of_group(large[number % len(large)])
    return few_shot.some_classes(images.images, way, seed=number)


def numbers(fitting: Fitting, seed: int) -> range:
    """The target tasks of one seed."""
    return range(seed * fitting.tasks, (seed + 1) * fitting.tasks)


def batches(pictures: Tensor, shot: int, fitting: Fitting, number: int) -> Callable[[int], Examples]:
    """batch(step) of the first `shot` drawings of each class: all of them, or as many as a step may see."""
    few = pictures[:, :shot]
    size = min(fitting.size, len(few) * shot)
    return lambda step: supervised.batch(few, size=size, rng=generator(number, step))


@torch.no_grad()
def judged(apply: Callable, theta: Params, pictures: Tensor, fitting: Fitting) -> float:
    """Accuracy on the last drawings, which no fitting has seen."""
    held = pictures[:, -fitting.tests:].float() / 255
    return (apply(theta, held).argmax(-1) == torch.arange(len(held), device=held.device)[:, None]) \
        .double().mean().item()


def fitted(loss: Loss, theta: Params, pictures: Tensor, shot: int, fitting: Fitting, number: int,
           rates: finetuning.Rates | Callable[[int], finetuning.Rates]) -> Params:
    """θ after the steps of one target task."""
    return finetuning.fit(loss, theta, batches(pictures, shot, fitting, number), steps=fitting.steps,
                          rates=rates)


def score(values: Sequence[float], fitting: Fitting) -> dict:
    """Mean accuracy over a seed's target tasks. Its interval takes the judged drawings for independent."""
    mean = sum(values) / len(values)
    judged = len(values) * fitting.way * fitting.tests
    return {"accuracy": round(mean, 5), "interval": round(1.96 * (mean * (1 - mean) / judged) ** 0.5, 5),
            "tasks": len(values), "chance": round(1 / fitting.way, 5), "policy": "inductive"}


def best(tried: Mapping[float, float]) -> float:
    """The trial with the highest validation accuracy, the first one where several have it."""
    return max(tried, key=tried.__getitem__)
