"""How networks are pretrained with and without labels, how they are judged, and pairs that a mirror swaps."""
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from metacourse.data.sampling import test_episodes
from metacourse.episode import Examples, Params
from metacourse.experiments import few_shot
from metacourse.experiments.distillation_parts import score
from metacourse.methods import logistic, moco, simclr, simple_shot, supervised
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.models.strided import StridedConv4
from metacourse.models.together import together
from metacourse.training import evaluate
from metacourse.training.reproducible import generator, seeded

HEAD = 64                                       # dimensions of the projection, which is thrown away
QUEUE = 1024                                    # vectors that MoCo differs from
ALIKE = 0.95                                    # correlation of a blurred picture with another's mirror image
Images = Shaped[Tensor, "class drawing *item"]


class Pretraining(NamedTuple):
    """What `run.train` needs for one way to pretrain, and the embedding that is left afterwards."""

    embed: Callable
    theta: Params
    loss: Callable
    batch: Callable[[int], object]
    memory: moco.MoCo | None = None             # of MoCo: what it changes after every step


def build(kind: str, images: Images, seed: int, *, channels: int, size: int, view: Callable,
          temperature: float = 0.1, momentum: float = 0.9) -> Pretraining:
    """"supervised", "simclr" or "moco": each sees 2 · `size` views a step, of half as many pictures or, with
    labels, of as many."""
    with seeded(seed):
        body = StridedConv4(channels)
        embed, project, both = together(body, project=MLP([body.dim, body.dim, HEAD]))

    def views(step: int) -> simclr.Views:
        return simclr.batch(images, size=size, view=view, rng=generator(seed, step))

    def labeled(step: int) -> Examples:
        rng = generator(seed, step)
        x, y, _ = supervised.batch(images, size=2 * size, rng=rng)
        return Examples(view(x, rng=rng), y)
    match kind:
        case "supervised":
            alone, theta = functional(body)
            theta = supervised.with_head(theta, classes=len(images), dim=body.dim, rng=generator(seed))
            return Pretraining(embed, theta, partial(supervised.loss, alone), labeled)
        case "simclr":
            loss = partial(simclr.loss, embed, project, temperature=temperature)
            return Pretraining(embed, both, loss, views)
        case "moco":
            method = moco.MoCo(embed, project, {name: p.to(images.device) for name, p in both.items()},
                               queue=QUEUE, momentum=momentum, temperature=temperature)
            return Pretraining(embed, both, method.loss, views, method)
    raise ValueError(f"kind={kind!r}; wanted 'supervised', 'simclr' or 'moco'")


class Embedding(NamedTuple):
    """A pretrained network, and the mean of its features on pictures that it was trained on."""

    embed: Callable
    theta: Params
    center: Float[Tensor, " dim"]

    def __call__(self, images: Images) -> Float[Tensor, "class drawing dim"]:
        """Features of all pictures, centered and of length 1."""
        return simple_shot.transform(few_shot.embedded(self.embed, self.theta, images), self.center)


def embedding(embed: Callable, theta: Params, images: Images) -> Embedding:
    """With its center: the first drawing of every class that was trained on."""
    return Embedding(embed, theta, simple_shot.center(few_shot.embedded(embed, theta, images[:, :1])))


def untrained(images: Images, seed: int, channels: int) -> Embedding:
    """The network that this seed's pretrainings begin with."""
    with seeded(seed):
        embed, theta = functional(StridedConv4(channels))
    return embedding(embed, {name: p.to(images.device) for name, p in theta.items()}, images)


def nearest_mean(z: Float[Tensor, "class drawing dim"], episodes: int, **shape) -> dict:
    """5-way 1-shot by the nearest class mean, where `shape` says nothing else."""
    return few_shot.score(evaluate(few_shot.nearest_prototype, test_episodes(z, episodes=episodes, **shape)))


def linear_probe(z: Float[Tensor, "class drawing dim"], classes: int, c: float) -> dict:
    """Logistic regression on half of the drawings of so many classes at once, judged on the other half."""
    z = few_shot.some_classes(z, classes, seed=0)
    half, y = z.shape[1] // 2, torch.arange(len(z), device=z.device)[:, None]
    scores = logistic.predict(lambda _, z: z, {}, Examples(z[:, :half], y.expand(-1, half)),
                              z[:, half:].flatten(0, 1), c=c)
    right = scores.argmax(-1).view(len(z), -1) == y
    return {**score(right), "classes": len(z), "chance": round(1 / len(z), 5)}


def mirrored_pairs(printed: Shaped[Tensor, "class 1 height width"]) -> Int[Tensor, "pair 2"]:
    """Different characters of which one, mirrored, is nearly the other: as b and d. Pictures are printed."""
    x = F.avg_pool2d(printed.float(), 3, stride=1, padding=1)
    z, mirrored = (F.normalize(some.flatten(1) - some.flatten(1).mean(1, keepdim=True), dim=-1)
                   for some in (x, x.flip(-1)))
    swapped, same = mirrored @ z.T > ALIKE, z @ z.T > ALIKE
    return (swapped & ~same).triu(1).nonzero()


def pairs_told_apart(embedding: Embedding, images: Images, pairs: Int[Tensor, "pair 2"],
                     episodes: int) -> dict:
    """2-way 1-shot accuracy on episodes of one pair each; chance is one half."""
    z = embedding(images[pairs.flatten()])
    group = torch.arange(len(pairs)).repeat_interleave(2)
    return nearest_mean(z, episodes, way=2, groups=group)
