"""The nine methods of a full run as learners: a start, a loss and batches to train it, and how it answers.

Methods that compare pictures have group norm, which sees each picture alone (inductive). Methods that adapt
by gradients have the batch norm of their papers, which lets queries of a test see each other (transductive).
"""
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from torch import Tensor, nn

from metacourse.data.sampling import sample_episodes
from metacourse.episode import Episode, Params
from metacourse.experiments import starts
from metacourse.experiments.contender import at_once
from metacourse.experiments.full_run_recipes import Recipe
from metacourse.methods import (
    anil,
    losses,
    maml,
    maml_plus_plus,
    matching,
    protonet,
    relation,
    reptile,
    siamese,
)
from metacourse.models.conv4 import Conv4
from metacourse.models.fast_conv4 import FastConv4
from metacourse.models.functional import functional
from metacourse.models.relation_head import Maps, RelationHead
from metacourse.models.strided import StridedConv4
from metacourse.models.together import together
from metacourse.training.evaluate import Predict
from metacourse.training.reproducible import generator, seeded

LARGE = 32                                      # pixels of a side, above which maps are pooled four times
OVER = "vmap"                                   # tasks; for strided networks also faster on a CPU


class Learner(NamedTuple):
    """What `run.train` needs, and `predict(theta)`, a function of (support, x_query)."""

    theta: Params
    loss: Callable
    batch: Callable[[int], Any]
    predict: Callable[[Params], Predict]


def episodes(recipe: Recipe, images: Tensor, seed: int) -> Callable[[int], Episode]:
    """batch(step) of training tasks, with as many queries as the drawings of a class allow."""
    queries = min(recipe.queries, images.shape[1] - recipe.shot)
    return lambda step: sample_episodes(images, tasks=recipe.tasks, way=min(recipe.way, len(images)),
                                        shot=recipe.shot, queries=queries, rng=generator(seed, step))


def network(kind: type[nn.Module], recipe: Recipe, images: Tensor, seed: int, **shape) -> nn.Module:
    """A network for these pictures, freshly drawn. (On a CPU, FastConv4 is Conv4, sooner.)"""
    kind = FastConv4 if kind is Conv4 and not images.is_cuda else kind
    with seeded(seed):
        return kind(recipe.channels, in_channels=images.shape[2], size=images.shape[-1], **shape)


def by_distance(recipe: Recipe, images: Tensor, seed: int, *, method) -> Learner:
    """ProtoNet, matching networks and siamese networks: an embedding, and a way to compare."""
    embed, theta = functional(network(Conv4, recipe, images, seed, norm="group"))
    loss = at_once(embed, partial(method.meta_loss, **recipe.loss))
    asked = {name: value for name, value in recipe.loss.items() if name != "margin"}
    return Learner(theta, loss, episodes(recipe, images, seed),
                   lambda theta: partial(method.predict, embed, theta, **asked))


def by_relation(recipe: Recipe, images: Tensor, seed: int) -> Learner:
    """A relation network: two strided blocks make maps, two blocks compare them."""
    body = Maps(network(StridedConv4, recipe, images, seed, norm="group", blocks=2), recipe.channels)
    with seeded(seed, 1):
        embed, compare, theta = together(body, compare=RelationHead(recipe.channels, size=body.size))

    def meta_loss(embed: Callable, theta: Params, drawn: Episode) -> Tensor:
        return relation.meta_loss(embed, compare, theta, drawn)
    return Learner(theta, at_once(embed, meta_loss), episodes(recipe, images, seed),
                   lambda theta: partial(relation.predict, embed, compare, theta))


def by_gradients(recipe: Recipe, images: Tensor, seed: int, *, method, **named) -> Learner:
    """MAML, FOMAML, ANIL and Reptile: a start, from which steps on the support set lead to the answer."""
    apply, theta = classifier(recipe, images, seed)
    loss = losses.cross_entropy(apply)
    gradient = partial(method.meta_gradient, loss, over=OVER, inner_lr=recipe.inner_lr,
                       inner_steps=recipe.inner_steps, **named)
    asked = dict(loss=loss, inner_lr=recipe.inner_lr, inner_steps=recipe.test_steps)
    drawn = episodes(recipe, images, seed)
    return Learner(theta, gradient, (lambda step: starts.joined(drawn(step))) if method is reptile else drawn,
                   lambda theta: partial(method.predict, apply, theta, **asked))


def by_all_parts(recipe: Recipe, images: Tensor, seed: int) -> Learner:
    """MAML++ with all of its parts; its batches also say how much of the training is done."""
    apply, theta = classifier(recipe, images, seed)
    loss, drawn = losses.cross_entropy(apply), episodes(recipe, images, seed)
    meta = maml_plus_plus.start(theta, inner_lr=recipe.inner_lr, inner_steps=recipe.inner_steps)

    def gradient(meta: Params, batch: tuple[Episode, float]) -> tuple[Tensor, Params]:
        return maml_plus_plus.meta_gradient(loss, meta, batch[0], over=OVER, progress=batch[1],
                                            inner_steps=recipe.inner_steps)
    return Learner(meta, gradient, lambda step: (drawn(step), step / recipe.steps),
                   lambda meta: partial(maml_plus_plus.predict, apply, meta, loss=loss,
                                        inner_steps=recipe.test_steps))


def classifier(recipe: Recipe, images: Tensor, seed: int) -> tuple[Callable, Params]:
    """(scores, θ) with batch norm: MAML's strided network for drawings, its pooled one for photographs."""
    kind = Conv4 if images.shape[-1] > LARGE else StridedConv4
    return functional(network(kind, recipe, images, seed, norm="batch", way=recipe.way))


BUILD = {
    "protonet": partial(by_distance, method=protonet),
    "matching": partial(by_distance, method=matching),
    "relation": by_relation,
    "siamese": partial(by_distance, method=siamese),
    "maml": partial(by_gradients, method=maml),
    "fomaml": partial(by_gradients, method=maml, first_order=True),
    "reptile": partial(by_gradients, method=reptile),
    "anil": partial(by_gradients, method=anil),
    "maml_plus_plus": by_all_parts,
}
NAMES = {"protonet": "ProtoNet", "matching": "Matching networks", "relation": "Relation network",
         "siamese": "Siamese, contrastive", "maml": "MAML", "fomaml": "First-order MAML",
         "reptile": "Reptile", "anil": "ANIL", "maml_plus_plus": "MAML++"}
