"""Must training be like testing? ProtoNets of many train ways and shots, each tested with many.

Every training step sees as many pictures: more ways or shots come with fewer tasks. Three seeds were added
after the first five, whose interval for 20 against 5 ways still held zero.
"""
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor

from metacourse.experiments import few_shot, runner, starts
from metacourse.experiments.contender import Common, at_once, backbone
from metacourse.experiments.few_shot import evaluate_prototypes, score
from metacourse.methods import protonet


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = tuple(range(8))    # of initialization and training episodes
    common: Common = field(default_factory=Common)
    ways: tuple[int, ...] = (5, 10, 20)         # in training with 1 shot, and in testing with 1 shot
    shots: tuple[int, ...] = (1, 5)             # in training with 5 ways, and in testing with 5 ways
    pictures: int = 120                         # of a step
    queries: int = 5                            # a class, in training; 15 in testing
    steps: int = 400
    outer_lr: float = 1e-2                      # what ProtoNet took in few_shot_comparison_glyphs; falls to 0
    test_episodes: int = 600


SMOKE = Settings(seeds=(0,), ways=(5, 6), shots=(1, 2), pictures=60, steps=2, test_episodes=3)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`way` {train way: {test way: {seed: score}}} with 1 shot, and `shot` alike with 5 ways.

    θ is the last one of each training: there is nothing to choose, so that no way or shot is favored.
    """
    images = starts.load_glyphs(run, size=28)
    payload = {"way": {}, "shot": {}}
    for seed in settings.seeds:
        for way, shot in trainings(settings):
            z = trained(settings, images, run, seed=seed, way=way, shot=shot)
            tested = partial(evaluate_prototypes, z, episodes=settings.test_episodes)
            if shot == 1:
                into = payload["way"].setdefault(way, {})
                for other in settings.ways:
                    into.setdefault(other, {})[seed] = score(tested(way=other, shot=1))
            if way == settings.common.way:
                into = payload["shot"].setdefault(shot, {})
                for other in settings.shots:
                    into.setdefault(other, {})[seed] = score(tested(way=way, shot=other))
            run.say(f"seed {seed}, trained {way}-way {shot}-shot")
    return payload


def trainings(settings: Settings) -> list[tuple[int, int]]:
    """(way, shot) of every training: the one with the fewest of both is shared by the two grids."""
    return [(way, 1) for way in settings.ways] + [(settings.common.way, k) for k in settings.shots if k > 1]


def trained(settings: Settings, images: dict[str, Tensor], run: runner.Run, *, seed: int, way: int,
            shot: int) -> Tensor:
    """All test pictures, embedded by a network that was trained so."""
    embed, theta = backbone(settings.common, seed)
    tasks = max(1, settings.pictures // (way * (shot + settings.queries)))
    batch = few_shot.batches(images["train"], seed=seed, tasks=tasks, way=way, shot=shot,
                             queries=settings.queries)
    theta, _ = run.train(f"way{way}_shot{shot}_seed{seed}", at_once(embed, protonet.meta_loss), theta, batch,
                         steps=settings.steps, outer_lr=settings.outer_lr, schedule="cosine")
    return few_shot.embedded(embed, theta, images["test"])


if __name__ == "__main__":
    runner.run("protonet_way_shot_glyphs", Settings(), experiment, smoke=SMOKE)
