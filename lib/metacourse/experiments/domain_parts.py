"""What experiments on two domains share: pairs of domains, one training for every method, and judging."""
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from metacourse.data import domains
from metacourse.data.domains import Labeled
from metacourse.episode import Examples, Params
from metacourse.experiments.runner import Run
from metacourse.methods import adabn, coral, dann, logistic, mmd, two_domains
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.models.strided import StridedConv4
from metacourse.models.together import together
from metacourse.training.reproducible import generator, seeded

METHODS = ("source_only", "dann", "coral", "mmd", "oracle")
CLASSES = 10
CHOSEN = {                                      # by the trials of domain_adaptation_glyphs; a test compares
    "source_only": {"outer_lr": 1e-2}, "dann": {"outer_lr": 1e-2}, "oracle": {"outer_lr": 1e-2},
    "coral": {"weight": 100.0}, "mmd": {"weight": 1.0},
}


@dataclass(frozen=True)
class Training:
    """The same for all methods, but for what trials choose."""

    channels: int = 32                          # of a StridedConv4
    in_channels: int = 3
    norm: str = "batch"                         # each domain by its own statistics; or "group": none
    hidden: int = 100                           # units of the domain head
    pictures: int = 64                          # of each domain, in a step
    steps: int = 500
    outer_lr: float = 3e-3                      # falls to 0
    reversal: float = 1.0                       # λ at the end; DANN's schedule leads there from 0
    weight: float = 1.0                         # of CORAL's and MMD's distance


class Pair(NamedTuple):
    """A labeled source, a target whose labels only oracles use, and new pictures of both to judge on."""

    source: Labeled
    target: Labeled
    new_source: Labeled
    new_target: Labeled


class Batch(NamedTuple):
    source: Examples
    target: Examples
    progress: float                             # the part of training that is done, from 0 to 1


class Network(NamedTuple):
    """Three functions of one θ, and the module that the first was made of."""

    body: nn.Module
    embed: Callable
    classify: Callable
    domain: Callable
    theta: Params


def glyph_pair(kind: str, *, per_class: int, test_per_class: int, seed: int = 0) -> Pair:
    """Clean digits, and a target as `domains.LOOKS` shows it; new pictures come from other random numbers."""
    return Pair(*domains.glyph_pair(kind, per_class=per_class, seed=2 * seed),
                *domains.glyph_pair(kind, per_class=test_per_class, seed=2 * seed + 1))


def move(pair: Pair, run: Run) -> Pair:
    """The pair on the device of the run."""
    return Pair(*(Labeled(domain.x.to(run.device), domain.y.to(run.device)) for domain in pair))


def network(training: Training, seed: int) -> Network:
    """Freshly drawn, and of one seed the same for all methods."""
    with seeded(seed):
        body = StridedConv4(training.channels, in_channels=training.in_channels, norm=training.norm)
        heads = dict(classify=MLP([body.dim, CLASSES]), domain=MLP([body.dim, training.hidden, 1]))
    return Network(body, *together(body, **heads))


def batches(pair: Pair, training: Training, seed: int) -> Callable[[int], Batch]:
    """batch(step): pictures of both domains, drawn with replacement."""
    def batch(step: int) -> Batch:
        rng = generator(seed, step)
        return Batch(*(some(domain, training.pictures, rng) for domain in (pair.source, pair.target)),
                     step / training.steps)
    return batch


def some(domain: Labeled, pictures: int, rng: torch.Generator) -> Examples:
    """So many pictures of a domain."""
    chosen = torch.randint(len(domain.x), (pictures,), generator=rng).to(domain.x.device)
    return Examples(as_floats(domain.x[chosen]), domain.y[chosen])


def as_floats(x: Tensor) -> Tensor:
    """Pixels from 0 to 1."""
    return x.float() / 255


def losses(net: Network, training: Training) -> dict[str, Callable]:
    """loss(θ, batch) of every method. Only the oracle reads the target's labels, and it reads no others."""
    def on(domain: str) -> Callable:
        def loss(theta: Params, batch: Batch) -> Tensor:
            x, y = getattr(batch, domain)[:2]
            return two_domains.classification(net.classify, theta, net.embed(theta, x), y)
        return loss

    def adversarial(theta: Params, batch: Batch) -> Tensor:
        reversal = training.reversal * dann.schedule(batch.progress)
        return dann.loss(net.embed, net.classify, net.domain, theta, batch.source, batch.target.x,
                         reversal=reversal)

    def aligned(method) -> Callable:
        return lambda theta, batch: method.loss(net.embed, net.classify, theta, batch.source, batch.target.x,
                                                weight=training.weight)
    return {"source_only": on("source"), "oracle": on("target"), "dann": adversarial,
            "coral": aligned(coral), "mmd": aligned(mmd)}


def trained(method: str, pair: Pair, training: Training, run: Run, *, seed: int, label: str,
            chosen: dict | None = None) -> Network:
    """The network as one method leaves it; `chosen`, or else CHOSEN, replaces settings of the training."""
    training = replace(training, **(CHOSEN[method] if chosen is None else chosen))
    net = network(training, seed)
    theta, _ = run.train(f"{label}_{method}_seed{seed}", losses(net, training)[method], net.theta,
                         batches(pair, training, seed), steps=training.steps, outer_lr=training.outer_lr,
                         schedule="cosine", validate_every=training.steps)
    return net._replace(theta=theta)


@torch.no_grad()
def features(net: Network, x: Tensor, *, like: Tensor) -> Float[Tensor, "image dim"]:
    """z of pictures; batch norm, where there is any, has the statistics of the pictures `like`."""
    embed = partial(net.embed, net.theta)
    if any(isinstance(layer, nn.BatchNorm2d) for layer in net.body.modules()):
        embed = partial(*functional(adabn.adapt(net.body, net.theta, [as_floats(like)])))
    return torch.cat([embed(as_floats(part)) for part in x.split(1000)])


def scores(net: Network, z: Tensor) -> Float[Tensor, "image class"]:
    """Of the classes, for features."""
    with torch.no_grad():
        return net.classify(net.theta, z)


def right(net: Network, z: Tensor, y: Tensor) -> Tensor:
    """Which images are classified rightly."""
    return scores(net, z).argmax(1) == y


def told_apart(z_source: Tensor, z_target: Tensor, most: int = 500) -> float:
    """How often a new classifier, logistic regression, names the domain: half of the features teach it.

    The domain head was trained against an embedding that ran away from it; this one comes when all is done.
    It sees the direction of z, not its length.
    """
    rng, known = generator(0), min(most, len(z_source) // 2, len(z_target) // 2)
    mixed = torch.stack([z[torch.randperm(len(z), generator=rng)[:2 * known].to(z.device)]
                         for z in (z_source, z_target)])
    support = Examples(mixed[:, :known], torch.arange(2)[:, None].expand(2, known))
    answers = logistic.predict(lambda theta, z: z, {}, support, mixed[:, known:].flatten(0, 1))
    answers = answers.argmax(1).view(2, known)
    return float((answers == torch.arange(2, device=answers.device)[:, None]).double().mean())


def score(net: Network, pair: Pair, *, like: Tensor | None = None) -> dict:
    """Accuracies on new pictures as a results file keeps them, of the target first.

    Batch norm takes each domain's own statistics; with `like`, the target is seen by those of `like`.
    """
    like = pair.target.x if like is None else like
    z_source = features(net, pair.new_source.x, like=pair.source.x)
    z_target = features(net, pair.new_target.x, like=like)
    correct = right(net, z_target, pair.new_target.y).double()
    accuracy = correct.mean().item()
    by_class = [correct[pair.new_target.y == k].mean().item() for k in pair.new_target.y.unique()]
    half = 1.96 * (accuracy * (1 - accuracy) / len(correct)) ** 0.5
    return {"accuracy": round(accuracy, 5), "interval": round(half, 5),
            "by_class": round(sum(by_class) / len(by_class), 5),
            "source": round(right(net, z_source, pair.new_source.y).double().mean().item(), 5),
            "told_apart": round(told_apart(z_source, z_target), 5)}


def judged(method: str, net: Network, pair: Pair) -> dict:
    """A method's score: a network that was shown the source only has the source's statistics only."""
    return score(net, pair, like=pair.source.x if method == "source_only" else None)
