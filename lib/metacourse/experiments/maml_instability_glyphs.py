"""How stable is MAML? The same training at three inner rates, five seeds each; every curve is kept."""
from dataclasses import dataclass, field, replace
from functools import partial

from metacourse.experiments import runner, starts
from metacourse.experiments.notes import Notes
from metacourse.methods import maml


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization and training episodes
    inner_lrs: tuple[float, ...] = (0.1, 0.4, 1.6)
    training: starts.Training = field(default_factory=lambda: starts.Training(
        tasks=4, steps=160, inner_steps=3, validate_every=20, validation_episodes=50))


SMOKE = Settings(seeds=(0,), inner_lrs=(0.4,), training=starts.SMOKE)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`curves` {α: {seed: {"validation": [[step, accuracy]], "exploded": step or null}}}."""
    images, curves = starts.load_glyphs(run, settings.training.size), {}
    for inner_lr in settings.inner_lrs:
        training = replace(settings.training, inner_lr=inner_lr)
        for seed in settings.seeds:
            curves.setdefault(inner_lr, {})[seed] = curve(training, images, run, seed)
    return {"curves": curves}


def curve(training: starts.Training, images: dict, run: runner.Run, seed: int) -> dict:
    """Validation accuracy along one training, as far as it goes."""
    notes, at = Notes(points=[]), f"rate{training.inner_lr}_seed{seed}"
    gradient = partial(maml.meta_gradient, over="vmap")
    try:
        starts.train(training, gradient, images, run, at, seed=seed, notes=notes)
        exploded = None
    except FloatingPointError as error:
        run.say(f"{at}: {error}")
        exploded = training.validate_every * len(notes["points"])
    return {"validation": [[step, round(value, 4)] for step, value in notes["points"]], "exploded": exploded}


if __name__ == "__main__":
    runner.run("maml_instability_glyphs", Settings(), experiment, smoke=SMOKE)
