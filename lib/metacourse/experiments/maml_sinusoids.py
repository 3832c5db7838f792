"""MAML against joint training on sine waves: the error after each inner step, as in the paper's Figure 3.

Differs from the paper (Finn et al., 2017, Section 5.1): 5,000 outer steps, where its code takes
70,000.
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import vmap

from metacourse import results
from metacourse.data import sinusoids
from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.experiments import runner
from metacourse.methods import losses, maml
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.training.reproducible import generator, seeded

INNER_STEPS = {"maml": 1, "joint": 0}           # in training; without inner steps it is joint training


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization and training tasks
    shots: tuple[int, ...] = (5, 10)            # points in a support set, in training and testing
    hidden: tuple[int, ...] = (40, 40)          # ReLU units
    tasks: int = 25                             # a step, each with as many queries as shots
    steps: int = 5000
    inner_lr: float = 0.01                      # α of MAML, in training and testing
    outer_lr: float = 2e-3                      # of Adam at first; falls to zero along a cosine
    rates: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1)     # joint and random starts get the best
    rate_tasks: int = 200                       # on which it is chosen, by the error after the last step
    walk: int = 20                              # inner steps in testing
    test_tasks: int = 600
    test_queries: int = 50                      # a task


SMOKE = Settings(seeds=(0,), shots=(2,), hidden=(8,), tasks=2, steps=2, rates=(0.01,), rate_tasks=3, walk=2,
                 test_tasks=3, test_queries=4)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`walk` {shot: {start: {seed: [mean squared error after 0, 1, … steps]}}}; and more about step one."""
    payload = {"walk": {}, "after_one": {}, "rates": {}, "seconds_per_step": {}}
    for shot in settings.shots:
        apply, starts = trained_starts(settings, run, payload["seconds_per_step"], shot=shot)
        for start, thetas in starts.items():
            for i, seed in enumerate(settings.seeds):
                theta = {name: p[i] for name, p in thetas.items()}
                rate, errors = tested(settings, losses.mse(apply), theta, shot=shot, tuned=start != "maml")
                keep(payload, errors, rate, where=(shot, start, seed))
                run.say(f"{shot} shots, seed {seed}, {start}: {errors.mean(0)[:2].tolist()}, α = {rate}")
            if shot == settings.shots[-1] and start != "random":
                first = {name: p[0] for name, p in thetas.items()}
                results.save_weights(run.name + {"maml": "", "joint": "_joint"}[start], first)
    return payload


def trained_starts(settings: Settings, run: runner.Run, seconds: dict, *,
                   shot: int) -> tuple[Callable, dict[str, Params]]:
    """apply, and θ of MAML, of joint training, and as both began; each parameter [seed, ...].

    All seeds are trained in one go, which changes nothing: Adam looks at every number by itself.
    """
    drawn = [network(settings.hidden, seed) for seed in settings.seeds]
    apply, starts = drawn[0][0], {}
    random = {name: torch.stack([theta[name] for _, theta in drawn]).to(run.device) for name in drawn[0][1]}

    def batch(step: int) -> tuple[Tensor, ...]:
        each = [sinusoids.sample_episodes(tasks=settings.tasks, shot=shot, queries=shot,
                                          rng=generator(seed, step)) for seed in settings.seeds]
        parts = [(support.x, support.y, query.x, query.y) for support, query in each]
        return tuple(torch.stack(part).to(run.device) for part in zip(*parts))
    for start, inner_steps in INNER_STEPS.items():
        gradient = of_every_seed(losses.mse(apply), inner_lr=settings.inner_lr, inner_steps=inner_steps)
        starts[start], history = run.train(f"{start}_{shot}shot", gradient, random, batch, schedule="cosine",
                                           steps=settings.steps, outer_lr=settings.outer_lr,
                                           validate_every=min(1000, settings.steps))
        seconds.setdefault(start, round(history.seconds / len(history.loss), 5))
    return apply, {**starts, "random": random}


def network(hidden: tuple[int, ...], seed: int) -> tuple[Callable, Params]:
    """(apply, theta) of a freshly drawn MLP."""
    with seeded(seed):
        return functional(MLP([1, *hidden, 1]))


def of_every_seed(loss: Loss, **inner) -> Callable:
    """(mean loss, gradient of each seed's own loss) of parameters [seed, ...] and tasks [seed, task, ...]."""
    def one(theta: Params, x: Tensor, y: Tensor, x_query: Tensor, y_query: Tensor) -> tuple[Tensor, Params]:
        episodes = Episode(Examples(x, y), Examples(x_query, y_query))
        return maml.meta_gradient(loss, theta, episodes, over="vmap", **inner)

    def every(thetas: Params, batch: tuple[Tensor, ...]) -> tuple[Tensor, Params]:
        values, gradients = vmap(one)({name: p.detach() for name, p in thetas.items()}, *batch)
        return values.mean(), gradients
    return every


def tested(settings: Settings, loss: Loss, theta: Params, *, shot: int,
           tuned: bool) -> tuple[float, Float[Tensor, "tasks steps"]]:
    """(α, errors on the test tasks); a `tuned` start gets the α that serves it best on tasks of its own."""
    def errors(rate: float, tasks: int, seed: int) -> Tensor:
        episodes = sinusoids.sample_episodes(tasks=tasks, shot=shot, queries=settings.test_queries,
                                             rng=generator(seed, shot))
        return walk_errors(loss, theta, on(next(iter(theta.values())).device, episodes), inner_lr=rate,
                           steps=settings.walk)
    def at_the_end(rate: float) -> float:
        try:
            value = errors(rate, settings.rate_tasks, seed=-1)[:, -1].mean().item()
        except FloatingPointError:
            return float("inf")
        return value if value == value else float("inf")
    rate = min(settings.rates, key=at_the_end) if tuned else settings.inner_lr
    return rate, errors(rate, settings.test_tasks, seed=-2)


@torch.no_grad()
def walk_errors(loss: Loss, theta: Params, episodes: Episode, *, inner_lr: float,
                steps: int) -> Float[Tensor, "tasks steps"]:
    """Query error of every task after 0, 1, …, `steps` inner steps."""
    tasks = len(episodes.support.x)
    phi, errors = {name: p.expand(tasks, *p.shape) for name, p in theta.items()}, []
    one_step = partial(maml.adapt, loss, inner_lr=inner_lr, inner_steps=1)
    step, judge = (vmap(lambda phi, x, y, f=f: f(phi, Examples(x, y))) for f in (one_step, loss))
    for i in range(steps + 1):
        errors.append(judge(phi, episodes.query.x, episodes.query.y))
        phi = step(phi, episodes.support.x, episodes.support.y) if i < steps else phi
    return torch.stack(errors, dim=1)


def keep(payload: dict, errors: Float[Tensor, "tasks steps"], rate: float, *, where: tuple) -> None:
    """Put one start's errors where the results file has them."""
    shot, start, seed = where
    first = errors[:, 1]
    score = {"mse": first.mean().item(), "interval": 1.96 * first.std().item() / len(first)**0.5}
    kept = {"walk": [round(e, 4) for e in errors.mean(0).tolist()], "rates": rate,
            "after_one": {name: round(value, 4) for name, value in score.items()}}
    for part, value in kept.items():
        payload[part].setdefault(shot, {}).setdefault(start, {})[seed] = value


def on(device: torch.device, episodes: Episode) -> Episode:
    """The same episodes on another device."""
    return Episode(*(half._replace(x=half.x.to(device), y=half.y.to(device)) for half in episodes))


if __name__ == "__main__":
    runner.run("maml_sinusoids", Settings(), experiment, smoke=SMOKE)
