"""When is moving the head not enough? Sine waves of one frequency, and of any: MAML against ANIL.

A head is linear: what it can make of a task lies in the span of what a body that stays puts out. Waves of one
frequency lie in the span of sin x and cos x. Waves of any frequency between 0.5 and 2 span far more than ten
points can tell apart, unless the body bends toward the frequency at hand.
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import grad_and_value, vmap

from metacourse.data.sinusoids import AMPLITUDE, INPUT, PHASE
from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.experiments import maml_sinusoids, runner, starts
from metacourse.methods import losses
from metacourse.training.reproducible import generator

FREQUENCIES = {"one frequency": (1.0, 1.0), "any frequency": (0.5, 2.0)}
ONLY = {"maml": "", "anil": "layers.4"}         # what moves in the inner loop: all, or the last layer


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization; training tasks are the same for all
    hidden: tuple[int, ...] = (40, 40)          # ReLU units
    shot: int = 10                              # points in a support set, in training and testing
    tasks: int = 25                             # a step, each with as many queries as shots
    steps: int = 1500
    inner_lr: float = 0.01
    inner_steps: int = 3                        # in training
    outer_lr: float = 3e-3                      # of Adam at first; falls to zero along a cosine
    walk: int = 10                              # inner steps in testing, to see beyond training's number
    test_tasks: int = 600
    test_queries: int = 50                      # a task


SMOKE = Settings(seeds=(0, 1), hidden=(8, 8), shot=2, tasks=2, steps=2, inner_steps=1, walk=2, test_tasks=3,
                 test_queries=4)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`walk` {family: {method: {seed: [error after 0, 1, … steps]}}}, `trained` {…: {seed: score}}.

    `trained` is the error after as many inner steps as in training.
    """
    payload = {"walk": {}, "trained": {}}
    for family, frequency in FREQUENCIES.items():
        draw = partial(waves, frequency=frequency, device=run.device)
        for method, only in ONLY.items():
            apply, thetas = trained(settings, draw, run, f"{family}_{method}".replace(" ", "_"), only=only)
            tests = draw(settings.test_tasks, settings.shot, settings.test_queries, rng=generator(-1))
            for i, seed in enumerate(settings.seeds):
                theta = {name: p[i] for name, p in thetas.items()}
                errors = walk_errors(losses.mse(apply), theta, tests, settings, only=only)
                keep(payload, errors, settings.inner_steps, where=(family, method, seed))
                run.say(f"{family}, {method}, seed {seed}: {errors.mean(0)[settings.inner_steps]:.3f}")
    return payload


def waves(tasks: int, shot: int, queries: int, *, frequency: tuple[float, float], device: torch.device,
          rng: torch.Generator) -> Episode:
    """Episodes of y = a · sin(ω x − b), with a and b as in the paper and ω uniform in `frequency`."""
    def uniform(ends: tuple[float, float], *shape: int) -> Tensor:
        return (ends[0] + (ends[1] - ends[0]) * torch.rand(*shape, generator=rng)).to(device)
    a, b, omega = (uniform(ends, tasks, 1, 1) for ends in (AMPLITUDE, PHASE, frequency))
    x, x_query = uniform(INPUT, tasks, shot, 1), uniform(INPUT, tasks, queries, 1)
    return Episode(*(Examples(some, a * torch.sin(omega * some - b)) for some in (x, x_query)))


def trained(settings: Settings, draw: Callable, run: runner.Run, label: str, *,
            only: str) -> tuple[Callable, Params]:
    """apply, and θ [seed, ...] of all seeds, trained in one go."""
    drawn = [maml_sinusoids.network(settings.hidden, seed) for seed in settings.seeds]
    apply = drawn[0][0]
    start = {name: torch.stack([theta[name] for _, theta in drawn]) for name in drawn[0][1]}
    gradient = of_every_seed(losses.mse(apply), only=only, inner_lr=settings.inner_lr,
                             inner_steps=settings.inner_steps)
    return apply, run.train(
        label, gradient, start, steps=settings.steps, outer_lr=settings.outer_lr, schedule="cosine",
        batch=lambda step: draw(settings.tasks, settings.shot, settings.shot, rng=generator(0, step)),
        validate_every=min(1000, settings.steps)).theta


def of_every_seed(loss: Loss, **inner) -> Callable:
    """(mean loss, gradient of each seed's own loss) of parameters [seed, ...] on common tasks."""
    def task_loss(theta: Params, x: Tensor, y: Tensor, x_query: Tensor, y_query: Tensor) -> Tensor:
        phi = starts.adapt_only(loss, theta, Examples(x, y), **inner)
        return loss(phi, Examples(x_query, y_query))

    def one(theta: Params, *tasks: Tensor) -> tuple[Tensor, Params]:
        gradients, values = vmap(grad_and_value(task_loss), in_dims=(None, 0, 0, 0, 0))(theta, *tasks)
        return values.mean(), {name: g.mean(0) for name, g in gradients.items()}

    def every(thetas: Params, episodes: Episode) -> tuple[Tensor, Params]:
        (x, y, _), (x_query, y_query, _) = episodes
        thetas = {name: p.detach() for name, p in thetas.items()}
        values, gradients = vmap(one, in_dims=(0, None, None, None, None))(thetas, x, y, x_query, y_query)
        return values.mean(), gradients
    return every


@torch.no_grad()
def walk_errors(loss: Loss, theta: Params, tests: Episode, settings: Settings, *,
                only: str) -> Float[Tensor, "tasks steps"]:
    """Query error of every task after 0, 1, …, `walk` inner steps."""
    support, query = tests
    phi, errors = {name: p.expand(len(query.x), *p.shape) for name, p in theta.items()}, []
    for step in range(settings.walk + 1):
        errors.append(vmap(lambda phi, x, y: loss(phi, Examples(x, y)))(phi, query.x, query.y))
        if step < settings.walk:
            phi = starts.one_step(loss, phi, support, inner_lr=settings.inner_lr, only=only)
    return torch.stack(errors, dim=1)


def keep(payload: dict, errors: Float[Tensor, "tasks steps"], inner_steps: int, *, where: tuple) -> None:
    """Put one θ's errors where the results file has them."""
    family, method, seed = where
    last = errors[:, inner_steps]
    score = {"mse": last.mean().item(), "interval": 1.96 * last.std().item() / len(last)**0.5}
    kept = {"walk": [round(e, 4) for e in errors.mean(0).tolist()],
            "trained": {name: round(value, 4) for name, value in score.items()}}
    for part, value in kept.items():
        payload[part].setdefault(family, {}).setdefault(method, {})[seed] = value


if __name__ == "__main__":
    runner.run("anil_reuse_sinusoids", Settings(), experiment, smoke=SMOKE)
