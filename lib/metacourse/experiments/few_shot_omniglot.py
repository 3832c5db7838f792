"""Chapter 3's four methods and SimpleShot, trained and tested on Omniglot (Vinyals' split), seconds each.

The papers train for hours, with more channels, more ways and rotations drawn anew. One seed: no comparison of
methods rests on these numbers.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from torch import Tensor

from metacourse.experiments import few_shot, runner, starts
from metacourse.experiments.contender import Common, Condition, Judge
from metacourse.experiments.contenders import BUILD

NAMES = {"protonet_ways": "ProtoNet, 20-way training", "matching": "Matching networks",
         "siamese": "Siamese, contrastive", "relation": "Relation network", "simple_shot": "SimpleShot"}
PAPERS = {("protonet_ways", 1): 0.988, ("protonet_ways", 5): 0.997, ("matching", 1): 0.981,
          ("matching", 5): 0.989, ("siamese", 1): 0.967, ("siamese", 5): 0.984, ("relation", 1): 0.996,
          ("relation", 5): 0.998}
TRAINED = {"protonet_ways": {"way": 20}, "matching": {"temperature": 0.1}, "siamese": {"margin": 5.0},
           "relation": {}, "supervised": {}}


def steps() -> dict[str, int]:
    """About 20 seconds of a busy core each, as in few_shot_comparison_glyphs."""
    return {"protonet_ways": 878, "matching": 792, "siamese": 715, "relation": 352, "supervised": 825}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0,)               # of initialization and training episodes
    common: Common = field(default_factory=Common)
    steps: Mapping[str, int] = field(default_factory=steps)
    outer_lr: float = 1e-2                      # what all of them took on glyphs; falls to zero
    shots: tuple[int, ...] = (1, 5)             # in training and testing
    test_episodes: int = 600


SMOKE = Settings(common=Common(channels=8, tasks=1, queries=1), steps=dict.fromkeys(TRAINED, 2), shots=(1,),
                 test_episodes=3)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {shot: {method: {seed: score}}}, trained with that shot; papers in a `table`."""
    images = starts.pictures(few_shot.load_omniglot(run))
    payload = {"accuracy": {shot: {} for shot in settings.shots}, "table": []}
    for shot, into in payload["accuracy"].items():
        for seed in settings.seeds:
            for name in TRAINED:
                label, score = one_run(settings, name, images, run, shot, seed)
                into.setdefault(label, {})[seed] = score
        payload["table"] += [{"setting": f"{NAMES[label]}, 5-way {shot}-shot", **scores[settings.seeds[0]],
                              "paper": PAPERS.get((label, shot))} for label, scores in into.items()]
    return payload


def one_run(settings: Settings, name: str, images: dict[str, Tensor], run: runner.Run, shot: int,
            seed: int) -> tuple[str, dict]:
    """Train one method from one seed, and test its first rule: what that is called, and its score."""
    tasks = max(1, round(settings.common.pictures / settings.common.way / (shot + settings.common.queries)))
    common = replace(settings.common, shot=shot, tasks=tasks)
    contender = BUILD[name](common, images["train"], seed, **TRAINED[name])
    theta, _ = run.train(f"{name}_{shot}shot_seed{seed}", contender.loss, contender.theta, contender.batch,
                         steps=settings.steps[name], outer_lr=settings.outer_lr, schedule="cosine")
    judge, rule = Judge(contender, theta), next(iter(contender.rules))
    condition = Condition("omniglot", shot, images["test"], images["test"])
    scored = judge(rule, condition, episodes=settings.test_episodes)
    run.say(f"{judge.label(name, rule)}, seed {seed}, {shot}-shot: {scored}")
    return judge.label(name, rule), few_shot.score(scored)


if __name__ == "__main__":
    runner.run("few_shot_omniglot", Settings(), experiment, smoke=SMOKE)
