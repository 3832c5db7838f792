"""What experiments on few-shot images share: data, batches by step number, and numbers for a results file."""
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from metacourse.data import glyphs, omniglot
from metacourse.data.imageset import ImageSet
from metacourse.data.sampling import sample_episodes, test_episodes
from metacourse.episode import Episode, Examples, Params
from metacourse.experiments.runner import Run
from metacourse.methods import protonet
from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from metacourse.training import Evaluation, History, evaluate
from metacourse.training.reproducible import generator, seeded

SPLITS = ("train", "val", "test")
SMALL_SCRIPTS = {"train": ("Digits", "Letterlike Symbols"), "val": ("Ogham",), "test": ("N'Ko", "Old Italic")}


def load_glyphs(run: Run) -> dict[str, ImageSet]:
    """C_train, C_val and C_test: characters of disjoint sets of scripts; of small scripts in a smoke run."""
    few = SMALL_SCRIPTS if run.smoke else {}
    return {split: glyphs.load(split, scripts=few.get(split)).to(run.device) for split in SPLITS}


def load_omniglot(run: Run) -> dict[str, ImageSet]:
    """The split of Vinyals et al. (2016), where only training classes are also turned; from `run.data`."""
    return {split: omniglot.load(run.data, split=split, rotations=split == "train").to(run.device)
            for split in SPLITS}


def some_classes(images: Tensor, classes: int, seed: int) -> Tensor:
    """So many classes, chosen at random; of one seed, smaller choices are part of larger ones."""
    return images[torch.randperm(len(images), generator=generator(seed))[:classes]]


def network(seed: int, **shape):
    """(apply, theta) of a freshly drawn Conv4."""
    with seeded(seed):
        return functional(Conv4(**shape))


def batches(images: Tensor, *, seed: int, **shape) -> Callable[[int], Episode]:
    """batch(step): the meta-batch of this seed and step, whenever it is asked for."""
    return lambda step: sample_episodes(images, rng=generator(seed, step), **shape)


@torch.no_grad()
def embedded(embed: Callable, theta: Params, images: Tensor) -> Tensor:
    """Every picture of [class, drawing, C, H, W] embedded once: [class, drawing, dim]. Not for batch norm."""
    return torch.cat([embed(theta, some.float() / 255) for some in images.split(100)])


def nearest_prototype(support: Examples, z_query: Tensor) -> Tensor:
    """`protonet.predict` where pictures are embedded already."""
    return protonet.log_probs(z_query, protonet.prototypes(support.x))


def evaluate_prototypes(z: Tensor, **episodes) -> Evaluation:
    """What `evaluate` of `protonet.predict` gives on the same episodes of pictures, but much faster."""
    return evaluate(nearest_prototype, test_episodes(z, **episodes))


def score(evaluation: Evaluation) -> dict:
    """An evaluation as a results file keeps it."""
    return {"accuracy": round(evaluation.accuracy, 5), "interval": round(evaluation.interval, 5),
            "episodes": len(evaluation.per_episode), "chance": round(evaluation.chance, 5),
            "policy": evaluation.policy}


def curve(history: History, points: int = 100) -> dict:
    """A training run as a results file keeps it: the loss in `points` means, and every validation."""
    parts = history.loss.tensor_split(min(points, len(history.loss)))
    return {"steps": len(history.loss), "loss": [round(part.mean().item(), 4) for part in parts],
            "validation": [[step, round(value, 4)] for step, value in history.validation],
            "best_step": history.best_step, "seconds": round(history.seconds, 1), "stopped": history.stopped}


def spread(values: Mapping[int, float]) -> dict:
    """Mean and standard deviation of a number over training seeds."""
    numbers = torch.tensor(list(values.values()), dtype=torch.float64)
    deviation = numbers.std(correction=1).item() if len(numbers) > 1 else 0.0
    return {"mean": round(numbers.mean().item(), 5), "std": round(deviation, 5), "seeds": len(numbers)}
