"""Who adapts? Clean digits with labels, bold ones on colored noise without: every method, between two lines.

Source only is the line below, an oracle trained on target labels the one above. A network with batch norm
sees each domain by its own statistics, which adapts already (AdaBN). One with group norm, or without any,
has no statistics: what adapts there is DANN alone. What is chosen is chosen on another target whose labels
we may see, with batch norm.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from metacourse.experiments import domain_parts as parts
from metacourse.experiments import runner
from metacourse.experiments.domain_parts import Pair, Training

RATES = tuple({"outer_lr": lr} for lr in (1e-3, 3e-3, 1e-2))
TRIALS = {                                      # three each; the distances' weights matter more than a rate
    "source_only": RATES, "dann": RATES, "oracle": RATES,
    "coral": tuple({"weight": weight} for weight in (1.0, 10.0, 100.0)),
    "mmd": tuple({"weight": weight} for weight in (0.3, 1.0, 3.0)),
}
THREE = ("source_only", "dann", "oracle")
KEYS = {"batch": "accuracy", "group": "group_norm", "none": "no_norm"}       # in the results file


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization and batches
    training: Training = field(default_factory=Training)
    methods: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {
        "batch": parts.METHODS, "group": THREE, "none": THREE})
    gentler_lr: float = 3e-3                    # without any normalization
    target: str = "bold_on_noise"
    trial_target: str = "blurred"               # where trials are judged, with the first seed
    per_class: int = 300                        # pictures of a digit, in each domain
    test_per_class: int = 200


SMOKE = Settings(seeds=(0,), training=Training(channels=8, hidden=8, pictures=8, steps=2), per_class=6,
                 test_per_class=6)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {method: {seed: score}} with batch norm, `group_norm` and `no_norm`, `trials`, `chosen`."""
    payload = {**{key: {} for key in KEYS.values()}, "trials": {}, "chosen": {}}
    pair, other = (made(settings, kind, run) for kind in (settings.target, settings.trial_target))
    for method in settings.methods["batch"]:
        tuned(settings, method, other, run, payload)
    for norm, methods in settings.methods.items():
        into, gentler = payload[KEYS[norm]], {"outer_lr": settings.gentler_lr} if norm == "none" else {}
        for seed in settings.seeds:
            for method in methods:
                net = parts.trained(method, pair, replace(settings.training, norm=norm), run, seed=seed,
                                    label=norm, chosen=payload["chosen"][method] | gentler)
                into.setdefault(method, {})[seed] = parts.judged(method, net, pair)
                if method == "source_only" and norm == "batch":
                    into.setdefault("adabn", {})[seed] = parts.score(net, pair)
            run.say(f"seed {seed}, {norm} norm: "
                    + ", ".join(f"{name} {seeds[seed]['accuracy']}" for name, seeds in into.items()))
    return payload


def made(settings: Settings, kind: str, run: runner.Run) -> Pair:
    """The pair of this target, the same for all seeds."""
    return parts.move(parts.glyph_pair(kind, per_class=settings.per_class,
                                       test_per_class=settings.test_per_class), run)


def tuned(settings: Settings, method: str, other: Pair, run: runner.Run, payload: dict) -> None:
    """The trial that is best on the other target, with the first seed. Source only has no target to see."""
    tried = []
    for i, trial in enumerate(TRIALS[method]):
        net = parts.trained(method, other, settings.training, run, seed=settings.seeds[0],
                            label=f"batch_trial{i}", chosen=trial)
        found = parts.judged(method, net, other)
        tried.append(found["source" if method == "source_only" else "accuracy"])
    best = max(range(len(tried)), key=tried.__getitem__)
    payload["trials"][method] = [{**trial, "there": value} for trial, value in zip(TRIALS[method], tried)]
    payload["chosen"][method] = TRIALS[method][best]
    run.say(f"{method}: chose {TRIALS[method][best]} of {tried}")


if __name__ == "__main__":
    runner.run("domain_adaptation_glyphs", Settings(), experiment, smoke=SMOKE)
