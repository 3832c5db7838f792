"""What experiments share that learn a start θ for gradient descent: training it, and walking away from it."""
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import vmap

from metacourse.data import glyphs
from metacourse.data.imageset import ImageSet
from metacourse.data.sampling import sample_episodes, test_episodes
from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.experiments import few_shot
from metacourse.experiments.notes import Notes
from metacourse.experiments.runner import Run
from metacourse.methods import losses, maml, reptile
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.training import History, parallel
from metacourse.training.reproducible import generator, seeded

Change = Callable[[Episode, torch.Generator], Episode]       # what a task family does to episodes of pictures


@dataclass(frozen=True)
class Training:
    """One training run, small enough for a minute on one core."""

    channels: int = 16                          # of the StridedConv4
    size: int = 28                              # pixels of a side
    norm: str = "group"                         # inductive: every picture is normalized by itself
    way: int = 5
    shot: int = 1                               # in training and testing
    queries: int = 5                            # a class, in training; 15 in testing
    tasks: int = 8                              # a step
    steps: int = 300
    inner_lr: float = 0.4
    inner_steps: int = 1                        # in training and testing
    outer_lr: float = 3e-3                      # at first; falls to zero along a cosine
    optimizer: str = "adam"                     # of the outer loop
    validate_every: int = 30                    # steps
    validation_episodes: int = 60
    test_episodes: int = 600


SMOKE = Training(channels=8, queries=1, tasks=2, steps=2, validate_every=1, validation_episodes=3,
                 test_episodes=3)


def load_glyphs(run: Run, size: int) -> dict[str, Tensor]:
    """Pictures of C_train, C_val and C_test, characters of disjoint sets of scripts."""
    few = few_shot.SMALL_SCRIPTS if run.smoke else {}
    return {split: glyphs.load(split, size=size, scripts=few.get(split)).images.to(run.device)
            for split in few_shot.SPLITS}


def pictures(splits: dict[str, ImageSet]) -> dict[str, Tensor]:
    """The pictures of each split of a data set."""
    return {split: images.images for split, images in splits.items()}


def network(training: Training, seed: int) -> tuple[Callable, Params]:
    """(apply, theta) of a freshly drawn StridedConv4."""
    with seeded(seed):
        return functional(StridedConv4(training.channels, way=training.way, norm=training.norm,
                                       size=training.size))


def unchanged(episodes: Episode, rng: torch.Generator) -> Episode:
    """The family whose tasks are pictures as they are."""
    return episodes


def train(training: Training, gradient: Callable, images: dict[str, Tensor], run: Run, label: str, *,
          seed: int, change: Change = unchanged, only: str = "",
          look: Callable[[Params], None] | None = None, notes: Notes | None = None,
          ) -> tuple[Callable, Params, History]:
    """(apply, θ, history); θ is the best on validation classes.

    `gradient(loss, theta, episodes, inner_lr, inner_steps)` is a method's `meta_gradient`. In validation only
    parameters whose name starts with `only` are adapted. `look(theta)` is called at every validation;
    `notes` get each one's (step, accuracy) as "points", and a resumed run gets back what they held.
    """
    apply, theta = network(training, seed)
    inner = dict(inner_lr=training.inner_lr, inner_steps=training.inner_steps)

    def batch(step: int) -> Episode:
        rng = generator(seed, step)
        return change(sample_episodes(images["train"], tasks=training.tasks, way=training.way, rng=rng,
                                      shot=training.shot, queries=training.queries), rng)

    def validate(theta: Params) -> float:
        if look is not None:
            look(theta)
        episodes = tests(training, images["val"], training.validation_episodes, seed=seed, change=change)
        last = training.inner_steps
        walked = walk(apply, theta, episodes, steps=[last], inner_lr=training.inner_lr, only=only)
        points = notes.setdefault("points", [])
        points.append((training.validate_every * (1 + len(points)), walked[last].mean().item()))
        return points[-1][1]
    notes = Notes() if notes is None else notes
    trained = run.train(label, partial(gradient, losses.cross_entropy(apply), **inner), theta, batch,
                        steps=training.steps, outer_lr=training.outer_lr, optimizer=training.optimizer,
                        schedule="cosine", validate=validate, validate_every=training.validate_every,
                        memory=notes)
    return apply, *trained


def tests(training: Training, images: Tensor, episodes: int, *, seed: int = 0,
          change: Change = unchanged) -> list[Episode]:
    """Meta-batches to judge on: the same pictures for every method and family."""
    rng = generator(seed, len(images))
    drawn = test_episodes(images, episodes=episodes, way=training.way, shot=training.shot, seed=seed,
                          queries=min(15, images.shape[1] - training.shot))
    return [change(batch, rng) for batch in drawn]


@torch.no_grad()
def walk(apply: Callable, theta: Params, episodes: Sequence[Episode], *, steps: Collection[int],
         inner_lr: float, only: str | tuple[str, ...] = "") -> dict[int, Float[Tensor, " episodes"]]:
    """Accuracy on each episode's queries after so many inner steps, for every number in `steps`.

    Only parameters whose names start with (one of) `only` are adapted.
    """
    judge = vmap(lambda phi, x, y: (apply(phi, x).argmax(-1) == y).double().mean())

    def of(batch: Episode) -> dict[int, Tensor]:
        (support, query), correct = batch, {}
        phi = {name: p.expand(len(query.x), *p.shape) for name, p in theta.items()}
        for step in range(max(steps) + 1):
            if step in steps:
                correct[step] = judge(phi, query.x, query.y).cpu()
            if step < max(steps):
                phi = one_step(losses.cross_entropy(apply), phi, support, inner_lr=inner_lr, only=only)
        return correct
    found = parallel.spread(of, episodes)
    return {step: torch.cat([correct[step] for correct in found]) for step in sorted(steps)}


def one_step(loss: Loss, phi: Params, support: Examples, *, inner_lr: float,
             only: str | tuple[str, ...]) -> Params:
    """One inner step of every task, φ [task, ...], in which only some parameters move."""
    def of_one_task(phi: Params, x: Tensor, y: Tensor) -> Params:
        return adapt_only(loss, phi, Examples(x, y), only=only, inner_lr=inner_lr, inner_steps=1)
    return vmap(of_one_task)(phi, support.x, support.y)


def adapt_only(loss: Loss, theta: Params, support: Examples, *, only: str | tuple[str, ...],
               inner_lr: float, inner_steps: int) -> Params:
    """φ of one task, in which only parameters whose names start with (one of) `only` differ from θ."""
    rates = {name: inner_lr for name in theta if name.startswith(only)}
    return maml.descend(loss, theta, support, [rates] * inner_steps)[-1]


def score(correct: Float[Tensor, " episodes"], training: Training) -> dict:
    """Accuracies of episodes as a results file keeps them."""
    interval = 1.96 * correct.std().item() / len(correct)**0.5
    policy = {"batch": "transductive"}.get(training.norm, "inductive")
    return {"accuracy": round(correct.mean().item(), 5), "interval": round(interval, 5),
            "episodes": len(correct), "chance": round(1 / training.way, 5), "policy": policy}


def reptile_gradient(loss: Loss, theta: Params, episodes: Episode, **inner) -> tuple[Tensor, Params]:
    """Reptile's, from all pictures of a task."""
    return reptile.meta_gradient(loss, theta, joined(episodes), over="vmap", **inner)


def joined(episodes: Episode) -> Episode:
    """Support and query as one support set: Reptile has no queries, but sees as many pictures as others."""
    support, query = episodes
    x, y = torch.cat([support.x, query.x], dim=2), torch.cat([support.y, query.y], dim=2)
    return Episode(Examples(x, y), query)


def seconds_of(gradient: Callable, device: torch.device, repeats: int = 5) -> float:
    """The shortest of some calls: seconds of this process on a CPU, where others may be busy, too."""
    clock, times = time.process_time if device.type == "cpu" else time.perf_counter, []
    for _ in range(repeats):
        began = clock()
        gradient()[0].item()
        times.append(clock() - began)
    return min(times)
