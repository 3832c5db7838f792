"""Every "A beats B" of the text, over five training seeds: `python -m metacourse.experiments.claims`.

Experiments whose code has changed since the claims were last checked are run again; then recorded numbers
are compared seed by seed. With --as-is nothing is run: for changes of the code that cannot move a number.
"""
import argparse
import subprocess
import sys
import time

import torch

from metacourse import results
from metacourse.experiments import recording
from metacourse.experiments.claims_made import CLAIMS, EACH, Claim
from metacourse.experiments.code_hash import code_hash
from metacourse.training.reproducible import versions

SEEDS = 5                                       # at least
T = {5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}       # Student's t, 97.5 %, by seeds
FORMS = {"accuracy": (100, "{:+.1f} ± {:.1f} points"), "mse": (-1, "{:+.2f} ± {:.2f} of squared error saved")}
CHANCE, NEAR = 0.2, 0.06                        # 5-way; how far from it is still called "near chance"


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
                 device="that of each experiment", versions=versions(), commit=recording.commit(),
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
    """The claim with its numbers, the mean difference over seeds, and whether it holds.

    "A beats B" holds where the 95 % interval of the mean difference over seeds lies above zero; "near chance"
    where no seed is further than `NEAR` from it.
    """
    left, right = measured(claim.left, claim.what), measured(claim.right, claim.what)
    seeds = [seed for seed in left if seed in right or "all" in right]
    known = {"id": claim.id, "sentence": claim.sentence, "left": left, "right": right, "holds": False}
    if len(seeds) < SEEDS:
        return {**known, "measured": f"only {len(seeds)} seeds"}
    scale, form = FORMS[claim.what]
    gain = scale * torch.tensor([left[seed] - right.get(seed, right.get("all")) for seed in seeds])
    mean, interval = gain.mean().item(), T[len(gain)] * gain.std().item() / len(gain) ** 0.5
    holds = mean > interval if claim.right else gain.abs().max().item() < scale * NEAR
    beyond = "" if claim.right else " from chance"
    return {**known, "holds": holds,
            "measured": f"{form.format(mean, interval)}{beyond} over {len(gain)} seeds"}


def measured(path: tuple[str, ...] | None, what: str) -> dict[str, float]:
    """Seed to accuracy, or to error; "all" to the number where there is but one. Without a path: chance."""
    if path is None:
        return {"all": CHANCE}
    to_seeds, after = (path[:path.index(EACH)], path[path.index(EACH) + 1:]) if EACH in path else (path, ())
    found = results.load(to_seeds[0])
    for key in to_seeds[1:]:
        found = found[key]
    if not found:                                           # not run yet
        return {}
    if what in found:
        return {"all": found[what]}
    for key in after:
        found = {seed: score[key] for seed, score in found.items()}
    return {seed: score[what] for seed, score in found.items()}


if __name__ == "__main__":
    main()
