"""Chapter 3's methods and the plain baselines on one backbone: how each learns, and how it answers."""
from collections.abc import Callable
from functools import partial

from torch import Tensor

from metacourse.episode import Episode, Examples, Params
from metacourse.experiments import few_shot
from metacourse.experiments.contender import (
    Common,
    Contender,
    Rule,
    at_once,
    backbone,
    network,
    tasks_of,
)
from metacourse.methods import (
    anil,
    cosine_head,
    finetune,
    logistic,
    losses,
    maml,
    matching,
    nearest,
    protonet,
    relation,
    siamese,
    simple_shot,
    supervised,
)
from metacourse.models.full_context import FullContext
from metacourse.models.relation_head import Maps, RelationHead
from metacourse.models.together import together
from metacourse.training.reproducible import generator, seed_of, seeded

CENTER = 4                                      # pictures of each training class give SimpleShot's center


def prototypes(common: Common, images: Tensor, seed: int, *, way: int | None = None, **named) -> Contender:
    """A ProtoNet; with `way`, of training tasks with so many classes."""
    embed, theta = backbone(common, seed)
    loss = at_once(embed, partial(protonet.meta_loss, **named))
    rules = {"protonet": Rule(lambda embed, theta: partial(protonet.predict, embed, theta, **named))}
    return Contender(theta, rules, embed, loss, tasks_of(common, images, seed, way=way))


def attention(common: Common, images: Tensor, seed: int, *, in_context: bool = False, **named) -> Contender:
    """Matching networks; `in_context` with full context embeddings."""
    embed, theta = backbone(common, seed)
    if in_context:
        body = network(common, seed)
        with seeded(seed, 1):
            embed, named["context"], theta = together(body, context=FullContext(body.dim))
    loss = at_once(embed, partial(matching.meta_loss, **named))
    rules = {"matching": Rule(lambda embed, theta: partial(matching.predict, embed, theta, **named))}
    return Contender(theta, rules, embed, loss, tasks_of(common, images, seed))


def twins(common: Common, images: Tensor, seed: int, **named) -> Contender:
    """A siamese network; `named` goes to its loss."""
    embed, theta = backbone(common, seed)
    loss = at_once(embed, partial(siamese.meta_loss, **named))
    rules = {"siamese": Rule(lambda embed, theta: partial(siamese.predict, embed, theta))}
    return Contender(theta, rules, embed, loss, tasks_of(common, images, seed))


def comparison(common: Common, images: Tensor, seed: int) -> Contender:
    """A relation network: the backbone's first two blocks make maps of 7 × 7, two blocks compare them."""
    body = Maps(network(common, seed, blocks=2), common.channels)
    with seeded(seed, 1):
        embed, compare, theta = together(body, compare=RelationHead(common.channels, size=body.size))

    def meta_loss(embed: Callable, theta: Params, drawn: Episode) -> Tensor:
        return relation.meta_loss(embed, compare, theta, drawn)
    rules = {"relation": Rule(lambda embed, theta: partial(relation.predict, embed, compare, theta))}
    return Contender(theta, rules, embed, at_once(embed, meta_loss), tasks_of(common, images, seed))


def by_gradients(common: Common, images: Tensor, seed: int, *, method) -> Contender:
    """MAML or ANIL: a start, from which steps on the support set lead to the answer."""
    apply, theta = backbone(common, seed, way=common.way)
    named = dict(inner_lr=common.inner_lr, inner_steps=common.inner_steps)
    loss = losses.cross_entropy(apply)
    gradient = partial(method.meta_gradient, loss, over="vmap", **named)
    name = method.__name__.rpartition(".")[2]
    rules = {name: Rule(lambda embed, theta: partial(method.predict, apply, theta, loss=loss, **named),
                        pictures=True)}
    return Contender(theta, rules, None, gradient, tasks_of(common, images, seed))


def pretrained(common: Common, images: Tensor, seed: int, *, scale: float | None = None,
               lr: float = 1e-2) -> Contender:
    """A classifier of all training classes, and the rules that answer with its body.

    `scale` makes it a cosine classifier; `lr` is the rate of what is fitted to a test task.
    """
    bare, theta = backbone(common, seed)
    theta = supervised.with_head(theta, classes=len(images), dim=network(common, seed).dim,
                                 rng=generator(seed, 2))

    def embed(theta: Params, x: Tensor) -> Tensor:
        return bare(supervised.body(theta), x)

    def simple(given: Callable, theta: Params) -> Callable:
        center = simple_shot.center(few_shot.embedded(embed, theta, images[:, :CENTER]))
        return partial(simple_shot.predict, given, theta, center=center)

    def cosine(embed: Callable, theta: Params) -> Callable:
        return partial(cosine_head.predict, embed, theta, steps=common.head_steps, lr=lr,
                       scale=common.head_scale)
    rules = {"cosine_head": Rule(cosine, slow=True)} if scale else {
        "simple_shot": Rule(simple), "logistic": Rule(lambda *known: partial(logistic.predict, *known)),
        "finetune": fine_tuning(common, seed, lr)}
    return Contender(theta, rules, embed, partial(supervised.loss, bare, scale=scale),
                     lambda step: supervised.batch(images, size=common.pictures, rng=generator(seed, step)))


def fine_tuning(common: Common, seed: int, lr: float) -> Rule:
    """The whole network is trained on the support set, with a new head."""
    apply, fresh = backbone(common, seed, way=common.way)
    head = {name: p for name, p in fresh.items() if name.startswith(supervised.HEAD)}
    return Rule(lambda embed, theta: partial(
        finetune.predict, apply, {**supervised.body(theta), **head}, loss=losses.cross_entropy(apply),
        steps=common.fit_steps, lr=lr), pictures=True, slow=True)


def untrained(common: Common, images: Tensor, seed: int, *, lr: float = 1e-2) -> Contender:
    """A new network for every test task, trained on its support set and on nothing else."""
    apply, _ = backbone(common, seed, way=common.way)

    def fresh(support: Examples) -> Params:
        return backbone(common, seed_of(support.x, seed), way=common.way)[1]

    def predict(embed: Callable, theta: Params) -> Callable:
        return partial(finetune.from_scratch, apply, fresh, loss=losses.cross_entropy(apply),
                       steps=common.fit_steps, lr=lr)
    return Contender({}, {"scratch": Rule(predict, pictures=True, slow=True)})


def pixels(common: Common, images: Tensor, seed: int) -> Contender:
    """Raw pictures, compared by their cosine: nothing is learned."""
    return Contender({}, {"pixels": Rule(lambda embed, theta: nearest.predict, pictures=True)})


BUILD = {
    "protonet": prototypes,
    "protonet_ways": prototypes,
    "matching": attention,
    "matching_fce": partial(attention, in_context=True),
    "siamese": partial(twins, kind="contrastive"),
    "triplet": partial(twins, kind="triplet"),
    "relation": comparison,
    "maml": partial(by_gradients, method=maml),
    "anil": partial(by_gradients, method=anil),
    "supervised": pretrained,
    "cosine_head": pretrained,
    "scratch": untrained,
    "pixels": pixels,
}
