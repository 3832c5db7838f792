"""Small students of one teacher: trained on labels, on the teacher's answers, or on its features as well.

Letters and digits, ten drawings of each: O resembles 0, and S resembles 5. All students of a seed see the
same views of the same drawings in the same order; each way to learn gets as many trials.
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from metacourse import results
from metacourse.data import glyphs
from metacourse.data.imageset import ImageSet
from metacourse.episode import Examples, Params
from metacourse.experiments import distillation_parts as parts
from metacourse.experiments import runner
from metacourse.experiments.distillation_parts import Lesson, score
from metacourse.methods import supervised, views
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.training.reproducible import generator, seeded

SPLITS = ("train", "val", "test")
TRIALS = {                                      # as many for each way to learn, on validation drawings
    "labels": tuple({"outer_lr": lr} for lr in (3e-3, 1e-2, 3e-2)),
    "distilled": tuple({"outer_lr": 1e-2, "temperature": t, "soft": 0.9} for t in (1.0, 3.0, 10.0)),
    "features": tuple({"outer_lr": 1e-2, "weight": w} for w in (1.0, 10.0, 100.0)),
}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of teacher, students, and the pictures of each step
    drawings: tuple[int, ...] = (10, 10, 20)    # of each character: to train, to choose, to test
    strength: float = 0.5                       # of the views, for teacher and students
    views: int = 20                             # of each drawing, on which the teacher speaks once
    size: int = 64                              # pictures of a step
    teacher: int = 64                           # channels
    teacher_steps: int = 600
    teacher_lr: float = 3e-3                    # falls to zero, as the students' does
    widths: tuple[int, ...] = (8, 16, 32)       # channels of the students
    steps: int = 400                            # of every student
    trial_share: float = 1 / 3                  # of the steps, with the first seed and the smallest student
    every: int = 10                             # one character of so many is kept from some students
    kept_from: int = 16                         # channels of these students


SMOKE = Settings(seeds=(0,), drawings=(2, 1, 2), views=2, teacher=8, teacher_steps=2, widths=(8,), steps=3,
                 size=8, kept_from=8)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {how: {width: {seed: score}}}, `teacher` {seed: score}, `unseen` {how: {seed: score}} on
    characters that the students were never shown, `cost` {width: numbers}, `trials` {how: [trial]}."""
    images = characters(sum(settings.drawings)).images.to(run.device)
    images = dict(zip(SPLITS, images.split(settings.drawings, dim=1)))
    classes = len(images["train"])
    payload = {"accuracy": {how: {width: {} for width in settings.widths} for how in TRIALS}, "teacher": {},
               "unseen": {how: {} for how in ("labels", "distilled")}, "trials": {},
               "cost": {width: parts.cost(width, classes) for width in (*settings.widths, settings.teacher)}}
    chosen = {}
    for seed in settings.seeds:
        embed, theta = teacher(settings, images["train"], run, seed)
        told = partial(supervised.scores, embed)
        payload["teacher"][seed] = score(parts.answers(told, theta, images["test"]))
        run.say(f"seed {seed}, teacher: {payload['teacher'][seed]}")
        pool = parts.lessons(embed, theta, images["train"], shown=settings.views, rng=generator(seed),
                             strength=settings.strength)
        if not chosen:
            results.save_weights(run.name, {name: p.half() for name, p in theta.items()})
            chosen = {how: tuned(settings, how, pool, images["val"], run, payload) for how in TRIALS}
        for width in settings.widths:
            for how, into in payload["accuracy"].items():
                right = learned(settings, how, width, pool, images["test"], run, seed, **chosen[how])
                into[width][seed] = score(right)
                run.say(f"seed {seed}, {width} channels, {how}: {into[width][seed]}")
        hidden = torch.arange(0, classes, settings.every, device=run.device)
        for how, into in payload["unseen"].items():
            right = learned(settings, how, settings.kept_from, pool.without(hidden), images["test"], run,
                            seed, label="kept_from_", **chosen[how])
            into[seed] = score(right[hidden])
            run.say(f"seed {seed}, characters it never saw, {how}: {into[seed]}")
    return payload


def characters(drawings: int) -> ImageSet:
    """The 42 plain Latin letters that the glyphs have, small and large, and the ten digits."""
    drawn = glyphs.load(scripts=("Latin", "Digits"), drawings=drawings, lookalikes=True)
    return drawn.subset(sorted(name for name in drawn.names if name[-1].isascii()))


def teacher(settings: Settings, images: Tensor, run: runner.Run, seed: int) -> tuple[Callable, Params]:
    """(embed, θ) of a network that classifies all characters; new views of the drawings at every step."""
    with seeded(seed):
        body = StridedConv4(settings.teacher)
    embed, theta = functional(body)
    theta = supervised.with_head(theta, classes=len(images), dim=body.dim, rng=generator(seed))

    def batch(step: int) -> Examples:
        rng = generator(seed, step)
        drawn = supervised.batch(images, size=settings.size, rng=rng)
        return drawn._replace(x=views.glyphs(drawn.x, rng=rng, strength=settings.strength))
    theta, _ = run.train(f"teacher_seed{seed}", partial(supervised.loss, embed), theta, batch,
                         steps=settings.teacher_steps, outer_lr=settings.teacher_lr, schedule="cosine")
    return embed, theta


def tuned(settings: Settings, how: str, pool: Lesson, val: Tensor, run: runner.Run, payload: dict) -> dict:
    """The trial that recognizes most validation drawings, by the smallest student of the first seed."""
    tried = []
    for i, trial in enumerate(TRIALS[how]):
        right = learned(settings, how, settings.widths[0], pool, val, run, settings.seeds[0],
                        label=f"trial{i}_", share=settings.trial_share, **trial)
        tried.append({**trial, "validation": score(right)["accuracy"]})
    payload["trials"][how] = tried
    best = max(range(len(tried)), key=lambda i: tried[i]["validation"])
    run.say(f"{how}: chose {TRIALS[how][best]} of {tried}")
    return TRIALS[how][best]


def learned(settings: Settings, how: str, width: int, pool: Lesson, tested: Tensor, run: runner.Run,
            seed: int, *, outer_lr: float, label: str = "", share: float = 1.0, **extra: float) -> Tensor:
    """Which of the tested drawings a student recognizes that has learned so: [class, drawing]."""
    one = parts.student(width, classes=pool.logits.shape[1], dim=pool.z.shape[1], seed=seed)

    def batch(step: int) -> Lesson:
        return pool.some(settings.size, generator(seed, step))
    theta, _ = run.train(f"{label}{how}{width}_seed{seed}", partial(parts.loss, how, one, **extra), one.theta,
                         batch, steps=max(1, round(share * settings.steps)), outer_lr=outer_lr,
                         schedule="cosine")
    return parts.answers(one.apply, theta, tested)


if __name__ == "__main__":
    runner.run("distillation_glyphs", Settings(), experiment, smoke=SMOKE)
