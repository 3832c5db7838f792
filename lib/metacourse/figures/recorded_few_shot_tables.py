"""Tables of chapter 3's comparison: accuracy and cost, what was tried, and verification."""
from collections.abc import Callable
from functools import wraps

import numpy as np

from metacourse.figures.recorded_few_shot import NAMES, mean_over_seeds, seeds_of, written
from metacourse.figures.style import array
from metacourse.figures.tables import Table, table
from metacourse.results import NotRun

TRIED = {"supervised": "supervised body", "finetune, on a task": "fine-tuning, on a task",
         "cosine_head, on a task": "cosine head, on a task", **NAMES}


def or_missing(make: Callable) -> Callable:
    """The same table, or in its place the result that says how to make it."""
    @wraps(make)
    def made(result, *arguments) -> Table | NotRun:
        return result if isinstance(result, NotRun) else make(result, *arguments)
    return made


@or_missing
def methods_table(result) -> Table:
    """A row a method, the best with one shot on top: accuracy, distance to the best, and what it costs."""
    lines, apart = [], result["difference"]["glyphs"]["1"]
    for name, values in seeds_of(result, "glyphs", 1).items():
        five, cost = array(list(seeds_of(result, "glyphs", 5)[name])), result["cost"][name]
        behind = array(list(apart[name]["seeds"].values()))
        lines.append({
            "method": NAMES[name], "1-shot": written(*mean_over_seeds(values)),
            "5-shot": written(*mean_over_seeds(five)),
            "to the best": "–" if name == apart["best"] else points(*mean_over_seeds(behind)),
            "training, s": f"{cost['training_seconds']:.1f}", "steps": cost["steps"],
            "a task, ms": f"{1000 * cost['seconds_per_task']:.1f}", "parameters": f"{cost['parameters']:,}",
            "a step, MB": f"{cost['training_megabytes']:.1f}"})
    return table(lines, f"5-way on new scripts, mean over {len(result['seeds'])} training seeds and its 95 % "
                        "interval; differences are paired, seed by seed; processor time of one core")


@or_missing
def trials_table(result) -> Table:
    """What was tried on validation scripts, and what was taken: every method had three trials."""
    lines = []
    for name, trials in result["trials"].items():
        if len(trials) == 1:
            continue
        best = max(trial["validation"] for trial in trials)
        said = [", ".join(f"{key} {value:g}" if isinstance(value, int | float) else f"{key} {value}"
                          for key, value in trial.items() if key != "validation")
                + f": {100 * trial['validation']:.1f} %" + " ←" * (trial["validation"] == best)
                for trial in trials]
        lines.append({"method": TRIED[name], **{f"trial {i + 1}": text for i, text in enumerate(said)}})
    return table(lines, "accuracy on validation scripts, 5-way 1-shot; the arrow is what was taken",
                 wide=("trial 1", "trial 2", "trial 3"))


@or_missing
def verification_table(result) -> Table:
    """Same character or not, by the distance of two embeddings; beside it the 5-way accuracy."""
    lines = []
    for name, seeds in result["verification"].items():
        rule = "simple_shot" if name == "supervised" else name
        known = {key: mean_over_seeds(array([seed[key] for seed in seeds.values()]))
                 for key in ("equal_error_rate", "best_f1")}
        identified = mean_over_seeds(seeds_of(result, "glyphs", 1)[rule])
        lines.append({"embedding": TRIED[name], "equal error rate": written(*known["equal_error_rate"]),
                      "best F1": written(*known["best_f1"]), "5-way 1-shot": written(*identified)})
    lines.sort(key=lambda line: float(line["equal error rate"].split()[0]))
    return table(lines, f"{result['settings']['pairs']} pairs of drawings from new scripts, half of them of "
                        "one character")


def points(mean: float, half: float) -> str:
    """-0.023, 0.004 -> "−2.3 ± 0.4"."""
    return f"{100 * mean:+.1f}".replace("-", "−") + f" ± {100 * half:.1f}"


def roc_of(result, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(false accepts, true accepts) of the first seed of one embedding."""
    first = next(iter(result["verification"][name].values()))
    return array(first["false_accept"]), array(first["true_accept"])
