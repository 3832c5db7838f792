"""A transformer that learns to learn: accuracy on new scripts against the number of characters it met."""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from metacourse import results
from metacourse.data.sampling import test_episodes
from metacourse.episode import Params
from metacourse.experiments import few_shot, runner
from metacourse.methods import in_context
from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from metacourse.training import Evaluation, History, evaluate
from metacourse.training.reproducible import seeded


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0,)               # of initialization, choice of classes and episodes
    classes: tuple[int, ...] = (20, 200, 1658)  # training characters, at random; the last is all
    channels: int = 32                          # of the Conv4
    dim: int = 64                               # of a token
    layers: int = 2
    heads: int = 4
    tasks: int = 8                              # 5-way 1-shot episodes a step
    queries: int = 4                            # a class, in training; 15 in testing
    steps: int = 250
    outer_lr: float = 1e-3                      # at first; falls to zero along a cosine
    validate_every: int = 50                    # steps
    validation_episodes: int = 50               # on validation scripts
    test_episodes: int = 600                    # on test scripts, and on training characters


SMOKE = Settings(classes=(5, 6), tasks=1, queries=1, steps=2, validate_every=1, validation_episodes=2,
                 test_episodes=4)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Accuracy on the training characters and on new scripts, for every number of characters and seed."""
    images = {split: some.images for split, some in few_shot.load_glyphs(run).items()}
    payload = {"model": shape(settings), "channels": settings.channels, "by_classes": {}}
    best = -1.0
    for classes in settings.classes:
        payload["by_classes"][classes] = {"train": {}, "test": {}, "curves": {}}
        for seed in settings.seeds:
            met = few_shot.some_classes(images["train"], classes, seed)
            apply, theta, history = trained_reader(settings, met, images["val"], run, seed)
            for name, on in [("train", met), ("test", images["test"])]:
                scored = judge(apply, theta, on, episodes=settings.test_episodes)
                run.say(f"{classes} characters, seed {seed}, {name}: {scored}")
                payload["by_classes"][classes][name][seed] = few_shot.score(scored)
            payload["by_classes"][classes]["curves"][seed] = few_shot.curve(history)
            if max(value for _, value in history.validation) > best:
                best = max(value for _, value in history.validation)
                results.save_weights(run.name, theta)
    return payload


def shape(settings: Settings) -> dict:
    """What InContext takes beside its embedding."""
    return {"way": 5, "dim": settings.dim, "layers": settings.layers, "heads": settings.heads}


def reader(settings: Settings, seed: int) -> tuple[Callable, Params]:
    """(apply, θ) of a freshly drawn network."""
    with seeded(seed):
        return functional(in_context.InContext(Conv4(settings.channels), **shape(settings)))


def trained_reader(settings: Settings, met: Tensor, val: Tensor, run: runner.Run,
                   seed: int) -> tuple[Callable, Params, History]:
    """(apply, θ, history) of one training run on the characters `met`; θ is best on validation scripts."""
    apply, theta = reader(settings, seed)
    batch = few_shot.batches(met, seed=seed, tasks=settings.tasks, way=5, shot=1,
                             queries=settings.queries)
    loss = partial(in_context.meta_loss, apply)
    trained = run.train(f"{len(met)}_characters_seed{seed}", loss, theta, batch, steps=settings.steps,
                        outer_lr=settings.outer_lr, schedule="cosine",
                        validate=partial(judge, apply, images=val, episodes=settings.validation_episodes),
                        validate_every=settings.validate_every)
    return apply, *trained


def judge(apply: Callable, theta: Params, images: Tensor, *, episodes: int) -> Evaluation:
    """5-way 1-shot accuracy."""
    predict = partial(in_context.predict, apply, theta)
    return evaluate(predict, test_episodes(images, episodes=episodes))


if __name__ == "__main__":
    runner.run("in_context_glyphs", Settings(), experiment, smoke=SMOKE)
