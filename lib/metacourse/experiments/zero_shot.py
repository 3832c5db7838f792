"""Zero-shot on glyphs: recognize characters of unseen scripts from a description, by kind of attribute."""
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse import results
from metacourse.data import attributes
from metacourse.data.imageset import ImageSet
from metacourse.episode import Examples
from metacourse.experiments import few_shot, runner
from metacourse.methods import zero_shot
from metacourse.training import evaluate
from metacourse.training.reproducible import generator

KINDS = {"counts": ("counts",), "counts and shape": ("counts", "shape"), "zones": ("zones",),
         "all": ("counts", "shape", "zones")}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of the initialization and the training pictures
    channels: int = 32                          # of the Conv4, whose last layer reads the attributes
    pictures: int = 64                          # of a training step
    steps: int = 1000
    outer_lr: float = 3e-3                      # falls to zero along a cosine
    episodes: int = 1000                        # of testing, on test scripts
    queries: int = 15                           # a class
    ways: tuple[int, ...] = (5, 20)


SMOKE = Settings(seeds=(0, 1), pictures=4, steps=2, episodes=4, ways=(5,))


def experiment(settings: Settings, run: runner.Run) -> dict:
    """accuracy[way][kinds of attributes][seed] on test scripts, and R² of every attribute."""
    splits = few_shot.load_glyphs(run)
    raw = {split: attributes.describe(splits[split].names) for split in ("train", "test")}
    scale = attributes.scale_of(raw["train"])
    described = {split: attributes.standardized(a, scale).to(run.device) for split, a in raw.items()}
    accuracy = {way: {kind: {} for kind in KINDS} for way in settings.ways}
    payload = {"scale": scale, "accuracy": accuracy, "r2": {}, "curves": {}}
    for seed in settings.seeds:
        embed, theta, history = trained(settings, splits["train"], described["train"], run, seed)
        read = few_shot.embedded(embed, theta, splits["test"].images)       # [class, drawing, attribute]
        payload["r2"][seed] = explained(read, described["test"])
        payload["curves"][seed] = few_shot.curve(history)
        for way in settings.ways:
            for kind, parts in KINDS.items():
                only = attributes.columns(*parts)
                episodes = attributes.sample_episodes(
                    read[..., only], described["test"][:, only], tasks=settings.episodes, way=way,
                    queries=settings.queries, rng=generator(0))
                scored = evaluate(partial(zero_shot.predict, lambda _, z: z, {}), episodes)
                accuracy[way][kind][seed] = few_shot.score(scored)
                run.say(f"seed {seed}, {way}-way, {kind}: {scored}")
        if seed == settings.seeds[0]:
            results.save_weights(run.name, theta)
    return payload


def trained(settings: Settings, images: ImageSet, described: Tensor, run: runner.Run, seed: int):
    """(embed, θ, history) of a Conv4 that reads the attributes of a drawn character."""
    embed, theta = few_shot.network(seed, channels=settings.channels, way=described.shape[1])

    def batch(step: int) -> Examples:
        rng = generator(seed, step)
        classes, drawings = (torch.randint(n, (settings.pictures,), generator=rng)
                             for n in images.images.shape[:2])
        return Examples(images.images[classes, drawings] / 255, described[classes])
    loss = partial(zero_shot.loss, embed)
    return embed, *run.train(f"seed{seed}", loss, theta, batch, steps=settings.steps,
                             outer_lr=settings.outer_lr, schedule="cosine", progress=False)


def explained(read: Float[Tensor, "class drawing attribute"],
              described: Float[Tensor, "class attribute"]) -> dict[str, float]:
    """R² of every attribute on the test drawings: 1 is read perfectly, 0 is no better than the mean."""
    missed = (read - described[:, None]).square().mean((0, 1))
    share = 1 - missed / described.var(0, correction=0)
    return {name: round(value, 4) for name, value in zip(attributes.NAMES, share.tolist())}


if __name__ == "__main__":
    runner.run("zero_shot", Settings(), experiment, smoke=SMOKE)
