"""Rapid learning or feature reuse? What the inner loop moves that matters, on two families of tasks.

Raghu et al. (2020) freeze parts of MAML's network in the inner loop and compare representations before and
after. In the second family half of the tasks show white ink on black and half black on white, support and
query alike: does a body that stays serve both?
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import vmap

from metacourse.episode import Episode, Examples, Params
from metacourse.experiments import runner, starts
from metacourse.experiments.maml_family_glyphs import GRADIENTS, ONLY
from metacourse.methods import losses, maml
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4

BLOCKS = 4


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1)             # of initialization and training episodes
    runs: tuple[tuple[str, str], ...] = (("plain", "maml"), ("inverted", "maml"), ("inverted", "anil"))
    training: starts.Training = field(default_factory=starts.Training)
    frozen_episodes: int = 200


SMOKE = Settings(seeds=(0,), training=starts.SMOKE, frozen_episodes=3)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {family: {method: {seed}}}, `frozen` {family: {moving}}, `cka` {family: {layer}}.

    The last two look at MAML's θ: accuracy where only some parts move in the inner loop, and the similarity
    of representations of queries before and after it. ANIL on plain pictures: see `maml_family_glyphs`.
    """
    images = starts.load_glyphs(run, settings.training.size)
    payload, training = {"accuracy": {}, "frozen": {}, "cka": {}}, settings.training
    for seed in settings.seeds:
        for family, method in settings.runs:
            change, only = FAMILIES[family], ONLY.get(method, "")
            apply, theta, _ = starts.train(training, GRADIENTS[method], images, run, seed=seed, only=only,
                                           label=f"{family}_{method}_seed{seed}", change=change)
            tests = starts.tests(training, images["test"], training.test_episodes, change=change)
            score = scored(training, apply, theta, tests, only=only)
            payload["accuracy"].setdefault(family, {}).setdefault(method, {})[seed] = score
            run.say(f"{family}, {method}, seed {seed}: {score['accuracy']:.3f}")
            if method == "maml":
                some = starts.tests(training, images["test"], settings.frozen_episodes, change=change)
                looked_at(settings, apply, theta, some, payload, where=(family, seed))
    return payload


def looked_at(settings: Settings, apply: Callable, theta: Params, tests: list[Episode], payload: dict, *,
              where: tuple[str, int]) -> None:
    """Frozen blocks and similarities of one θ."""
    family, seed = where
    for name, only in MOVING.items():
        score = scored(settings.training, apply, theta, tests, only=only)
        payload["frozen"].setdefault(family, {}).setdefault(name, {})[seed] = score
    for layer, value in similarities(settings, apply, theta, tests).items():
        payload["cka"].setdefault(family, {}).setdefault(layer, {})[seed] = round(value, 4)


def scored(training: starts.Training, apply: Callable, theta: Params, tests: list[Episode], *,
           only: str | tuple[str, ...]) -> dict:
    """Accuracy after the inner steps, in which only some parameters move."""
    last = training.inner_steps
    correct = starts.walk(apply, theta, tests, steps=[last], inner_lr=training.inner_lr, only=only)[last]
    return starts.score(correct, training)


def inverted(episodes: Episode, rng: torch.Generator) -> Episode:
    """Half of the tasks with ink and paper exchanged, support and query alike."""
    (x, y, _), (x_query, y_query, _) = episodes
    flip = (torch.rand(len(x), generator=rng) < 0.5).to(x)[:, None, None, None, None, None]
    return Episode(Examples(x + flip * (1 - 2 * x), y), Examples(x_query + flip * (1 - 2 * x_query), y_query))


FAMILIES = {"plain": starts.unchanged, "inverted": inverted}
MOVING = {"head": ("head",), **{
    f"head and block{'s' if first < BLOCKS else ''} {'-'.join(dict.fromkeys((str(first), str(BLOCKS))))}":
        ("head", *(f"body.{i - 1}." for i in range(first, BLOCKS + 1)))
    for first in range(BLOCKS, 0, -1)}, "body": ("body",)}


def similarities(settings: Settings, apply: Callable, theta: Params,
                 tests: list[Episode]) -> dict[str, float]:
    """Mean linear CKA between each layer's output under θ and under φ, over the first test tasks."""
    training = settings.training
    (x, y, _), (x_query, _, _) = tests[0]
    adapt = partial(maml.adapt, losses.cross_entropy(apply), theta, inner_lr=training.inner_lr,
                    inner_steps=training.inner_steps)
    with torch.no_grad():
        phi = vmap(lambda x, y: adapt(Examples(x, y)))(x, y)
        layers = {f"block {blocks}": up_to(training, blocks) for blocks in range(1, BLOCKS + 1)}
        layers["head"] = apply
        return {layer: vmap(lambda phi, x, f=f: cka(_rows(f(theta, x)), _rows(f(phi, x))))(
            phi, x_query).mean().item() for layer, f in layers.items()}


def up_to(training: starts.Training, blocks: int) -> Callable:
    """apply(theta, x) of the network's first blocks."""
    whole = StridedConv4(training.channels, norm=training.norm, size=training.size)
    part = nn.Sequential(*list(whole.body)[:blocks], nn.Flatten())
    part.input_dims = 3
    apply, theta = functional(part)
    return lambda full, x: apply({name: full[f"body.{name}"] for name in theta}, x)


def cka(a: Float[Tensor, "example left"], b: Float[Tensor, "example right"]) -> Float[Tensor, ""]:
    """Linear CKA of two representations of the same examples: 1 where they are alike up to a rotation."""
    a, b = (z - z.mean(0) for z in (a, b))
    a, b = a @ a.T, b @ b.T                                              # Gram matrices, [example, example]
    return (a * b).sum() / (a.norm() * b.norm())


def _rows(z: Float[Tensor, "way queries dim"]) -> Float[Tensor, "example dim"]:
    return z.flatten(0, 1)


if __name__ == "__main__":
    runner.run("anil_reuse", Settings(), experiment, smoke=SMOKE)
