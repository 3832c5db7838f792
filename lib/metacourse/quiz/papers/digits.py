"""What the papers on domain adaptation share: digits, clean and in bold on noise, and a small network."""
from functools import cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.data import domains
from metacourse.episode import Examples, Params
from metacourse.methods import adabn
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.training import train
from metacourse.training.reproducible import generator, seeded

STEPS, BATCH = 150, 64


class Trained(NamedTuple):
    """A network of the source, and the pictures that it was trained on."""

    network: StridedConv4
    theta: Params
    x: Tensor


@cache
def source_network(seed: int) -> Trained:
    """A classifier of clean digits with batch norm, in a few seconds."""
    source = domains.glyph_digits("clean", per_class=100, seed=2 * seed)
    x = source.x.float() / 255
    with seeded(seed):
        network = StridedConv4(16, in_channels=3, norm="batch", way=10)
    apply, theta = functional(network)

    def batch(step: int) -> Examples:
        some = torch.randint(len(x), (BATCH,), generator=generator(seed, step))
        return Examples(x[some], source.y[some])
    theta = train(lambda theta, examples: F.cross_entropy(apply(theta, examples.x), examples.y), theta, batch,
                  steps=STEPS, outer_lr=3e-3, schedule="cosine", progress=False).theta
    return Trained(network, theta, x)


@cache
def target(seed: int) -> Examples:
    """A hundred pictures of each digit in bold type on colored noise, shuffled."""
    pictures, y = domains.glyph_digits("bold_on_noise", per_class=100, seed=2 * seed + 1)
    order = torch.randperm(len(y), generator=generator(seed, 1))
    return Examples(pictures[order].float() / 255, y[order])


@torch.no_grad()
def scores(trained: Trained, x: Tensor, *, statistics: Tensor) -> Tensor:
    """Logits [image, digit], with the batch-norm statistics of other pictures."""
    apply, theta = functional(adabn.adapt(trained.network, trained.theta, [statistics]))
    return apply(theta, x)


def right(scores: Tensor, y: Tensor) -> float:
    """How many are right, in percent."""
    return 100 * (scores.argmax(-1) == y).double().mean().item()
