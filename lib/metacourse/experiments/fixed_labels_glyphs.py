"""Why labels are reshuffled: one network, trained twice on the same characters. Only the labels differ."""
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from metacourse.episode import Episode, Examples, Params
from metacourse.experiments import few_shot, in_context_glyphs, runner
from metacourse.experiments.notes import Notes
from metacourse.methods import in_context
from metacourse.training import evaluate
from metacourse.training.reproducible import generator

WAY = 5


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of characters, initialization and episodes
    classes: int = 20                           # training characters, four for each label
    model: in_context_glyphs.Settings = field(default_factory=in_context_glyphs.Settings)
    tasks: int = 4                              # 5-way 1-shot episodes a step
    queries: int = 5                            # a class
    steps: int = 200
    outer_lr: float = 1e-3                      # at first; falls to zero along a cosine
    look_every: int = 40                        # steps between two points of the curves
    look_episodes: int = 50
    test_episodes: int = 600


SMOKE = Settings(seeds=(0,), classes=10, tasks=1, queries=1, steps=2, look_every=1,
                 look_episodes=2, test_episodes=4)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Accuracy on training characters and on new scripts for every seed, with either kind of labels."""
    images = {split: some.images for split, some in few_shot.load_glyphs(run).items()}
    payload = {"model": in_context_glyphs.shape(settings.model)}
    for labels in ("fixed", "reshuffled"):
        payload[labels] = {"train": {}, "test": {}, "curves": {}}
        for seed in settings.seeds:
            for part, value in one_run(settings, images, run, labels=labels, seed=seed).items():
                payload[labels][part][seed] = value
    return payload


def one_run(settings: Settings, images: dict[str, Tensor], run: runner.Run, *, labels: str,
            seed: int) -> dict:
    """Scores on training characters (`train`) and new scripts (`test`), and accuracies on the way there."""
    met = few_shot.some_classes(images["train"], settings.classes, seed)
    episodes = partial(labeled_episodes, queries=settings.queries, reshuffle=labels == "reshuffled")
    apply, theta = in_context_glyphs.reader(settings.model, seed)

    def accuracy(theta: Params, on: Tensor, n_episodes: int):
        return evaluate(partial(in_context.predict, apply, theta), batches_of(episodes, on, n_episodes))
    curve = Notes(steps=[], train=[], new=[])

    def look(theta: Params) -> float:
        curve["steps"].append((len(curve["steps"]) + 1) * settings.look_every)
        for name, on in [("train", met), ("new", images["val"])]:
            curve[name].append(round(accuracy(theta, on, settings.look_episodes).accuracy, 4))
        return curve["train"][-1]                           # fixed labels are judged where they work

    def batch(step: int) -> Episode:
        return episodes(met, tasks=settings.tasks, rng=generator(seed, step))
    theta, _ = run.train(f"{labels}_seed{seed}", partial(in_context.meta_loss, apply), theta, batch,
                         steps=settings.steps, outer_lr=settings.outer_lr, schedule="cosine", validate=look,
                         validate_every=settings.look_every, memory=curve)
    scored = {name: accuracy(theta, on, settings.test_episodes)
              for name, on in [("train", met), ("test", images["test"])]}
    run.say(f"{labels} labels, seed {seed}: training characters {scored['train']}, new ones {scored['test']}")
    return {**{name: few_shot.score(e) for name, e in scored.items()}, "curves": curve}


def labeled_episodes(images: Tensor, *, tasks: int, queries: int, rng: torch.Generator,
                      reshuffle: bool) -> Episode:
    """5-way 1-shot tasks in which class c always has label c mod 5; or the same tasks, labels shuffled."""
    some = torch.randint(len(images) // WAY, (tasks, WAY), generator=rng)
    classes = some * WAY + torch.arange(WAY)                                        # one for each label
    drawings = torch.rand(tasks, WAY, images.shape[1], generator=rng).argsort(-1)[..., :1 + queries]
    x = images[classes[..., None], drawings].float() / 255
    y = torch.arange(WAY).expand(tasks, WAY)
    if reshuffle:
        y = torch.rand(tasks, WAY, generator=rng).argsort(-1)
    y = y[..., None].expand(tasks, WAY, 1 + queries).to(x.device)
    return Episode(Examples(x[:, :, :1], y[..., :1]), Examples(x[:, :, 1:], y[..., 1:]))


def batches_of(episodes, images: Tensor, n_episodes: int, tasks: int = 20) -> Iterator[Episode]:
    """Test episodes, the same on every call, in meta-batches."""
    rng = generator(0)
    for start in range(0, n_episodes, tasks):
        yield episodes(images, tasks=min(tasks, n_episodes - start), rng=rng)


if __name__ == "__main__":
    runner.run("fixed_labels_glyphs", Settings(), experiment, smoke=SMOKE)
