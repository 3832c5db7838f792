"""Which part of MAML++ helps? MAML, each part alone, all parts, and Meta-SGD, at an equal number of steps.

Trainings are short, and θ is the last one: this shows what helps early, not what is best in the end.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import vmap

from metacourse.data.sampling import sample_episodes
from metacourse.episode import Episode, Examples, Params
from metacourse.experiments import few_shot, runner, starts
from metacourse.methods import losses, maml_plus_plus, meta_sgd
from metacourse.methods.maml_plus_plus import ALL, Parts
from metacourse.training.reproducible import generator

VARIANTS = {
    "MAML": Parts(),
    "+ multi-step loss": Parts(multi_step_loss=True),
    "+ learned rates": Parts(learned_rates=True),
    "+ per-step norm": Parts(step_norm=True),
    "+ annealed order": Parts(annealed_order=True),
    "+ cosine annealing": Parts(cosine=True),
    "all: MAML++": ALL,
    "Meta-SGD": None,
}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2)          # of initialization and training episodes
    variants: tuple[str, ...] = tuple(VARIANTS)
    training: starts.Training = field(default_factory=lambda: starts.Training(
        tasks=4, steps=100, inner_lr=0.1, inner_steps=3))


SMOKE = Settings(seeds=(0,), training=starts.SMOKE)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {variant: {seed: score}}, `spread` over seeds, and `seconds` of each training."""
    images = starts.load_glyphs(run, settings.training.size)
    payload = {"accuracy": {}, "spread": {}, "seconds": {}}
    for seed in settings.seeds:
        for variant in settings.variants:
            score, seconds = one_run(settings.training, variant, images, run, seed=seed)
            payload["accuracy"].setdefault(variant, {})[seed] = score
            payload["seconds"].setdefault(variant, {})[seed] = seconds
            run.say(f"seed {seed}, {variant}: {score['accuracy']:.3f}")
    for variant, scores in payload["accuracy"].items():
        payload["spread"][variant] = few_shot.spread({seed: s["accuracy"] for seed, s in scores.items()})
    return payload


def one_run(training: starts.Training, variant: str, images: dict[str, Tensor], run: runner.Run, *,
            seed: int) -> tuple[dict, float]:
    """Score on test scripts, and the seconds of the training."""
    apply, theta = starts.network(training, seed)
    meta, gradient, predict = method(VARIANTS[variant], training, apply, theta)

    def batch(step: int) -> tuple[Episode, float]:
        drawn = sample_episodes(images["train"], tasks=training.tasks, way=training.way, shot=training.shot,
                                queries=training.queries, rng=generator(seed, step))
        return drawn, step / training.steps
    falls = VARIANTS[variant] is not None and VARIANTS[variant].cosine
    label = "".join(letter for letter in variant if letter.isalpha())
    meta, history = run.train(f"{label}_seed{seed}", lambda meta, drawn: gradient(meta, *drawn), meta, batch,
                              steps=training.steps, outer_lr=training.outer_lr,
                              schedule="cosine" if falls else None, validate_every=training.steps)
    tests = starts.tests(training, images["test"], training.test_episodes)
    return starts.score(judged(partial(predict, meta), tests), training), round(history.seconds, 1)


def method(parts: Parts | None, training: starts.Training, apply: Callable,
           theta: Params) -> tuple[Params, Callable, Callable]:
    """(start, gradient(meta, episodes, progress), predict(meta, support, x_query)) of MAML++, or Meta-SGD."""
    loss, settings = losses.cross_entropy(apply), dict(inner_steps=training.inner_steps)
    if parts is None:
        learner, meta = meta_sgd, meta_sgd.start(theta, training.inner_lr)
    else:
        settings["parts"] = parts
        learner, meta = maml_plus_plus, maml_plus_plus.start(theta, inner_lr=training.inner_lr, **settings)

    def gradient(meta: Params, episodes: Episode, progress: float) -> tuple[Tensor, Params]:
        more = {} if parts is None else {"progress": progress}
        return learner.meta_gradient(loss, meta, episodes, over="vmap", **settings, **more)
    return meta, gradient, lambda meta, *task: learner.predict(apply, meta, *task, loss=loss, **settings)


def judged(predict: Callable, tests: list[Episode]) -> Float[Tensor, " episodes"]:
    """Accuracy on each episode's queries."""
    def of_one(x: Tensor, y: Tensor, x_query: Tensor, y_query: Tensor) -> Tensor:
        answers = predict(Examples(x, y), x_query.flatten(0, 1)).argmax(-1)
        return (answers == y_query.flatten()).double().mean()
    return torch.cat([vmap(of_one)(*support[:2], *query[:2]).cpu() for support, query in tests])


if __name__ == "__main__":
    runner.run("maml_plus_plus_glyphs", Settings(), experiment, smoke=SMOKE)
