"""What test_ranks.py runs, alone and under torchrun: a small training of each kind, and evaluations."""
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from metacourse.data.sampling import sample_episodes, test_episodes
from metacourse.episode import Episode, Examples
from metacourse.experiments import few_shot, runner, starts
from metacourse.methods import finetune, losses, maml, maml_plus_plus, moco, protonet, reptile, simclr
from metacourse.models.functional import functional
from metacourse.training import evaluate, parallel, train
from metacourse.training.reproducible import generator, seed_of, seeded

WAY, PIXELS = 3, 4
INNER = dict(inner_lr=0.1, inner_steps=2)
PARTS = replace(maml_plus_plus.ALL, step_norm=False)                  # the network has none


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0,)
    steps: int = 6
    tasks: int = 5                              # in shares of 3 and 2, or of 2, 2 and 1


def network(out: int, *seeds: int):
    with seeded(out, *seeds):
        body = nn.Linear(PIXELS**2, 8), nn.Tanh(), nn.Linear(8, out)
        return functional(nn.Sequential(nn.Flatten(-3), *body))


def pictures() -> torch.Tensor:
    """[class, drawing, 1, 4, 4]: a pattern for each class, and noise."""
    rng = generator(1)
    return torch.rand(9, 1, 1, PIXELS, PIXELS, generator=rng) + 0.6 * torch.rand(9, 8, 1, PIXELS, PIXELS,
                                                                             generator=rng)


def experiment(settings: Settings, run: runner.Run) -> dict:
    images, (apply, theta), (embed, start) = pictures(), network(WAY), network(6)
    loss = losses.cross_entropy(apply)
    plus = maml_plus_plus.start(theta, parts=PARTS, **INNER)
    method = moco.MoCo(embed, lambda theta, z: z, start, queue=8, momentum=0.5, temperature=0.5)

    def episodes(step: int, tasks: int = settings.tasks):
        if os.environ.get("DIE_AT") == f"{parallel.rank()}:{step}":
            os.kill(os.getpid(), signal.SIGKILL)
        return sample_episodes(images, tasks=tasks, way=WAY, shot=1, queries=2, rng=generator(0, step))

    def photos(step: int) -> Examples:
        return Examples(images[:WAY, step % 8], torch.arange(WAY))

    def views(step: int) -> simclr.Views:
        return simclr.Views(images[:, step % 8], images[:, (step + 1) % 8])
    trainings = {
        "protonet": (partial(protonet.meta_loss, embed), start, episodes),
        "one task": (partial(protonet.meta_loss, embed), start, partial(episodes, tasks=1)),
        "maml": (partial(maml.meta_gradient, loss, over="loop", **INNER), theta, episodes),
        "reptile": (partial(reptile.meta_gradient, loss, over="loop", **INNER), theta, episodes),
        "maml++": (lambda meta, drawn: maml_plus_plus.meta_gradient(
            loss, meta, drawn[0], inner_steps=2, progress=drawn[1], parts=PARTS, over="loop"), plus,
            lambda step: (episodes(step), step / settings.steps)),
        "supervised": (loss, theta, photos),
        "moco": (method.loss, start, views),
    }
    learned = {}
    for name, (its_loss, its_start, batch) in trainings.items():
        more = {"moco": dict(memory=method, after_step=method.after_step),
                "protonet": dict(validate=partial(score, embed))}.get(name, {})
        learned[name] = run.train(name, its_loss, its_start, batch, steps=settings.steps, outer_lr=0.05,
                                  optimizer="sgd", validate_every=2, **more)
    return {"ranks": parallel.world(), "trained": {name: plain(one) for name, one in learned.items()},
            "with batch norm and Adam": normalized(run, episodes),
            "evaluated": evaluated(embed, learned["protonet"].theta),
            "from_scratch": from_scratch(apply, loss), "walked": walked(apply, learned["maml"].theta)}


def plain(trained) -> dict:
    return {"theta": {name: p.flatten() for name, p in trained.theta.items()}, "loss": trained.history.loss,
            "validation": trained.history.validation}


def normalized(run: runner.Run, episodes: Callable) -> torch.Tensor:
    """What a network answers whose biases before batch norm are noise, which Adam makes large: not θ."""
    class Normalized(nn.Linear):
        def forward(self, x):
            return F.batch_norm(super().forward(x.flatten(-3)), None, None, training=True)
    with seeded(3):
        embed, start = functional(Normalized(PIXELS**2, 6))
    theta = run.train("batch norm", partial(protonet.meta_loss, embed), start, episodes, steps=6,
                      outer_lr=0.05, validate_every=6).theta
    return embed(theta, pictures()[:, 0])


def score(embed: Callable, theta: dict) -> float:
    tests = test_episodes(pictures(), episodes=7, way=WAY, queries=4, batch=4)
    return evaluate(partial(protonet.predict, embed, theta), tests).accuracy


def evaluated(embed: Callable, theta: dict) -> dict:
    """Of a learner that trains on each task, all ranks apart."""
    def predict(support: Examples, x: torch.Tensor) -> torch.Tensor:
        def loss(theta: dict, both: Episode) -> torch.Tensor:
            return protonet.loss(embed, theta, both)
        fitted = train(loss, theta, lambda step: Episode(support, support), steps=1, progress=False).theta
        return protonet.predict(embed, fitted, support, x)
    found = evaluate(predict, test_episodes(pictures(), episodes=7, way=WAY, queries=4, batch=4))
    return {**few_shot.score(found), "per_episode": found.per_episode, "fingerprint": found.fingerprint}


def from_scratch(apply: Callable, loss: Callable) -> torch.Tensor:
    """Of networks that are drawn anew for every task."""
    def fresh(support: Examples) -> dict:
        return network(WAY, seed_of(support.x))[1]
    predict = partial(finetune.from_scratch, apply, fresh, loss=loss, steps=2, lr=0.05)
    tests = test_episodes(pictures(), episodes=7, way=WAY, queries=4, batch=4)
    return evaluate(predict, tests).per_episode


def walked(apply: Callable, theta: dict) -> dict:
    tests = list(test_episodes(pictures(), episodes=7, way=WAY, queries=4, batch=2))
    return starts.walk(apply, theta, tests, steps=(0, 2), inner_lr=0.1)


if __name__ == "__main__":
    runner.run("on_ranks", Settings(), experiment, smoke=Settings(steps=2))
