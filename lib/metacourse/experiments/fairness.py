"""Accuracy against fairness with ten examples: Fair-MAML and learning from zero, for growing γ. Synthetic."""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.func import vmap

from metacourse.data import biased_tasks
from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.experiments import runner
from metacourse.methods import fairness, maml
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.training.reproducible import generator

GAPS = {"parity": fairness.parity_gap, "opportunity": fairness.opportunity_gap}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of the training tasks
    gammas: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 4.0)
    shot: int = 5                               # people per label in a support set, four of them of its group
    queries: int = 10                           # per label, in training
    tasks: int = 32                             # of a meta-batch
    steps: int = 100
    outer_lr: float = 5e-2                      # falls to zero along a cosine
    inner_lr: float = 0.2
    inner_steps: int = 10
    test_tasks: int = 600
    test_queries: int = 100                     # per label


SMOKE = Settings(seeds=(0, 1), gammas=(0.0, 1.0), tasks=2, steps=2, test_tasks=4, test_queries=10)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """scores[start][γ][seed]: accuracy and both gaps on new tasks, with 95 % intervals, parity penalized."""
    apply, theta = functional(MLP([biased_tasks.DIM, 1]))
    zero = {name: torch.zeros_like(p, device=run.device) for name, p in theta.items()}
    scores = {start: {gamma: {} for gamma in settings.gammas} for start in ("maml", "zero")}
    for seed in settings.seeds:
        test = biased_tasks.sample_episodes(tasks=settings.test_tasks, shot=settings.shot,
                                            queries=settings.test_queries, rng=generator(seed, -1))
        for gamma in settings.gammas:
            loss = fairness.loss(apply, gamma=gamma)
            inner = dict(inner_lr=settings.inner_lr, inner_steps=settings.inner_steps)
            theta = trained(settings, loss, zero, run, seed, f"parity_gamma{gamma}_seed{seed}", **inner)
            for start, begin in (("maml", theta), ("zero", zero)):
                values = scores[start][gamma][seed] = score(apply, loss, begin, test, **inner)
                run.say(f"γ = {gamma}, seed {seed}, {start}: " + said(values))
    return {"scores": scores}


def trained(settings: Settings, loss: Loss, zero: Params, run: runner.Run, seed: int, label: str,
            **inner) -> Params:
    """θ from which ten people lead to an accurate and, for γ > 0, a fair φ."""
    def batch(step: int) -> Episode:
        return biased_tasks.sample_episodes(tasks=settings.tasks, shot=settings.shot,
                                            queries=settings.queries, rng=generator(seed, step))
    meta_gradient = partial(maml.meta_gradient, loss, over="vmap", **inner)
    return run.train(label, meta_gradient, zero, batch, steps=settings.steps, outer_lr=settings.outer_lr,
                     schedule="cosine", progress=False).theta


def score(apply: Callable, loss: Loss, theta: Params, test: Episode, **inner) -> dict[str, list[float]]:
    """Mean and half of the 95 % interval, over tasks, of accuracy and of both gaps' sizes."""
    def logits(x: Tensor, y: Tensor, x_query: Tensor) -> Tensor:
        return maml.predict(apply, theta, Examples(x, y), x_query, loss=loss, **inner).squeeze(-1)
    decision = (vmap(logits)(test.support.x, test.support.y, test.query.x) > 0).float()     # [tasks, person]
    y, s = test.query.y.unbind(-1)
    values = {"accuracy": (decision == y).float().mean(-1)}
    values |= {name: gap(decision, y, s).abs() for name, gap in GAPS.items()}
    return {name: [round(v.mean().item(), 5), round(1.96 * v.std(correction=1).item() / len(v) ** 0.5, 5)]
            for name, v in values.items()}


def said(values: dict[str, list[float]]) -> str:
    return ", ".join(f"{name} {mean:.3f} ± {half:.3f}" for name, (mean, half) in values.items())


if __name__ == "__main__":
    runner.run("fairness", Settings(), experiment, smoke=SMOKE)
