"""MAML, FOMAML, ANIL and Reptile on real pictures, 5-way 1-shot and 5-shot: what both data sets share."""
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from torch import Tensor

from metacourse.experiments import few_shot, maml_family_glyphs, runner, starts

NAMES = {"maml": "MAML", "fomaml": "first-order MAML", "anil": "ANIL", "reptile": "Reptile"}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0,)               # of initialization and training episodes
    shots: tuple[int, ...] = (1, 5)             # in training and testing
    family: maml_family_glyphs.Settings = field(default_factory=lambda: maml_family_glyphs.Settings(
        training=starts.Training(steps=250, validate_every=50)))


SMOKE = Settings(shots=(1,), family=maml_family_glyphs.SMOKE)


def compare(settings: Settings, images: dict[str, Tensor], run: runner.Run,
            papers: Mapping[tuple[str, int], float]) -> dict:
    """`accuracy` {shot: {method: {seed: score}}}, `curves` alike, and a `table` with the papers' numbers."""
    payload = {"accuracy": {}, "curves": {}, "table": []}
    for shot in settings.shots:
        family = replace(settings.family, training=replace(settings.family.training, shot=shot))
        for method in family.methods:
            for seed in settings.seeds:
                score, curve = one_run(family, method, images, run, seed=seed)
                payload["accuracy"].setdefault(shot, {}).setdefault(method, {})[seed] = score
                payload["curves"].setdefault(shot, {}).setdefault(method, {})[seed] = curve
                run.say(f"{shot} shot, {method}, seed {seed}: {score['accuracy']:.3f}")
            first = payload["accuracy"][shot][method][settings.seeds[0]]
            payload["table"].append({"setting": f"{NAMES[method]}, 5-way {shot}-shot", **first,
                                     "paper": papers.get((method, shot))})
    return payload


def one_run(family: maml_family_glyphs.Settings, method: str, images: dict[str, Tensor], run: runner.Run, *,
            seed: int) -> tuple[dict, dict]:
    """Score on test classes, and the curve of its training."""
    training, only = maml_family_glyphs.recipe(family, method), maml_family_glyphs.ONLY.get(method, "")
    gradient, label = maml_family_glyphs.GRADIENTS[method], f"{method}_{training.shot}shot_seed{seed}"
    apply, theta, history = starts.train(training, gradient, images, run, label, seed=seed, only=only)
    tests, last = starts.tests(training, images["test"], training.test_episodes), training.inner_steps
    correct = starts.walk(apply, theta, tests, steps=[last], inner_lr=training.inner_lr, only=only)[last]
    return starts.score(correct, training), few_shot.curve(history, points=10)
