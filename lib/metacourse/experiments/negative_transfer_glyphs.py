"""Can pretraining hurt? Whole bodies from sources that teach the wrong thing, fitted to a new script.

Beside the sources of `transfer_layers_glyphs`: "ink" asks to which tenth of all drawings this one belongs by
its amount of ink; "stamp" deals drawings into heaps and marks each heap at the edge, so that a network learns
to overlook the drawing. Both are learned at once, and get fewer steps.
"""
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean

import torch
from torch import Tensor

from metacourse.experiments import runner, transfer_layers_glyphs, transfer_parts
from metacourse.experiments.transfer_layers_glyphs import BLOCKS, HEAPS, Cell, accuracies
from metacourse.experiments.transfer_parts import RATES, Pretraining
from metacourse.training.reproducible import generator

TENTHS = 10


@dataclass(frozen=True)
class Settings(transfer_layers_glyphs.Settings):
    """As there, and shorter trainings for what is learned at once."""

    easy: Pretraining = field(default_factory=lambda: Pretraining(steps=250, size=64))
    rates: tuple[float, ...] = RATES[1:]


SMOKE = Settings(seeds=(0,), pretraining=transfer_parts.SMOKE_PRETRAINING,
                 easy=transfer_parts.SMOKE_PRETRAINING, fitting=transfer_parts.SMOKE_FITTING, shot=2,
                 rates=(1e-2,))


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {"negative" (everything moves) | "negative, frozen": {source: {seed: score}}}; `trials`."""
    images = {split: transfer_parts.load(run, split) for split in ("train", "val", "test")}
    payload, first = {"accuracy": {}, "trials": {}}, settings.seeds[0]
    for seed in settings.seeds:
        for source in (*transfer_layers_glyphs.SOURCES, *EASY):
            theta = body(settings, source, images["train"].images, run, seed)
            for kind, frozen in (("negative", False), ("negative, frozen", True)):
                fit = partial(accuracies, settings, theta, Cell(source, BLOCKS, frozen))
                trials = payload["trials"].setdefault(kind, {})
                if seed == first:
                    trials[source] = {lr: round(fmean(fit(images["val"], seed, lr)), 4)
                                      for lr in settings.rates}
                lr = transfer_parts.best(trials[source])
                scored = transfer_parts.score(fit(images["test"], seed, lr), settings.fitting)
                payload["accuracy"].setdefault(kind, {}).setdefault(source, {})[seed] = scored
                run.say(f"seed {seed}, {kind}, {source}: {scored['accuracy']:.3f}, rate {lr}")
    return payload


def body(settings: Settings, source: str, images: Tensor, run: runner.Run, seed: int):
    """A network after pretraining on one source, from the same start for all of them."""
    if source not in EASY:
        return transfer_layers_glyphs.body(settings, source, images, run, seed)
    return transfer_parts.pretrained(settings.easy, EASY[source](images, generator(seed)), run, source,
                                     seed=seed)


def ink(images: Tensor, rng: torch.Generator) -> Tensor:
    """To which tenth does a drawing belong, from the one with the least ink to the one with the most?"""
    drawings = images.flatten(0, 1)
    order = drawings.flatten(1).sum(dim=1, dtype=torch.int64).argsort()
    return drawings[order[:len(order) // TENTHS * TENTHS]].unflatten(0, (TENTHS, -1))


def stamp(images: Tensor, rng: torch.Generator) -> Tensor:
    """In which of twenty heaps is a drawing? Dealt like cards, but each heap has a mark at its own place."""
    heaps = transfer_layers_glyphs.random_labels(images, rng).clone()
    for heap, drawings in enumerate(heaps):
        row, column = heap // (HEAPS // 2), heap % (HEAPS // 2)
        top, left = row * (drawings.shape[-2] - 2), 2 * column + 4
        drawings[..., top:top + 2, left:left + 2] = 255
    return heaps


EASY = {"ink": ink, "stamp": stamp}


if __name__ == "__main__":
    runner.run("negative_transfer_glyphs", Settings(), experiment, smoke=SMOKE)
