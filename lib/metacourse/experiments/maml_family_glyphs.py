"""MAML, FOMAML, ANIL and Reptile on glyphs at an equal budget: same network, tasks, steps and pictures.

Along the way, on fixed validation tasks: how far the directions of the first-order methods are from MAML's.
"""
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.func import vmap

from metacourse import results
from metacourse.data.sampling import sample_episodes
from metacourse.episode import Episode, Examples, Params
from metacourse.experiments import few_shot, runner, starts
from metacourse.experiments.notes import Notes
from metacourse.methods import anil, losses, maml
from metacourse.training.reproducible import generator

GRADIENTS = {
    "maml": partial(maml.meta_gradient, over="vmap"),
    "fomaml": partial(maml.meta_gradient, over="vmap", first_order=True),
    "anil": partial(anil.meta_gradient, over="vmap"),
    "reptile": starts.reptile_gradient,
}
ONLY = {"anil": "head"}                         # what moves in the inner loop, where not everything does


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization and training episodes
    methods: tuple[str, ...] = ("maml", "fomaml", "anil", "reptile")
    training: starts.Training = field(default_factory=starts.Training)
    reptile_inner_lr: float = 0.2               # Reptile needs several steps: one would be joint training
    reptile_inner_steps: int = 3
    reptile_outer_lr: float = 1.0               # of plain descent: to the mean of φ at first, then less
    walk: tuple[int, ...] = (0, 1, 2, 5, 10, 20)    # inner steps in testing, to see beyond training's number
    walk_episodes: int = 200
    direction_tasks: int = 25                   # on which directions are compared


SMOKE = Settings(seeds=(0,), training=starts.SMOKE, reptile_inner_steps=1, walk=(0, 1), walk_episodes=3,
                 direction_tasks=2)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """For every method {seed: score}, walk {method: {seed: {step: score}}}, curves, directions, seconds."""
    images = starts.load_glyphs(run, settings.training.size)
    payload = {method: {} for method in settings.methods}
    payload |= {"walk": {}, "curves": {}, "seconds_per_step": {}, "directions": {}}
    for seed in settings.seeds:
        for method in settings.methods:
            one_run(settings, method, images, run, payload, seed=seed)
            run.say(f"seed {seed}, {method}: {payload[method][seed]['accuracy']:.3f}")
    return payload


def recipe(settings: Settings, method: str) -> starts.Training:
    """The common training, with what Reptile needs otherwise."""
    if method != "reptile":
        return settings.training
    return replace(settings.training, inner_lr=settings.reptile_inner_lr, optimizer="sgd",
                   inner_steps=settings.reptile_inner_steps, outer_lr=settings.reptile_outer_lr)


def one_run(settings: Settings, method: str, images: dict[str, Tensor], run: runner.Run, payload: dict, *,
            seed: int) -> None:
    """Train one method from one seed, and put what it gives into the payload."""
    training, only = recipe(settings, method), ONLY.get(method, "")
    look, notes = None, Notes()
    if method == "maml":
        look = directions_along(settings, images["val"], notes, seed)
    apply, theta, history = starts.train(training, GRADIENTS[method], images, run, f"{method}_seed{seed}",
                                         seed=seed, only=only, look=look, notes=notes)
    if method == "maml":
        payload["directions"][seed] = {name: notes[name] for name in ("steps", "fomaml", "reptile")}
    walked = partial(starts.walk, apply, theta, inner_lr=training.inner_lr, only=only)
    last = training.inner_steps
    correct = walked(starts.tests(training, images["test"], training.test_episodes), steps=[last])[last]
    payload[method][seed] = starts.score(correct, training)
    far = walked(starts.tests(training, images["test"], settings.walk_episodes), steps=settings.walk)
    payload["walk"].setdefault(method, {})[seed] = {step: starts.score(some, training)
                                                    for step, some in far.items()}
    payload["curves"].setdefault(method, {})[seed] = few_shot.curve(history, points=20)
    if seed == settings.seeds[0]:
        payload["seconds_per_step"][method] = round(seconds(training, method, apply, theta, images, run), 4)
        if method == "maml":
            results.save_weights(run.name, theta)


def seconds(training: starts.Training, method: str, apply: Callable, theta: Params,
            images: dict[str, Tensor], run: runner.Run) -> float:
    """Of one outer step without its optimizer."""
    episodes = sample_episodes(images["train"], tasks=training.tasks, way=training.way, shot=training.shot,
                               queries=training.queries, rng=generator(0))
    gradient = partial(GRADIENTS[method], losses.cross_entropy(apply), theta, episodes,
                       inner_lr=training.inner_lr, inner_steps=training.inner_steps)
    return starts.seconds_of(gradient, run.device)


def directions_along(settings: Settings, images: Tensor, into: dict, seed: int) -> Callable[[Params], None]:
    """A function of θ that appends to `into` how the first-order directions lie to the exact ones."""
    training = settings.training
    episodes = sample_episodes(images, tasks=settings.direction_tasks, way=training.way, shot=training.shot,
                               queries=training.queries, rng=generator(seed, 1))
    apply, start = starts.network(training, seed)
    into["steps"] = []

    def look(theta: Params) -> None:
        into["steps"].append(training.validate_every * len(into["steps"]))
        exact = each_gradient("maml", training, apply, theta, episodes)
        for method in ("fomaml", "reptile"):
            other = each_gradient(method, recipe(settings, method), apply, theta, episodes)
            for name, value in compared(exact, other).items():
                into.setdefault(method, {}).setdefault(name, []).append(round(value, 4))
    look({name: p.to(images.device) for name, p in start.items()})
    return look


def each_gradient(method: str, training: starts.Training, apply: Callable, theta: Params,
                  episodes: Episode) -> Float[Tensor, "tasks parameters"]:
    """The gradient that a method takes from each task alone, as one long vector."""
    inner = dict(inner_lr=training.inner_lr, inner_steps=training.inner_steps)

    def of_one(*parts: Tensor) -> Tensor:
        x, y, x_query, y_query = (part[None] for part in parts)
        one = Episode(Examples(x, y), Examples(x_query, y_query))
        _, gradient = GRADIENTS[method](losses.cross_entropy(apply), theta, one, **inner)
        return torch.cat([g.flatten() for g in gradient.values()])
    (x, y, _), (x_query, y_query, _) = episodes
    return vmap(of_one)(x, y, x_query, y_query)


def compared(exact: Float[Tensor, "tasks parameters"],
             other: Float[Tensor, "tasks parameters"]) -> dict[str, float]:
    """Mean cosine task by task, cosine of the two means, and the share of tasks where `other` is uphill."""
    cosine = F.cosine_similarity(exact, other, dim=1)
    return {"cosine": cosine.mean().item(), "uphill": (cosine < 0).double().mean().item(),
            "cosine_of_means": F.cosine_similarity(exact.mean(0), other.mean(0), dim=0).item()}


if __name__ == "__main__":
    runner.run("maml_family_glyphs", Settings(), experiment, smoke=SMOKE)
