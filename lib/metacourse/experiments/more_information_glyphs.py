"""What unlabeled pictures, descriptions and well-chosen questions add to prototypes on glyphs.

Embeddings are frozen ProtoNets, one for each seed. What has to be chosen (the radius of the distractors'
cluster, the threshold of the gate, the worth of a description) is chosen on validation scripts.
"""
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from metacourse import results
from metacourse.data import attributes, unlabeled
from metacourse.data.imageset import ImageSet
from metacourse.episode import Episode
from metacourse.experiments import few_shot, runner
from metacourse.experiments import more_information_parts as parts
from metacourse.methods import protonet, side_information
from metacourse.methods.semi_supervised import Distractors
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.training.reproducible import generator, seeded

ALONE = float("inf")                            # a description that is worth any number of pictures
DRAWINGS = {"train": 3, "val": 16, "test": 16}  # of each class; the training ones fit g and the center


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization and training episodes
    channels: int = 32                          # of a Conv4 with strides
    train_way: int = 20                         # 1-shot, with `train_queries` of each class
    train_queries: int = 5
    steps: int = 400
    outer_lr: float = 3e-3                      # falls to zero along a cosine
    classes: int = 300                          # of training scripts, described and embedded to fit g
    tasks: int = 600                            # 5-way 1-shot, of testing and of choosing
    way: int = 5
    queries: int = 8                            # a class
    unlabeled: int = 5                          # pictures of each class, and of each distractor class
    k_means_steps: tuple[int, ...] = (1, 3, 10)
    radii: tuple[float, ...] = (0.8, 0.9, 1.0, 1.1, 1.2, 1.4)
    thresholds: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
    slope: float = 20.0                         # of the gate
    worths: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
    ways: tuple[int, ...] = (5, 20)             # with descriptions
    shots: tuple[int, ...] = (1, 5)
    budget: int = 20                            # questions
    pool: int = 8                               # pictures of each class to ask about


SMOKE = Settings(seeds=(0, 1), channels=8, train_way=5, steps=2, classes=8, tasks=4, queries=2, unlabeled=2,
                 k_means_steps=(1,), radii=(1.0,), thresholds=(0.5,), worths=(1.0,), ways=(5,), budget=2,
                 pool=3)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Accuracies on test scripts for every seed, and what was chosen on validation scripts."""
    splits = few_shot.load_glyphs(run)
    told, scale = descriptions(settings, splits, run)
    payload = {"scale": scale, "chosen": {}, "unlabeled": {}, "described": {}, "by_worth": {},
               "asked": {}, "wasted": {}, "curves": {}}
    for seed in settings.seeds:
        theta, z, curve = embedded(settings, splits, run, seed)
        payload["curves"][seed] = curve
        g = side_information.fit(told["train"], z["train"].mean(1))
        guess = {split: side_information.described(g, told[split]) for split in ("val", "test")}
        center = z["train"].mean((0, 1))
        chosen = payload["chosen"][seed] = choose(settings, z["val"], guess["val"], center)
        record(payload["unlabeled"], unlabeled_pictures(settings, z["test"], center, chosen), seed)
        record(payload["described"], with_descriptions(settings, z["test"], guess["test"], chosen), seed)
        record(payload["by_worth"], by_worth(settings, z["test"], guess["test"]), seed)
        curves, wasted = questions(settings, z["test"])
        record(payload["asked"], curves, seed)
        record(payload["wasted"], wasted, seed)
        run.say(f"seed {seed}: {chosen}")
        if seed == settings.seeds[0]:
            kept = {**g, "center": center, **{name: torch.tensor(value) for name, value in chosen.items()}}
            results.save_weights(run.name, {**{f"embed.{name}": p for name, p in theta.items()}, **kept})
    return payload


def embedded(settings: Settings, splits: dict[str, ImageSet], run: runner.Run, seed: int):
    """(θ, pictures of each split [class, drawing, dim], training curve) of one ProtoNet."""
    with seeded(seed):
        embed, theta = functional(StridedConv4(settings.channels))
    batch = few_shot.batches(splits["train"].images, seed=seed, tasks=1, way=settings.train_way, shot=1,
                             queries=settings.train_queries)
    theta, history = run.train(f"seed{seed}", partial(protonet.meta_loss, embed), theta, batch,
                               steps=settings.steps, outer_lr=settings.outer_lr, schedule="cosine",
                               progress=False)
    images = {split: splits[split].images for split in splits}
    images["train"] = images["train"][some(settings, splits)]
    images = {split: x[:, :DRAWINGS[split]] for split, x in images.items()}
    z = {split: few_shot.embedded(embed, theta, x) for split, x in images.items()}
    return theta, z, few_shot.curve(history)


def some(settings: Settings, splits: dict[str, ImageSet]) -> Tensor:
    """The training classes that are described, spread over all scripts."""
    return torch.linspace(0, len(splits["train"].names) - 1, settings.classes).long()


def descriptions(settings: Settings, splits: dict[str, ImageSet], run: runner.Run):
    """({split: attribute vectors}, the scale of the training classes on which they are)."""
    names = {split: splits[split].names for split in splits}
    names["train"] = [names["train"][i] for i in some(settings, splits).tolist()]
    raw = {split: attributes.describe(names[split]) for split in splits}
    scale = attributes.scale_of(raw["train"])
    scale["std"] = [max(value, 1e-6) for value in scale["std"]]              # all alike, in a smoke run
    return {split: attributes.standardized(a, scale).to(run.device) for split, a in raw.items()}, scale


def pool_of(settings: Settings, z: Tensor, distractors: int) -> Episode:
    """Episodes with unlabeled pictures, of the task's own classes and of `distractors` others."""
    return unlabeled.sample_episodes(z, tasks=settings.tasks, way=settings.way, shot=1, rng=generator(1),
                                     queries=settings.queries, unlabeled=settings.unlabeled,
                                     distractors=distractors)


def choose(settings: Settings, z: Tensor, guess: Tensor, center: Tensor) -> dict[str, float]:
    """Radius, threshold and worth with the highest accuracy on validation scripts."""
    episodes = pool_of(settings, z, settings.way)
    shape = dict(tasks=settings.tasks, way=settings.way, shot=1, queries=settings.queries)

    def best(values, accuracy):
        return max(values, key=lambda value: accuracy(value).mean().item())
    return {
        "radius": best(settings.radii, lambda radius: parts.with_unlabeled(
            episodes, distractors=Distractors(center, torch.tensor(radius).to(center)))),
        "threshold": best(settings.thresholds, lambda threshold: parts.with_unlabeled(
            episodes, gate=parts.constant_gate(threshold, settings.slope))),
        "worth": best(settings.worths, lambda worth: parts.with_descriptions(z, guess, worth=worth, **shape)),
    }


def unlabeled_pictures(settings: Settings, z: Tensor, center: Tensor, chosen: dict) -> dict:
    """{pool: {method: score}} without and with pictures of other classes in the pool."""
    cluster = Distractors(center, torch.tensor(chosen["radius"]).to(center))
    ways = {"labeled only": {"steps": 0},
            **{f"soft k-means, {steps} step{'s' * (steps > 1)}": {"steps": steps}
               for steps in settings.k_means_steps},
            "with a cluster for distractors": {"distractors": cluster},
            "with a gate": {"gate": parts.constant_gate(chosen["threshold"], settings.slope)}}
    pools = {"own classes": 0, "with distractors": settings.way}
    return {pool: {way: parts.score(parts.with_unlabeled(pool_of(settings, z, number), **keywords))
                   for way, keywords in ways.items()} for pool, number in pools.items()}


def with_descriptions(settings: Settings, z: Tensor, guess: Tensor, chosen: dict) -> dict:
    """{"5-way": {"1 picture": {"picture": score, "description": …, "both": …}}}."""
    worths = {"pictures": 0.0, "description": ALONE, "both": chosen["worth"]}

    def scores(**shape):
        return {kind: parts.score(parts.with_descriptions(
            z, guess, worth=worth, tasks=settings.tasks, queries=settings.queries, **shape))
            for kind, worth in worths.items()}
    return {f"{way}-way": {f"{shot}-shot": scores(way=way, shot=shot) for shot in settings.shots}
            for way in settings.ways}


def by_worth(settings: Settings, z: Tensor, guess: Tensor) -> dict:
    """{worth of a description: score}, 1-shot: what the choice would have been on test scripts."""
    return {worth: parts.score(parts.with_descriptions(z, guess, worth=worth, shot=1, way=settings.way,
                                                       tasks=settings.tasks, queries=settings.queries))
            for worth in (0.0, *settings.worths)}


def questions(settings: Settings, z: Tensor) -> tuple[dict, dict]:
    """{pool: {who asks: accuracy after each answer}}, and {pool: {who asks: share of wasted questions}}."""
    curves, wasted = {}, {}
    for pool, strange in {"own classes": False, "with distractors": True}.items():
        for who, lucky in {"uncertain": False, "random": True}.items():
            curve, share = parts.by_asking(z, way=settings.way, pool=settings.pool, queries=settings.queries,
                                           tasks=settings.tasks, budget=settings.budget, strange=strange,
                                           lucky=lucky)
            curves.setdefault(pool, {})[who] = [round(value, 5) for value in curve.mean(1).tolist()]
            wasted.setdefault(pool, {})[who] = round(share, 4)
    return curves, wasted


def record(where: dict, found, seed: int) -> None:
    """Put every leaf of `found` under the same names of `where`, by seed."""
    for name, value in found.items():
        if isinstance(value, dict) and "accuracy" not in value:
            record(where.setdefault(name, {}), value, seed)
        else:
            where.setdefault(name, {})[seed] = value


if __name__ == "__main__":
    runner.run("more_information_glyphs", Settings(), experiment, smoke=SMOKE)
