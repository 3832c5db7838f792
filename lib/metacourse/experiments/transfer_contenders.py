"""The contenders of section 4.6: the best of chapters 2 and 3, SimCLR, and fine-tuning."""
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor

from metacourse.episode import Loss, Params
from metacourse.experiments import few_shot, fitted_tasks
from metacourse.experiments.contender import Common, Contender, Rule, backbone, network
from metacourse.experiments.contenders import BUILD as BEFORE
from metacourse.experiments.contenders import CENTER
from metacourse.methods import finetuning, losses, simclr, simple_shot, supervised, views
from metacourse.models.mlp import MLP
from metacourse.models.together import together
from metacourse.training.reproducible import generator, seeded

PROJECTED = 64                                  # numbers that SimCLR's head gives


def without_labels(common: Common, images: Tensor, seed: int, *, temperature: float) -> Contender:
    """SimCLR on the training pictures; then the nearest mean, centered and normalized, as SimpleShot."""
    body = network(common, seed)
    with seeded(seed, 1):
        embed, project, theta = together(body, project=MLP([body.dim, body.dim, PROJECTED]))

    def batch(step: int) -> simclr.Views:
        return simclr.batch(images, size=common.pictures // 2, view=views.glyphs, rng=generator(seed, step))

    def nearest_mean(given: Callable, theta: Params) -> Callable:
        center = simple_shot.center(few_shot.embedded(embed, theta, images[:, :CENTER]))
        return partial(simple_shot.predict, given, theta, center=center)
    loss = partial(simclr.loss, embed, project, temperature=temperature)
    return Contender(theta, {"simclr": Rule(nearest_mean)}, embed, loss, batch)


def with_labels(common: Common, images: Tensor, seed: int) -> Contender:
    """A classifier of all training classes; of its rules, those that leave the network as it is."""
    contender = BEFORE["supervised"](common, images, seed)
    rules = {name: contender.rules[name] for name in ("simple_shot", "logistic")}
    return contender._replace(rules=rules)


BUILD = {"protonet_ways": BEFORE["protonet_ways"], "anil": BEFORE["anil"], "supervised": with_labels,
         "simclr": without_labels, "pixels": BEFORE["pixels"]}


class Fitting(NamedTuple):
    """How a network is fitted to a test task."""

    apply: Callable                             # scores of pictures, or of features
    starts: fitted_tasks.Starts
    loss: Loss
    rates: Callable[[float], finetuning.Rates]  # of a learning rate
    pictures: bool = True                       # or features of the frozen network


def fitting(rule: str, common: Common, theta: Params, seed: int) -> Fitting:
    """One of FITTED. θ is the supervised network, whose head is thrown away; "scratch" begins without it."""
    apply, fresh = backbone(common, seed, way=common.way)
    head = {name: p for name, p in fresh.items() if name.startswith(supervised.HEAD)}
    if rule == "head":                                   # the body is frozen: its features suffice
        return Fitting(linear, fitted_tasks.repeated(head), losses.cross_entropy(linear),
                       lambda lr: dict.fromkeys(head, lr), pictures=False)
    start = fitted_tasks.repeated({**supervised.body(theta), **head})
    if rule == "scratch":
        number = count(1_000_000 * (seed + 1))           # a seed for each task
        start = fitted_tasks.drawn(lambda: backbone(common, next(number), way=common.way)[1])
    decay = finetuning.DECAY if rule == "layerwise" else 1.0
    return Fitting(apply, start, losses.cross_entropy(apply),
                   lambda lr: finetuning.rates(fresh, finetuning.blocks(fresh), lr=lr, decay=decay))


def linear(theta: Params, z: Tensor) -> Tensor:
    """Scores of features by a linear head."""
    return F.linear(z, theta[f"{supervised.HEAD}weight"], theta[f"{supervised.HEAD}bias"])


FITTED = {"head": (1e-2, 3e-2, 1e-1), "finetune": (1e-3, 3e-3, 1e-2), "layerwise": (3e-3, 1e-2, 3e-2),
          "scratch": (3e-3, 1e-2, 3e-2)}        # the rates that are tried
