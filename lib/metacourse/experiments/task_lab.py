"""Linear regression with a known best answer: who comes near it, as training sees more different tasks."""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import vmap

from metacourse.data import linear_tasks
from metacourse.data.linear_tasks import LinearTasks
from metacourse.episode import Episode, Examples, Params
from metacourse.experiments import runner
from metacourse.methods import dmmse, in_context_regression, losses, maml, ridge
from metacourse.methods.in_context_regression import InContextRegression
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.training.reproducible import generator, seeded

Predict = Callable[[Examples, Tensor], Tensor]  # predict(support, x_query), for all tasks at once


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of the pool, the initialization and the training tasks
    pools: tuple[int, ...] = (2, 4, 8, 16, 32, 128, 0)      # task diversity M; 0 is a new w for every task
    dim: int = 4                                # of x and w
    shot: int = 8                               # the longest support set; all shorter ones are measured too
    noise: float = 0.5                          # σ
    tasks: int = 64                             # of a meta-batch
    steps: int = 2000                           # of the transformer's training
    outer_lr: float = 3e-3                      # falls to zero along a cosine
    maml_steps: int = 300                       # of MAML's training
    maml_outer_lr: float = 1e-2
    inner_lr: float = 0.1
    inner_steps: int = 20
    test_tasks: int = 4000                      # new ones, and as many from the pool


SMOKE = Settings(seeds=(0, 1), pools=(2, 0), steps=2, maml_steps=2, test_tasks=20)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """errors[M][seed][method][tasks]: mean of (ŷ − w·x)² and its 95 % interval for k = 0 … shot examples."""
    errors = {str(m or "inf"): {} for m in settings.pools}
    for seed in settings.seeds:
        for m in settings.pools:
            pool = linear_tasks.sample_tasks(tasks=m, dim=settings.dim, rng=generator(seed)) if m else None
            label = f"seed{seed}_pool{m or 'inf'}"
            methods = {"ridge": partial(ridge.predict, noise=settings.noise),
                       "maml": trained_maml(settings, pool, run, seed, f"maml_{label}")}
            if pool:
                methods["dmmse"] = partial(dmmse.predict, pool=pool.w, noise=settings.noise)
            apply, theta = trained_transformer(settings, pool, run, seed, f"transformer_{label}")
            scored = {name: measured(partial(by_shots, predict), settings, pool, seed)
                      for name, predict in methods.items()}
            scored["transformer"] = measured(partial(apply, theta), settings, pool, seed)
            errors[str(m or "inf")][seed] = scored
            run.say(f"{label}: " + ", ".join(f"{name} {e['new']['error'][-1]:.3f} (new) "
                    f"{e['pool']['error'][-1]:.3f} (pool)" for name, e in scored.items()))
    return {"errors": errors}


def draw(settings: Settings, pool: LinearTasks | None, *, tasks: int, queries: int,
         rng: torch.Generator) -> tuple[LinearTasks, Episode]:
    """Tasks of the pool (new ones where it is None) and an episode of each."""
    if pool is None:
        chosen = linear_tasks.sample_tasks(tasks=tasks, dim=settings.dim, rng=rng)
    else:
        chosen = linear_tasks.pick(pool, tasks=tasks, rng=rng)
    shape = dict(shot=settings.shot, queries=queries, noise=settings.noise)
    return chosen, linear_tasks.episodes_of(chosen, rng=rng, **shape)


def trained_transformer(settings: Settings, pool: LinearTasks | None, run: runner.Run, seed: int,
                        label: str) -> tuple[Callable, Params]:
    """(apply, θ): apply(θ, x, y) answers every position of the sequences x."""
    with seeded(seed):
        apply, theta = functional(InContextRegression(settings.dim))
    trained = run.train(
        label, partial(in_context_regression.meta_loss, apply), theta,
        lambda step: draw(settings, pool, tasks=settings.tasks, queries=1, rng=generator(seed, step))[1],
        steps=settings.steps, outer_lr=settings.outer_lr, schedule="cosine", progress=False)
    return apply, trained.theta


def trained_maml(settings: Settings, pool: LinearTasks | None, run: runner.Run, seed: int,
                 label: str) -> Predict:
    """A linear network, meta-trained on tasks of `settings.shot` examples; it answers all tasks at once."""
    with seeded(seed):
        apply, theta = functional(MLP([settings.dim, 1]))
    inner = dict(inner_lr=settings.inner_lr, inner_steps=settings.inner_steps)
    theta = run.train(
        label, partial(maml.meta_gradient, losses.mse(apply), over="vmap", **inner), theta,
        lambda step: draw(settings, pool, tasks=settings.tasks, queries=settings.shot,
                          rng=generator(seed, step, 1))[1],
        steps=settings.maml_steps, outer_lr=settings.maml_outer_lr, schedule="cosine", progress=False).theta

    def predict(support: Examples, x_query: Tensor) -> Tensor:
        if support.x.shape[1] == 0:
            return apply(theta, x_query)
        one = partial(maml.predict, apply, theta, loss=losses.mse(apply), **inner)
        return vmap(lambda x, y, query: one(Examples(x, y), query))(support.x, support.y, x_query)
    return predict


def by_shots(predict: Predict, x: Float[Tensor, "tasks length dim"],
             y: Float[Tensor, "tasks length 1"]) -> Float[Tensor, "tasks length 1"]:
    """The answer at position k from the k examples before it, as the transformer gives it in one go."""
    return torch.cat([predict(Examples(x[:, :k], y[:, :k]), x[:, k:k + 1]) for k in range(x.shape[1])], 1)


@torch.no_grad()
def measured(answer: Callable[[Tensor, Tensor], Tensor], settings: Settings, pool: LinearTasks | None,
             seed: int) -> dict:
    """Squared distance to the noiseless w·x on new tasks and on the pool's, for every number of shots."""
    found = {}
    for kind, source in (("new", None), ("pool", pool)):
        rng = generator(seed, -1, int(kind == "pool"))
        tasks, (support, query) = draw(settings, source, tasks=settings.test_tasks, queries=1, rng=rng)
        x, y = torch.cat([support.x, query.x], 1), torch.cat([support.y, query.y], 1)
        squared = (answer(x, y) - tasks(x)).square().squeeze(-1)            # [tasks, shot + 1]
        half = 1.96 * squared.std(0, correction=1) / len(squared) ** 0.5
        found[kind] = {"error": rounded(squared.mean(0)), "interval": rounded(half)}
    return found


def rounded(values: Float[Tensor, " shots"]) -> list[float]:
    return [round(value, 5) for value in values.tolist()]


if __name__ == "__main__":
    runner.run("task_lab", Settings(), experiment, smoke=SMOKE)
