"""Can MAML overfit to its training characters? 10-way 1-shot from 20 of them, followed for a while.

What grows is not the fit to a task, whose support set has one picture a class, but the fit to the characters
that tasks are made of: training episodes become easy, episodes of new characters do not.
"""
from dataclasses import dataclass, field
from functools import partial

from metacourse.episode import Params
from metacourse.experiments import few_shot, runner, starts
from metacourse.experiments.notes import Notes
from metacourse.methods import maml


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1)             # of characters, initialization and training episodes
    classes: int = 20                           # training characters
    patience: int = 3                           # validations without a better one, for the rule in the text
    training: starts.Training = field(default_factory=lambda: starts.Training(
        way=10, tasks=4, steps=300, validate_every=20, validation_episodes=40))


SMOKE = Settings(seeds=(0,), classes=10, training=starts.SMOKE)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`curves` {seed: steps, train, validation, stop}; `test` {"best" | "last": {seed: score}}."""
    images = starts.load_glyphs(run, settings.training.size)
    payload = {"curves": {}, "test": {"best": {}, "last": {}}}
    for seed in settings.seeds:
        met = few_shot.some_classes(images["train"], settings.classes, seed)
        payload["curves"][seed], thetas = one_run(settings, {**images, "train": met}, run, seed)
        for which, (apply, theta) in thetas.items():
            training = settings.training
            correct = accuracy(training, apply, theta, images["test"], training.test_episodes)
            payload["test"][which][seed] = starts.score(correct, training)
            run.say(f"seed {seed}, {which} θ: {payload['test'][which][seed]['accuracy']:.3f}")
    return payload


def one_run(settings: Settings, images: dict, run: runner.Run, seed: int) -> tuple[dict, dict]:
    """The curves of one training, and (apply, θ) of the best validation and of the last step."""
    training, notes = settings.training, Notes(met=[])
    apply, _ = starts.network(training, seed)

    def look(theta: Params) -> None:
        notes["last"] = theta
        correct = accuracy(training, apply, theta, images["train"], training.validation_episodes)
        notes["met"].append(round(correct.mean().item(), 4))
    _, best, _ = starts.train(training, partial(maml.meta_gradient, over="vmap"), images, run, f"seed{seed}",
                              seed=seed, look=look, notes=notes)
    curve = {"steps": [step for step, _ in notes["points"]], "train": notes["met"],
             "validation": [round(value, 4) for _, value in notes["points"]]}
    curve["stop"] = stop(curve["steps"], curve["validation"], settings.patience)
    last = {name: p.to(run.device) for name, p in notes["last"].items()}   # resumed, it comes on the CPU
    return curve, {"best": (apply, best), "last": (apply, last)}


def accuracy(training: starts.Training, apply, theta: Params, images, episodes: int):
    """Accuracy on each of some episodes of these pictures, after the inner steps of training."""
    drawn, last = starts.tests(training, images, episodes), training.inner_steps
    return starts.walk(apply, theta, drawn, steps=[last], inner_lr=training.inner_lr)[last]


def stop(steps: list[int], values: list[float], patience: int) -> int | None:
    """The step at which early stopping ends: after `patience` validations without a better one; else None."""
    for i, step in enumerate(steps):
        if i - values.index(max(values[:i + 1])) >= patience:
            return step
    return None


if __name__ == "__main__":
    runner.run("maml_overfitting_glyphs", Settings(), experiment, smoke=SMOKE)
