"""Pictures of chapter 3's recorded runs; a run that is missing says how to make it."""
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metacourse.figures import style
from metacourse.figures.measurements import DASHED, PERCENT, rows
from metacourse.figures.recorded_maml import or_not_run
from metacourse.figures.style import INK, PAPER, SOFT, Picture, array, canvas, show, use

NAMES = {"protonet": "ProtoNet, 5-way", "protonet_ways": "ProtoNet, way tuned", "matching": "Matching",
         "matching_fce": "Matching, full context", "siamese": "Siamese, contrastive",
         "triplet": "Siamese, triplet", "relation": "Relation network", "maml": "MAML", "anil": "ANIL",
         "simple_shot": "SimpleShot", "logistic": "logistic regression", "finetune": "fine-tuning",
         "cosine_head": "cosine head", "scratch": "from scratch", "pixels": "raw pixels"}
DOMAINS = {"glyphs": "new scripts", "printed": "printed support", "omniglot": "Omniglot",
           "quickdraw": "Quick, Draw!"}
CHANCE = 0.2                                                 # 5-way
PALE = 0.06                                                  # behind the best: a cell of a grid is pale
T = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365}     # Student's t, 97.5 %, by seeds


@or_not_run
def methods_compared(result, title: str, *, domain: str = "glyphs", shot: int = 1) -> Picture:
    """One row a method, the best on top: a dot for each training seed, their mean and its 95 % interval.

    Reads "accuracy" {domain: {shot: {method: {seed: score}}}}.
    """
    scores = seeds_of(result, domain, shot)
    with use():
        figure, axes = canvas(8.8, 1.5 + 0.42 * len(scores), title)
        for row, (name, values) in enumerate(scores.items()):
            hue, (mean, half) = style.color(NAMES[name]), mean_over_seeds(values)
            axes.plot([0, mean], [row, row], color=hue, alpha=0.2, linewidth=7, solid_capstyle="butt")
            axes.plot(values, np.full(len(values), row), "o", color=hue, alpha=0.5, markersize=7)
            axes.errorbar(mean, row, xerr=half, fmt="|", color=hue, markersize=13, markeredgewidth=2.5,
                          capsize=4)
            axes.text(1.02, row, written(mean, half), transform=axes.get_yaxis_transform(), va="center")
        axes.axvline(CHANCE, **DASHED)
        rows(axes, [NAMES[name] for name in scores])
        axes.set(xlim=(0, 1), xlabel="accuracy on queries (a dot: one training seed; the bar: their mean)")
        axes.xaxis.set_major_formatter(PERCENT)
        said = "; ".join(f"{NAMES[name]} {written(*mean_over_seeds(v))}" for name, v in scores.items())
        return show(figure, title=title, alt=f"{DOMAINS[domain]}, 5-way {shot}-shot, mean over seeds and its "
                                             f"95 % interval: {said}. Chance is 20 %.")


@or_not_run
def across_domains(result, title: str) -> Picture:
    """A panel a domain, a row a method, ordered as in the first: seeds as dots, their mean as a bar."""
    order = list(seeds_of(result, "glyphs", 1))
    with use():
        figure = Figure(figsize=(10, 1.9 + 0.36 * len(order)), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        panels = figure.subplots(1, len(result["accuracy"]), sharey=True, squeeze=False)[0]
        said = []
        for axes, domain in zip(panels, result["accuracy"]):
            scores = seeds_of(result, domain, 1)
            best = next(iter(scores))
            for row, name in enumerate(order):
                mean, hue = scores[name].mean(), style.color(NAMES[name])
                axes.plot(scores[name], np.full(len(scores[name]), row), "o", color=hue, alpha=0.45,
                          markersize=6)
                axes.plot([mean] * 2, [row - 0.28, row + 0.28], color=hue, linewidth=3)
                axes.text(1.0, row, f"{100 * mean:.0f}", transform=axes.get_yaxis_transform(), va="center",
                          ha="right", fontsize=10, fontweight="bold" if name == best else "normal")
            axes.axvline(CHANCE, **DASHED)
            axes.set_title(DOMAINS[domain], color=SOFT)
            axes.set(xlim=(0.15, 1.12), xticks=[0.2, 0.6, 1.0])
            axes.xaxis.set_major_formatter(PERCENT)
            said.append(f"{DOMAINS[domain]}: " + ", ".join(f"{NAMES[name]} {100 * scores[name].mean():.0f} %"
                                                           for name in order))
        rows(panels[0], [NAMES[name] for name in order])
        for axes in panels[1:]:
            axes.tick_params(axis="y", length=0)
            axes.spines["left"].set_visible(False)
        return show(figure, title=title, alt=f"5-way 1-shot accuracy by test domain. {'; '.join(said)}.")


@or_not_run
def train_and_test_grids(result, title: str) -> Picture:
    """Two grids, training down and testing across: ways with 1 shot, shots with 5 ways; means over seeds.

    Reads "way" and "shot", each {in training: {in testing: {seed: score}}}. The darker a
    cell, the nearer to the best training for that test.
    """
    with use():
        figure = Figure(figsize=(10, 4.0), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        widths = [len(result[what]) for what in ("way", "shot")]
        panels, said = figure.subplots(1, 2, width_ratios=[widths[0] + 1, widths[1] + 1]), []
        for axes, what, name in zip(panels, ("way", "shot"), ("ways, 1 shot", "shots, 5 ways")):
            means = array([[array([score["accuracy"] for score in seeds.values()]).mean()
                            for seeds in tested.values()] for tested in result[what].values()])
            trained, tested = list(result[what]), list(next(iter(result[what].values())))
            draw_grid(axes, means, [f"{n}-{what}" for n in trained], [f"{n}-{what}" for n in tested])
            axes.set_title(name, color=SOFT)
            said.append(f"{name}: " + "; ".join(
                f"trained {n}-{what}: " + ", ".join(f"{m}-{what} {100 * value:.1f} %"
                                                    for m, value in zip(tested, line))
                for n, line in zip(trained, means)))
        panels[0].set_ylabel("in training")
        return show(figure, title=title, alt=f"Mean accuracies. {'. '.join(said)}.")


@or_not_run
def roc_curves(result, title: str) -> Picture:
    """True accepts against false accepts of each embedding, of the first seed; a dot where errors are equal.

    Reads "verification" {embedding: {seed: {"false_accept": [], "true_accept": [], "equal_error_rate"}}}.
    """
    with use():
        figure, axes = canvas(7, 5, title)
        said, names = [], {**NAMES, "supervised": "SimpleShot's body"}
        known = {names[name]: next(iter(seeds.values())) for name, seeds in result["verification"].items()}
        for (name, one), hue in zip(sorted(known.items(), key=lambda item: item[1]["equal_error_rate"]),
                                    style.colors(list(known))):
            color, error = style.color(name, hue), one["equal_error_rate"]
            axes.plot(one["false_accept"], one["true_accept"], "--" if "contrastive" in name else "-",
                      color=color, label=f"{name}: {100 * error:.1f} %")
            axes.plot(error, 1 - error, "o", color=color, markersize=8, markeredgecolor=PAPER)
            said.append(f"{name} {100 * error:.1f} %")
        axes.plot([0, 1], [1, 0], **DASHED)
        axes.set(xlim=(0, 1), ylim=(0, 1.01), xlabel="false accepts: different, and accepted",
                 ylabel="true accepts: the same, and accepted")
        axes.xaxis.set_major_formatter(PERCENT)
        axes.yaxis.set_major_formatter(PERCENT)
        axes.legend(title="equal error rate", loc="lower right", frameon=True, framealpha=1,
                    edgecolor=PAPER)
        return show(figure, title=title, alt=f"ROC curves. Equal error rates: {'; '.join(said)}.")


def draw_grid(axes: Axes, means: np.ndarray, trained: Sequence[str], tested: Sequence[str]) -> None:
    """Shares as a table of shades: the darker, the nearer to the best of its column."""
    shade = 1 - (means.max(axis=0) - means) / PALE
    axes.imshow(shade, cmap="Blues", vmin=-0.3, vmax=1.4, aspect="auto")
    for (row, column), value in np.ndenumerate(means):
        axes.text(column, row, f"{100 * value:.1f}", ha="center", va="center", fontsize=14,
                  color=PAPER if shade[row, column] > 0.7 else INK)
    axes.set_xticks(range(len(tested)), tested)
    axes.set_yticks(range(len(trained)), trained)
    axes.set_xlabel("in testing")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def seeds_of(result: Mapping, domain: str, shot: int) -> dict[str, np.ndarray]:
    """{method: accuracies of its seeds}, the best first."""
    found = {name: array([score["accuracy"] for score in seeds.values()])
             for name, seeds in result["accuracy"][domain][str(shot)].items()}
    return dict(sorted(found.items(), key=lambda item: -item[1].mean()))


def mean_over_seeds(values: np.ndarray) -> tuple[float, float]:
    """Mean, and the half-width of its 95 % interval over seeds; 0 for one seed."""
    n = len(values)
    return float(values.mean()), float(T[n] * values.std(ddof=1) / n**0.5) if n > 1 else 0.0


def written(mean: float, half: float) -> str:
    """0.912, 0.005 -> "91.2 ± 0.5 %"; without an interval "91.2 %"."""
    return f"{100 * mean:.1f}" + (f" ± {100 * half:.1f}" if half else "") + " %"
