"""ProtoNets trained and tested with one distance: squared or plain Euclidean, or cosine with τ = 0.1."""
from dataclasses import dataclass, field

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
    steps: int = 250
    outer_lr: float = 3e-3                      # at first; falls to zero along a cosine
    test_episodes: int = 600


SMOKE = Settings(seeds=(0,), common=Common(channels=8, tasks=1, queries=1), shots=(1,), steps=2,
                 test_episodes=3)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {shot: {distance: {seed: score}}}; θ is the last one of each training."""
    images = starts.load_glyphs(run, size=28)
    accuracy = {shot: {name: {} for name in DISTANCES} for shot in settings.shots}
    for seed in settings.seeds:
        for i, (name, named) in enumerate(DISTANCES.items()):
            contender = prototypes(settings.common, images["train"], seed, **named)
            theta, _ = run.train(f"distance{i}_seed{seed}", contender.loss, contender.theta, contender.batch,
                                 steps=settings.steps, outer_lr=settings.outer_lr, schedule="cosine")
            judge = Judge(contender, theta)
            for shot in settings.shots:
                condition = Condition("glyphs", shot, images["test"], images["test"])
                accuracy[shot][name][seed] = few_shot.score(
                    judge("protonet", condition, episodes=settings.test_episodes))
            run.say(f"seed {seed}, {name}: {accuracy[settings.shots[0]][name][seed]['accuracy']:.3f}")
    return {"accuracy": accuracy}


if __name__ == "__main__":
    runner.run("protonet_distance_glyphs", Settings(), experiment, smoke=SMOKE)
