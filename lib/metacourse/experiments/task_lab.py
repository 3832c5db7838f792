"""Linear regression with a known best answer: who comes near it, as training sees more different tasks."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

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
from metacourse.training.reproducible import generator, seeded

Predict = Callable[[Examples, Tensor], Tensor]  # predict(support, x_query), for all tasks at once
Answer = Callable[[Tensor, Tensor], Tensor]     # answer(x, y): each place of a sequence from those before
Pools = Sequence[LinearTasks | None]


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
    maml_steps: int = 60                        # of MAML's training
    maml_outer_lr: float = 5e-2
    inner_lr: float = 0.1
    inner_steps: int = 50
    test_tasks: int = 4000                      # new ones, and as many from the pool


SMOKE = Settings(seeds=(0, 1), pools=(2, 0), steps=2, maml_steps=2, test_tasks=20)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """errors[M][seed][method][tasks]: mean of (ŷ − w·x)² and its 95 % interval for k = 0 … shot examples.

    MAML has one number, for all `shot` examples: with fewer, curvatures are too large for its step.
    """
    errors = {name(m): {} for m in settings.pools}
    for seed in settings.seeds:
        pools = [pool(settings, m, seed) for m in settings.pools]
        adapters = trained_maml(settings, pools, run, seed)
        transformers = trained_transformers(settings, pools, run, seed)
        for m, known, adapter, transformer in zip(settings.pools, pools, adapters, transformers):
            answers = {"transformer": transformer, "maml": partial(after_all, adapter),
                       "ridge": partial(by_shots, partial(ridge.predict, noise=settings.noise))}
            if known:
                predict = partial(dmmse.predict, pool=known.w, noise=settings.noise)
                answers["dmmse"] = partial(by_shots, predict)
            found = {method: measured(answer, settings, known, seed) for method, answer in answers.items()}
            errors[name(m)][seed] = found
            run.say(f"seed {seed}, M = {name(m)}: " + ", ".join(
                f"{method} {e['new']['error'][-1]:.3f} new {e['pool']['error'][-1]:.3f} old"
                for method, e in found.items()))
    return {"errors": errors}


def name(m: int) -> str:
    return str(m or "inf")


def pool(settings: Settings, m: int, seed: int) -> LinearTasks | None:
    """The M tasks that training sees; None where it never sees one twice."""
    return linear_tasks.sample_tasks(tasks=m, dim=settings.dim, rng=generator(seed)) if m else None


def draw(settings: Settings, known: LinearTasks | None, *, tasks: int, queries: int,
         rng: torch.Generator) -> tuple[LinearTasks, Episode]:
    """Tasks of the pool (new ones where it is None) and an episode of each."""
    if known is None:
        chosen = linear_tasks.sample_tasks(tasks=tasks, dim=settings.dim, rng=rng)
    else:
        chosen = linear_tasks.pick(known, tasks=tasks, rng=rng)
    shape = dict(shot=settings.shot, queries=queries, noise=settings.noise)
    return chosen, linear_tasks.episodes_of(chosen, rng=rng, **shape)


def batches(settings: Settings, pools: Pools, *, queries: int, seeds: tuple[int, ...]) -> Callable:
    """batch(step): a meta-batch from every pool, as tensors with a `pools` axis in front of `tasks`."""
    def batch(step: int) -> list[Tensor]:
        drawn = [draw(settings, known, tasks=settings.tasks, queries=queries, rng=generator(*seeds, step))[1]
                 for known in pools]
        return [torch.stack(parts) for parts in zip(*((s.x, s.y, q.x, q.y) for s, q in drawn))]
    return batch


def side_by_side(theta: Params, pools: Pools) -> Params:
    """The same start for a network per pool. All are trained in one go, and none notices the others."""
    return {part: p.expand(len(pools), *p.shape) for part, p in theta.items()}


def for_each_pool(method_loss: Callable[[Params, Episode], Any]) -> Callable[[Params, list[Tensor]], Any]:
    """The loss of networks side by side, each with the meta-batch from its own pool."""
    def one(theta: Params, s_x: Tensor, s_y: Tensor, q_x: Tensor, q_y: Tensor) -> Any:
        return method_loss(theta, Episode(Examples(s_x, s_y), Examples(q_x, q_y)))
    return lambda theta, parts: vmap(one)(theta, *parts)


def linear(theta: Params, x: Tensor) -> Tensor:
    return x @ theta["w"]


def one_of(theta: Params, i: int) -> Params:
    return {part: p[i] for part, p in theta.items()}


def trained_transformers(settings: Settings, pools: Pools, run: runner.Run, seed: int) -> list[Answer]:
    """A transformer trained on each pool; it answers every position of its sequences."""
    with seeded(seed):
        apply, theta = functional(InContextRegression(settings.dim))
    each = for_each_pool(partial(in_context_regression.meta_loss, apply))
    theta = run.train(
        f"transformers_seed{seed}", lambda theta, parts: each(theta, parts).sum(),
        side_by_side(theta, pools), batches(settings, pools, queries=1, seeds=(seed,)), steps=settings.steps,
        outer_lr=settings.outer_lr, schedule="cosine", progress=False).theta
    return [partial(apply, one_of(theta, i)) for i in range(len(pools))]


def trained_maml(settings: Settings, pools: Pools, run: runner.Run, seed: int) -> list[Predict]:
    """Weights w meta-trained on each pool, with `settings.shot` examples a task."""
    zero = {"w": torch.zeros(settings.dim, 1)}
    loss, inner = losses.mse(linear), dict(inner_lr=settings.inner_lr, inner_steps=settings.inner_steps)
    each = for_each_pool(partial(maml.meta_gradient, loss, over="vmap", **inner))

    def summed(theta: Params, parts: list[Tensor]) -> tuple[Tensor, Params]:
        values, gradients = each(theta, parts)
        return values.sum(), gradients
    theta = run.train(
        f"maml_seed{seed}", summed, side_by_side(zero, pools),
        batches(settings, pools, queries=settings.shot, seeds=(seed, 1)), steps=settings.maml_steps,
        outer_lr=settings.maml_outer_lr, schedule="cosine", progress=False).theta

    def predict(theta: Params, support: Examples, x_query: Tensor) -> Tensor:
        one = partial(maml.predict, linear, theta, loss=loss, **inner)
        return vmap(lambda x, y, query: one(Examples(x, y), query))(support.x, support.y, x_query)
    return [partial(predict, one_of(theta, i)) for i in range(len(pools))]


def by_shots(predict: Predict, x: Float[Tensor, "tasks length dim"],
             y: Float[Tensor, "tasks length 1"]) -> Float[Tensor, "tasks length 1"]:
    """The answer at position k from the k examples before it, as the transformer gives it in one go."""
    return torch.cat([predict(Examples(x[:, :k], y[:, :k]), x[:, k:k + 1]) for k in range(x.shape[1])], 1)


def after_all(predict: Predict, x: Float[Tensor, "tasks length dim"],
              y: Float[Tensor, "tasks length 1"]) -> Float[Tensor, "tasks 1 1"]:
    """The answer at the last position only."""
    return predict(Examples(x[:, :-1], y[:, :-1]), x[:, -1:])


@torch.no_grad()
def measured(answer: Answer, settings: Settings, known: LinearTasks | None, seed: int) -> dict:
    """Squared distance to the noiseless w·x on new tasks and on the pool's, for every number of shots."""
    found = {}
    for kind, source in (("new", None), ("pool", known)):
        rng = generator(seed, -1, int(kind == "pool"))
        tasks, (support, query) = draw(settings, source, tasks=settings.test_tasks, queries=1, rng=rng)
        x, y = torch.cat([support.x, query.x], 1), torch.cat([support.y, query.y], 1)
        answers = answer(x, y)                                              # at all positions, or the last
        squared = (answers - tasks(x)[:, -answers.shape[1]:]).square().squeeze(-1)
        half = 1.96 * squared.std(0, correction=1) / len(squared) ** 0.5
        found[kind] = {"error": rounded(squared.mean(0)), "interval": rounded(half)}
    return found


def rounded(values: Float[Tensor, " shots"]) -> list[float]:
    return [round(value, 5) for value in values.tolist()]


if __name__ == "__main__":
    runner.run("task_lab", Settings(), experiment, smoke=SMOKE)
