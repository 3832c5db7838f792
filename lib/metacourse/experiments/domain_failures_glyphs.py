"""When does adaptation fail? Other class proportions, classes without a partner, a shift too large.

Each failure changes one thing of the main pair. Two easier targets stand beside them. Settings are those
that were chosen for the main pair.
"""
from dataclasses import dataclass, field

import torch

from metacourse.data.domains import Labeled
from metacourse.experiments import domain_parts as parts
from metacourse.experiments import runner
from metacourse.experiments.domain_parts import Pair, Training

FIRST = range(5)                                # the digits 0 to 4
TARGETS = {"heavy_noise": "heavy_noise", "light_noise": "light_noise", "blurred": "blurred"}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2)
    training: Training = field(default_factory=Training)
    kinds: tuple[str, ...] = ("proportions", "target_lacks", "target_adds", "heavy_noise")
    methods: tuple[str, ...] = ("source_only", "dann", "oracle")
    oracles: tuple[str, ...] = ("heavy_noise", "blurred")      # elsewhere the pictures are the main pair's
    target: str = "bold_on_noise"
    rare: int = 10                              # the digits 5 to 9 are so many times rarer, in "proportions"
    per_class: int = 300
    test_per_class: int = 200


SMOKE = Settings(seeds=(0,), training=Training(channels=8, hidden=8, pictures=8, steps=2), rare=2,
                 kinds=("proportions", "target_lacks", "target_adds"), methods=("source_only", "dann"),
                 per_class=6, test_per_class=6)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`failures` {kind: {method: {seed: score}}}, on target pictures as that kind of target has them."""
    payload, known = {"failures": {}}, {}
    for kind in settings.kinds:
        pair = parts.move(changed(settings, kind), run)
        into = payload["failures"].setdefault(kind, {})
        for seed in settings.seeds:
            for method in settings.methods:
                if method == "oracle" and kind not in settings.oracles:
                    continue
                name = (len(pair.source.x), seed) if method == "source_only" else (kind, method, seed)
                if name not in known:           # kinds of one source share what was trained on it alone
                    known[name] = parts.trained(method, pair, settings.training, run, seed=seed, label=kind)
                net = known[name]
                into.setdefault(method, {})[seed] = parts.judged(method, net, pair)
                if method == "source_only":
                    into.setdefault("adabn", {})[seed] = parts.score(net, pair)
            run.say(f"{kind}, seed {seed}: "
                    + ", ".join(f"{name} {seeds[seed]['accuracy']}" for name, seeds in into.items()))
    return payload


def changed(settings: Settings, kind: str) -> Pair:
    """The main pair with one thing changed, or another target."""
    pair = parts.glyph_pair(TARGETS.get(kind, settings.target), per_class=settings.per_class,
                            test_per_class=settings.test_per_class)
    match kind:
        case "proportions":
            return pair._replace(target=rarer(pair.target, settings.rare),
                                 new_target=rarer(pair.new_target, settings.rare))
        case "target_lacks":
            return pair._replace(target=only_first(pair.target), new_target=only_first(pair.new_target))
        case "target_adds":                     # what the source never showed cannot be answered: not judged
            return pair._replace(source=only_first(pair.source), new_source=only_first(pair.new_source),
                                 new_target=only_first(pair.new_target))
    return pair


def only_first(domain: Labeled) -> Labeled:
    """The digits 0 to 4 of a domain."""
    kept = torch.isin(domain.y, torch.tensor(FIRST))
    return Labeled(domain.x[kept], domain.y[kept])


def rarer(domain: Labeled, times: int) -> Labeled:
    """All of the digits 0 to 4, and of the others every so many-th picture."""
    kept = torch.isin(domain.y, torch.tensor(FIRST)) | (torch.arange(len(domain.y)) % times == 0)
    return Labeled(domain.x[kept], domain.y[kept])


if __name__ == "__main__":
    runner.run("domain_failures_glyphs", Settings(), experiment, smoke=SMOKE)
