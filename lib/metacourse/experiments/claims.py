"""Every "A beats B" of the text, over five training seeds: `python -m metacourse.experiments.claims`.

Experiments whose code has changed since the claims were last checked are run again; then recorded accuracies
are compared seed by seed. With --as-is nothing is run: for changes of the code that cannot move a number.
"""
import argparse
import subprocess
import sys
import time
from dataclasses import dataclass

import torch

from metacourse import results
from metacourse.experiments import runner
from metacourse.experiments.code_hash import code_hash
from metacourse.training.reproducible import versions

SEEDS = 5                                       # at least
T = {5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}       # Student's t, 97.5 %, by seeds
CHANCE, NEAR = 0.2, 0.06                        # 5-way; how far from it is still called "near chance"


@dataclass(frozen=True)
class Claim:
    """A sentence, and where its accuracies are: an experiment, then keys that lead to one for each seed."""

    id: str
    sentence: str
    left: tuple[str, ...]                       # beats `right`; or is near chance, where there is no `right`
    right: tuple[str, ...] | None = None        # may also lead to one accuracy for all seeds


PROTONET, SCRATCH = ("protonet_glyphs", "protonet"), ("protonet_glyphs", "scratch")
PIXELS = ("protonet_glyphs", "pixels", "cosine")
CLAIMS = (
    Claim("protonet-pixels", "A ProtoNet beats raw pixels.", PROTONET, PIXELS),
    Claim("protonet-scratch", "A ProtoNet beats a network trained from scratch.", PROTONET, SCRATCH),
    Claim("scratch-pixels", "A network trained from scratch beats raw pixels.", SCRATCH, PIXELS),
    Claim("fixed-chance", "Trained with fixed labels, a network is near chance (6 points) on new characters.",
          ("fixed_labels_glyphs", "fixed", "test")),
    Claim("fixed-training", "On the characters it was trained on, fixed labels win.",
          ("fixed_labels_glyphs", "fixed", "train"), ("fixed_labels_glyphs", "reshuffled", "train")),
    Claim("reshuffled-new", "On new characters, reshuffled labels win.",
          ("fixed_labels_glyphs", "reshuffled", "test"), ("fixed_labels_glyphs", "fixed", "test")),
)


def main(arguments: list[str] | None = None) -> None:
    """Bring the results up to date, check every claim and write results/claims.json."""
    parser = argparse.ArgumentParser(prog="python -m metacourse.experiments.claims", description=__doc__)
    parser.add_argument("--as-is", action="store_true", help="run nothing, take the recorded numbers")
    as_is, started = parser.parse_args(arguments).as_is, time.perf_counter()
    for name in experiments():
        if not as_is and not up_to_date(name):
            subprocess.run([sys.executable, "-m", f"metacourse.experiments.{name}"], check=True)
    checked = [check(claim) for claim in CLAIMS]
    for claim in checked:
        print(f"{'holds' if claim['holds'] else 'FAILS'}  {claim['id']:20} {claim['measured']}")
    results.save("claims", settings={"seeds": SEEDS, "chance": CHANCE, "near": NEAR}, seeds=[],
                 device="that of each experiment", versions=versions(), commit=runner.commit(),
                 minutes=round((time.perf_counter() - started) / 60, 2),
                 payload={"claims": checked, "code": {name: code_hash(name) for name in experiments()}})


def experiments() -> list[str]:
    """Those that the claims rest on."""
    return sorted({side[0] for claim in CLAIMS for side in (claim.left, claim.right) if side})


def up_to_date(name: str) -> bool:
    """Is the experiment's result there, and its code what it was when the claims were last checked?"""
    claims = results.load("claims")
    return bool(results.load(name)) and bool(claims) and claims["code"].get(name) == code_hash(name)


def check(claim: Claim) -> dict:
    """The claim with its accuracies, the mean difference over seeds, and whether it holds.

    "A beats B" holds where the 95 % interval of the mean difference over seeds lies above zero; "near chance"
    where no seed is further than `NEAR` from it.
    """
    left, right = accuracies(claim.left), accuracies(claim.right)
    seeds = [seed for seed in left if seed in right or "all" in right]
    known = {"id": claim.id, "sentence": claim.sentence, "left": left, "right": right, "holds": False}
    if len(seeds) < SEEDS:
        return {**known, "measured": f"only {len(seeds)} seeds"}
    gain = torch.tensor([left[seed] - right.get(seed, right.get("all")) for seed in seeds])
    mean, interval = gain.mean().item(), T[len(gain)] * gain.std().item() / len(gain) ** 0.5
    holds = mean > interval if claim.right else gain.abs().max().item() < NEAR
    beyond = "" if claim.right else " from chance"
    return {**known, "holds": holds,
            "measured": f"{100 * mean:+.1f} ± {100 * interval:.1f} points{beyond} over {len(gain)} seeds"}


def accuracies(path: tuple[str, ...] | None) -> dict[str, float]:
    """Seed to accuracy; "all" to the accuracy where there is but one. Without a path: chance."""
    if path is None:
        return {"all": CHANCE}
    found = results.load(path[0])
    for key in path[1:]:
        found = found[key]
    if not found:                                           # not run yet
        return {}
    if "accuracy" in found:
        return {"all": found["accuracy"]}
    return {seed: score["accuracy"] for seed, score in found.items()}


if __name__ == "__main__":
    main()
