"""What transfers? A network that knows many characters is copied, from its first blocks on, to a new script.

The copied blocks stay as they are ("frozen") or move with the rest ("tuned"). Then the other side: whole
bodies from sources that hurt. Rates are chosen on validation scripts, with the first seed.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from typing import NamedTuple

import torch
from torch import Tensor

from metacourse.data.imageset import ImageSet
from metacourse.episode import Params
from metacourse.experiments import runner, transfer_parts
from metacourse.experiments.transfer_parts import RATES, Fitting, Pretraining
from metacourse.methods import finetuning, losses
from metacourse.training.reproducible import generator

BLOCKS = 4                                      # of the network, without its head
HEAPS = 20                                      # of the source whose labels mean nothing


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization, of training, and of the target tasks
    pretraining: Pretraining = field(default_factory=Pretraining)
    fitting: Fitting = field(default_factory=Fitting)
    shot: int = 5                               # drawings of each new character to learn from
    rates: tuple[float, ...] = RATES[1:]


SMOKE = Settings(seeds=(0,), pretraining=transfer_parts.SMOKE_PRETRAINING,
                 fitting=transfer_parts.SMOKE_FITTING, shot=2, rates=(1e-3, 1e-2))


class Cell(NamedTuple):
    """One thing that is measured: so many blocks of one source are copied, and stay or move."""

    source: str
    blocks: int
    frozen: bool


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {"frozen" | "tuned": {blocks copied: {seed: score}}}, and of whole bodies from other sources
    {"negative" (everything moves) | "negative, frozen": {source: {seed: score}}}; `trials` alike."""
    images = {split: transfer_parts.load(run, split) for split in ("train", "val", "test")}
    first, trials, scores = settings.seeds[0], {}, {}
    for seed in settings.seeds:
        bodies = {source: body(settings, source, images["train"].images, run, seed) for source in SOURCES}
        for cell in dict.fromkeys(cell for _, _, cell in places()):
            fit = partial(accuracies, settings, bodies[cell.source], cell)
            if seed == first:
                trials[cell] = {lr: round(fmean(fit(images["val"], seed, lr)), 4) for lr in settings.rates}
            lr = transfer_parts.best(trials[cell])
            scored = transfer_parts.score(fit(images["test"], seed, lr), settings.fitting)
            scores.setdefault(cell, {})[seed] = scored
            run.say(f"seed {seed}, {cell}: {scored['accuracy']:.3f}, rate {lr}")
    return {"accuracy": in_place(scores), "trials": in_place(trials)}


def places() -> list[tuple[str, str, Cell]]:
    """Where in the results each cell stands; without a copied block nothing can be frozen."""
    layers = [(kind, str(k), Cell("characters", k, kind == "frozen" and k > 0))
              for kind in ("frozen", "tuned") for k in range(BLOCKS + 1)]
    whole = [("negative" + ", frozen" * frozen, source, Cell(source, BLOCKS, frozen))
             for frozen in (False, True) for source in SOURCES]
    return layers + whole


def in_place(found: dict[Cell, dict]) -> dict:
    """What was found, as the results keep it."""
    kept = {}
    for kind, what, cell in places():
        kept.setdefault(kind, {})[what] = found[cell]
    return kept


def body(settings: Settings, source: str, images: Tensor, run: runner.Run, seed: int) -> Params:
    """A network after pretraining on one source, from the same start for all of them."""
    pictures = SOURCES[source](images, generator(seed))
    if pictures is None:
        return transfer_parts.network(settings.pretraining.channels, 2, seed)[1]
    return transfer_parts.pretrained(settings.pretraining, pictures, run, source.replace(" ", "_"), seed=seed)


def characters(images: Tensor, rng: torch.Generator) -> Tensor:
    """Which character is it?"""
    return images


def random_labels(images: Tensor, rng: torch.Generator) -> Tensor:
    """In which of twenty heaps is a drawing? They were dealt like cards: there is nothing to understand."""
    drawings = images.flatten(0, 1)
    dealt = drawings[torch.randperm(len(drawings), generator=rng)[:len(drawings) // HEAPS * HEAPS]]
    return dealt.unflatten(0, (HEAPS, -1))


def shuffled_pixels(images: Tensor, rng: torch.Generator) -> Tensor:
    """Which character is it, if the pixels of all drawings were moved about, all in the same way?"""
    order = torch.randperm(images[0, 0].numel(), generator=rng)
    return images.flatten(2)[..., order].view_as(images)


def nothing(images: Tensor, rng: torch.Generator) -> None:
    """No source: the network stays as it was drawn."""


SOURCES: dict[str, Callable] = {"characters": characters, "nothing": nothing, "random labels": random_labels,
                                "shuffled pixels": shuffled_pixels}


def accuracies(settings: Settings, source: Params, cell: Cell, images: ImageSet, seed: int,
               lr: float) -> list[float]:
    """Accuracy on each target task of a seed. Of one seed, tasks and fresh parts are the same for all."""
    found, fitting = [], settings.fitting
    for number in transfer_parts.numbers(fitting, seed):
        pictures = transfer_parts.target(images, fitting.way, number)
        apply, fresh = transfer_parts.network(settings.pretraining.channels, fitting.way, seed=1000 + number)
        names = finetuning.blocks(fresh)
        theta = finetuning.copied(fresh, source, names[:cell.blocks])
        moving = names[cell.blocks:] if cell.frozen else names
        phi = transfer_parts.fitted(losses.cross_entropy(apply), theta, pictures, settings.shot, fitting,
                                    number, finetuning.rates(theta, moving, lr=lr))
        found.append(transfer_parts.judged(apply, phi, pictures, fitting))
    return found


if __name__ == "__main__":
    runner.run("transfer_layers_glyphs", Settings(), experiment, smoke=SMOKE)
