"""ProtoNets trained and tested with one distance: squared or plain Euclidean, or cosine with τ = 0.1."""
from dataclasses import dataclass, field

from torch import Tensor

from metacourse.experiments import few_shot, runner, starts
from metacourse.experiments.contender import Common, Condition, Judge
from metacourse.experiments.contenders import prototypes

DISTANCES = {"squared": {"distance": "squared"}, "euclidean": {"distance": "euclidean"},
             "cosine": {"distance": "cosine", "temperature": 0.1}}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization and training episodes
    common: Common = field(default_factory=Common)
    shots: tuple[int, ...] = (1, 5)             # in testing; 1 in training
    steps: int = 300
    outer_lrs: tuple[float, ...] = (3e-3, 1e-2)     # tried with the first seed; each falls to zero
    validation_episodes: int = 300
    test_episodes: int = 600


SMOKE = Settings(seeds=(0,), common=Common(channels=8, tasks=1, queries=1), shots=(1,), steps=2,
                 validation_episodes=2, test_episodes=3)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {shot: {distance: {seed: score}}}, and `trials` {distance: {rate: validation accuracy}}."""
    images = starts.load_glyphs(run, size=28)
    accuracy = {shot: {name: {} for name in DISTANCES} for shot in settings.shots}
    first = settings.seeds[0]
    trials = {name: {lr: validated(settings, trained(settings, name, images, run, first, lr), images)
                     for lr in settings.outer_lrs} for name in DISTANCES}
    for seed in settings.seeds:
        for name, tried in trials.items():
            judge = trained(settings, name, images, run, seed, max(tried, key=tried.get))
            for shot in settings.shots:
                condition = Condition("glyphs", shot, images["test"], images["test"])
                accuracy[shot][name][seed] = few_shot.score(
                    judge("protonet", condition, episodes=settings.test_episodes))
            run.say(f"seed {seed}, {name}: {accuracy[settings.shots[0]][name][seed]['accuracy']:.3f}")
    return {"accuracy": accuracy, "trials": trials}


def trained(settings: Settings, name: str, images: dict[str, Tensor], run: runner.Run, seed: int,
            outer_lr: float) -> Judge:
    """The ProtoNet of one distance, with the last θ of its training."""
    contender = prototypes(settings.common, images["train"], seed, **DISTANCES[name])
    theta, _ = run.train(f"{name}_{outer_lr}_seed{seed}", contender.loss, contender.theta, contender.batch,
                         steps=settings.steps, outer_lr=outer_lr, schedule="cosine")
    return Judge(contender, theta)


def validated(settings: Settings, judge: Judge, images: dict[str, Tensor]) -> float:
    """Accuracy on validation scripts, 5-way 1-shot."""
    condition = Condition("validation", 1, images["val"], images["val"])
    return round(float(judge("protonet", condition, episodes=settings.validation_episodes)), 4)


if __name__ == "__main__":
    runner.run("protonet_distance_glyphs", Settings(), experiment, smoke=SMOKE)
