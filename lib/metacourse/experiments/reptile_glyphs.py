"""Reptile on glyphs: a better start for gradient descent, found without a second derivative."""
from dataclasses import replace

from metacourse.experiments import few_shot, runner
from metacourse.experiments.maml_glyphs import SMOKE as MAML_SMOKE
from metacourse.experiments.maml_glyphs import Settings, adapted_scores
from metacourse.methods import reptile

SETTINGS = Settings(
    shot=10,                                    # in training, as in the paper; 1 in testing
    queries=0,                                  # Reptile uses none
    tasks=2,
    steps=500,
    inner_lr=0.1,
    inner_steps=8,
    outer_lr=1.0,                               # ε: all the way to the mean of φ at first, then less and less
    optimizer="sgd",
)
SMOKE = replace(MAML_SMOKE, shot=2, queries=0, outer_lr=1.0, optimizer="sgd")


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Test accuracy of Reptile for every seed, and how it grows along the inner steps."""
    splits = few_shot.load_glyphs(run)
    return adapted_scores(settings, reptile.meta_gradient, splits, run, key="reptile")


if __name__ == "__main__":
    runner.run("reptile_glyphs", SETTINGS, experiment, smoke=SMOKE)
