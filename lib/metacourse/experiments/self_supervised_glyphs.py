"""Pretraining without labels: SimCLR and MoCo beside labels and beside nothing, and how strong views may be.

All networks see as many views a step, for as many steps: two of each picture, or with labels one of twice
as many. Pretrained on glyphs, whose views are nearly how the drawings were made, and on Omniglot's background
drawings, which people made.
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from metacourse.data import glyphs, omniglot, quickdraw
from metacourse.experiments import few_shot, runner, starts
from metacourse.experiments import self_supervised_parts as parts
from metacourse.experiments.self_supervised_parts import Embedding
from metacourse.methods import views

TRIALS = {                                      # as many for each, on validation scripts
    "supervised": tuple({"outer_lr": lr, "strength": s} for lr, s in [(3e-3, 0.0), (3e-3, 0.5), (1e-2, 0.5)]),
    "simclr": tuple({"outer_lr": lr, "temperature": t} for lr, t in [(3e-3, 0.1), (1e-2, 0.1), (1e-2, 0.3)]),
    "moco": tuple({"outer_lr": lr, "momentum": m} for lr, m in [(3e-3, 0.9), (1e-2, 0.9), (1e-2, 0.99)]),
}
VIEWS = {"0": (0.0, False), "0.25": (0.25, False), "0.5": (0.5, False), "1": (1.0, False),
         "1 flipped": (1.0, True)}             # strength, and whether pictures are mirrored, too


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2)          # of initialization, pictures and views
    channels: int = 32                          # of the StridedConv4
    size: int = 64                              # pictures of a step, two views each
    steps: int = 300
    strength: float = 1.0                       # of the views, where neither trials nor comparisons change it
    trial_share: float = 1 / 3                  # of the steps, with the first seed
    view_steps: int = 150                       # of each network where views are compared
    mirrors: str = "Canadian Syllabics"         # kept from these: a script full of mirrored characters
    episodes: int = 600                         # 5-way 1-shot, nearest class mean
    probe_classes: int = 200                    # at once, in the linear probe; 69 of Quick, Draw!
    probe_c: float = 10.0                       # of its logistic regression
    real: bool = True                           # Omniglot and Quick, Draw!, too


SMOKE = Settings(seeds=(0,), channels=8, size=4, steps=2, view_steps=1, episodes=3, probe_classes=5,
                 mirrors="Arrows", real=False)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {pretraining: {judge: {data: {seed: score}}}} pretrained on glyphs, `omniglot` alike,
    `views` {strength: {data: {seed: score}}}, `trials`, and the mirrored `pairs` of characters."""
    images, tested = starts.load_glyphs(run, size=28), {}
    tested["glyphs"] = images["test"]
    if settings.real:
        tested["omniglot"] = omniglot.load(run.data, split="evaluation").images.to(run.device)
        tested["quickdraw"] = quickdraw.load(run.data, split="test").images.to(run.device)
    payload = {"accuracy": {}, "omniglot": {}, "views": {}, "trials": {}, "pairs": []}
    chosen = {kind: tuned(settings, kind, images, run, payload) for kind in TRIALS}
    compare(settings, "glyphs", images["train"], tested, chosen, run, payload["accuracy"])
    compare_views(settings, tested, chosen["simclr"], run, payload)
    if settings.real:
        background = omniglot.load(run.data, split="background").images.to(run.device)
        real = {name: some for name, some in tested.items() if name != "glyphs"}
        compare(settings, "omniglot", background, real, chosen, run, payload["omniglot"])
    return payload


def pretrained(settings: Settings, kind: str, images: Tensor, run: runner.Run, label: str, seed: int, *,
               outer_lr: float, steps: int, strength: float | None = None, view: Callable | None = None,
               **more: float) -> Embedding:
    """The embedding after `steps` of one kind of pretraining, ready to be judged."""
    view = view or partial(views.glyphs, strength=settings.strength if strength is None else strength)
    way = parts.build(kind, images, seed, channels=settings.channels, size=settings.size, view=view, **more)
    after_step = way.memory and way.memory.after_step
    theta, _ = run.train(f"{label}_{kind}_seed{seed}", way.loss, way.theta, way.batch, steps=steps,
                         outer_lr=outer_lr, schedule="cosine", after_step=after_step, memory=way.memory)
    return parts.embedding(way.embed, theta, images)


def tuned(settings: Settings, kind: str, images: dict[str, Tensor], run: runner.Run, payload: dict) -> dict:
    """The trial with the best few-shot accuracy on validation scripts."""
    seed, tried = settings.seeds[0], []
    for i, trial in enumerate(TRIALS[kind]):
        embedding = pretrained(settings, kind, images["train"], run, f"trial{i}", seed,
                               steps=max(1, round(settings.trial_share * settings.steps)), **trial)
        found = parts.nearest_mean(embedding(images["val"]), settings.episodes)
        tried.append({**trial, "validation": found["accuracy"]})
    payload["trials"][kind] = tried
    best = max(range(len(tried)), key=lambda i: tried[i]["validation"])
    run.say(f"{kind}: chose {TRIALS[kind][best]} of {tried}")
    return TRIALS[kind][best]


def compare(settings: Settings, source: str, images: Tensor, tested: dict[str, Tensor], chosen: dict,
            run: runner.Run, into: dict) -> None:
    """Every pretraining on one source, judged by few-shot episodes and by a linear probe."""
    for seed in settings.seeds:
        for kind in ("nothing", *TRIALS):
            if kind == "nothing":
                embedding = parts.untrained(images, seed, settings.channels)
            else:
                embedding = pretrained(settings, kind, images, run, source, seed, steps=settings.steps,
                                       **chosen[kind])
            for data, some in tested.items():
                z = embedding(some)
                found = {"few_shot": parts.nearest_mean(z, settings.episodes),
                         "linear_probe": parts.linear_probe(z, settings.probe_classes, settings.probe_c)}
                for judge, one in found.items():
                    into.setdefault(kind, {}).setdefault(judge, {}).setdefault(data, {})[seed] = one
                run.say(f"{source}, seed {seed}, {kind} on {data}: "
                        + ", ".join(f"{judge} {one['accuracy']:.3f}" for judge, one in found.items()))


def compare_views(settings: Settings, tested: dict[str, Tensor], trial: dict, run: runner.Run,
                  payload: dict) -> None:
    """SimCLR with weaker and stronger views, without one script, on whose mirrored pairs it is tested."""
    few = few_shot.SMALL_SCRIPTS["train"] if run.smoke else None
    others = dict.fromkeys(glyphs.script_of(name) for name in glyphs.characters("train", scripts=few))
    images = glyphs.load(scripts=[name for name in others if name != settings.mirrors]).images.to(run.device)
    mirrors = glyphs.load(scripts=[settings.mirrors])
    printed = glyphs.load(scripts=[settings.mirrors], distortion=0.0, drawings=1).images[:, 0]
    pairs = parts.mirrored_pairs(printed)
    payload["pairs"] = [[mirrors.names[i].split("/")[1] for i in pair] for pair in pairs.tolist()]
    for seed in settings.seeds:
        for name, (strength, flip) in VIEWS.items():
            view = partial(views.glyphs, strength=strength, flip=flip)
            label = f"views_{name}".replace(" ", "_")
            embedding = pretrained(settings, "simclr", images, run, label, seed, view=view,
                                   steps=settings.view_steps, **trial)
            found = {data: parts.nearest_mean(embedding(some), settings.episodes)
                     for data, some in tested.items()}
            found["pairs"] = parts.pairs_told_apart(embedding, mirrors.images.to(run.device), pairs,
                                                    settings.episodes)
            for data, one in found.items():
                payload["views"].setdefault(name, {}).setdefault(data, {})[seed] = one
            run.say(f"views {name}, seed {seed}: "
                    + ", ".join(f"{data} {one['accuracy']:.3f}" for data, one in found.items()))


if __name__ == "__main__":
    runner.run("self_supervised_glyphs", Settings(), experiment, smoke=SMOKE)
