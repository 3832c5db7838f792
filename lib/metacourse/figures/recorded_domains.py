"""Pictures of chapter 4's recorded runs on two domains; a run that is missing says how to make it."""
from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from metacourse.data.domains import Labeled
from metacourse.figures import style
from metacourse.figures.grids import wall
from metacourse.figures.measurements import DASHED, PERCENT, rows
from metacourse.figures.recorded_few_shot import mean_over_seeds, written
from metacourse.figures.recorded_maml import band, legend, or_not_run, panels_of
from metacourse.figures.style import SOFT, Picture, array, canvas, show, use
from metacourse.figures.two_domains import Moment
from metacourse.results import NotRun

NAMES = {"source_only": "source only", "adabn": "AdaBN", "coral": "CORAL", "mmd": "MMD", "dann": "DANN",
         "oracle": "oracle"}
DIRECTIONS = {"mnist_to_usps": "MNIST → USPS", "usps_to_mnist": "USPS → MNIST"}
KINDS = {"light_noise": "less noise", "blurred": "blurred, written", "proportions": "other proportions",
         "target_lacks": "the target lacks 5 to 9", "target_adds": "the target adds 5 to 9",
         "heavy_noise": "much more noise"}
CRITERIA = {"labels": "with target labels", "no choice": "λ = 1, to the end",
            "source accuracy": "best on the source", "domain accuracy": "domain head nearest ½",
            "sure": "surest of the target", "sure and varied": "surest, all classes used"}
CHANCE = 0.1                                                 # ten digits
REVERSALS = (SOFT, style.SKY, style.BLUE, style.GREEN, style.VERMILLION)     # from no λ to much


@or_not_run
def failures(result, title: str) -> Picture:
    """A panel for each kind of target, a row a method: seeds as dots, their mean as a bar.

    Reads "failures" {kind: {method: {seed: score}}}. The dashed line is source only.
    """
    kinds = [kind for kind in KINDS if kind in result["failures"]]
    with use():
        columns = min(2, len(kinds))
        lines = -(-len(kinds) // columns)
        figure, grid = canvas(10, 1.4 + 2.3 * lines, title, lines, columns, squeeze=False)
        said = []
        for axes, kind in zip(grid.flat, kinds):
            methods = result["failures"][kind]
            means = {name: mean_over_seeds(values_of(methods[name])) for name in NAMES if name in methods}
            for row, name in enumerate(means):
                seeds_row(axes, row, values_of(methods[name]), name)
            chance(axes)
            axes.axvline(means["source_only"][0], **DASHED)
            axes.set_title(KINDS[kind], color=SOFT)
            axes.set_xlim(0, 1.02)
            axes.xaxis.set_major_formatter(PERCENT)
            rows(axes, [NAMES[name] for name in means])
            said.append(f"{KINDS[kind]}: " + ", ".join(f"{NAMES[name]} {100 * mean:.0f} %"
                                                       for name, (mean, _) in means.items()))
        for axes in grid.flat[len(kinds):]:
            axes.axis("off")
        figure.supxlabel("accuracy on new target pictures", fontsize=12)
        return show(figure, title=title, alt=f"Mean target accuracy. {'. '.join(said)}.")


@or_not_run
def chosen_without_labels(result, title: str) -> Picture:
    """λ and moment as each criterion chooses them: target accuracy of each seed's choice, and their mean.

    Reads "chosen" {criterion: {seed: score}}; the dashed line is the choice with target labels.
    """
    chosen = {name: values_of(result["chosen"][name]) for name in CRITERIA if name in result["chosen"]}
    with use():
        figure, axes = canvas(8.6, 1.6 + 0.5 * len(chosen), title)
        chance(axes)
        axes.axvline(chosen["labels"].mean(), **DASHED)
        for row, (name, values) in enumerate(chosen.items()):
            seeds_row(axes, row, values, "oracle" if name == "labels" else "dann")
        rows(axes, [CRITERIA[name] for name in chosen])
        axes.set(xlim=(0, 1.02), xlabel="target accuracy of the choice (a dot: a seed; the bar: their mean)")
        axes.xaxis.set_major_formatter(PERCENT)
        said = "; ".join(f"{CRITERIA[name]} {written(*mean_over_seeds(v))}" for name, v in chosen.items())
        return show(figure, title=title, alt=f"Target accuracy of what was chosen: {said}.")


@or_not_run
def reversals(result, title: str) -> Picture:
    """Target accuracy and domain accuracy along training, a line a λ; bands span seeds. Reads "sweep"."""
    with use():
        figure, panels = panels_of(title, 2, sharey=False)
        said = []
        for axes, what, name, dashed in zip(panels, ("target", "domain"),
                                            ("target accuracy", "accuracy of the domain head"), (0.1, 0.5)):
            for hue, (reversal, seeds) in zip(REVERSALS, result["sweep"].items()):
                values = array([seed[what] for seed in seeds.values()])
                band(axes, next(iter(seeds.values()))["step"], values, f"λ = {float(reversal):g}", hue)
                said.append(f"{name} at the end, λ = {float(reversal):g}: {100 * values.mean(0)[-1]:.0f} %")
            axes.axhline(dashed, **DASHED)
            axes.set_title(name, color=SOFT)
            axes.set(xlabel="training step", ylim=(0, 1.02))
            axes.yaxis.set_major_formatter(PERCENT)
        legend(figure, panels[0])
        return show(figure, title=title, alt=f"Two charts along training. {'; '.join(said)}.")


def chance(axes: Axes) -> None:
    """A dotted line at one in ten."""
    axes.axvline(CHANCE, color=SOFT, linestyle=":", linewidth=1.2)
    axes.text(CHANCE, 0.005, " chance", transform=axes.get_xaxis_transform(), color=SOFT, fontsize=10)


def domains_side_by_side(source: Labeled, target: Labeled, *, title: str,
                         names: Sequence[str] = ("source", "target"), each: int = 2) -> Picture:
    """Pictures of two domains: a column a class, `each` of the source above as many of the target."""
    rows_, called = [], []
    for domain, name in zip((source, target), names):
        for i in range(each):
            rows_.append(torch.stack([domain.x[domain.y == k][i] for k in domain.y.unique()]))
            called.append(name if i == 0 else "")
    return wall(rows_, called, title, f"{each} pictures of each class: {names[0]} above, {names[1]} below.")


def moments(result, weights: Mapping[str, Tensor]) -> dict[float, list[Moment]]:
    """{λ: the moments of the first seed}, for `two_domains`; {} where the run is missing.

    `weights` are those of domain_reversal_glyphs.
    """
    if isinstance(result, NotRun) or isinstance(weights, NotRun):
        return {}
    found = {}
    for reversal, seeds in result["sweep"].items():
        seen, name = next(iter(seeds.values())), f"{float(reversal):g}"
        clouds = weights[f"{name}.source"].float(), weights[f"{name}.target"].float()
        found[float(reversal)] = [Moment(*one) for one in zip(seen["step"], *clouds, seen["source"],
                                                             seen["target"], seen["domain"])]
    return found


def values_of(seeds: Mapping[str | int, Mapping]) -> np.ndarray:
    """Accuracies of {seed: score}; in a results file seeds have become text."""
    return array([score["accuracy"] for score in seeds.values()])


def seeds_row(axes: Axes, row: Real, values: np.ndarray, method: str, number=None) -> None:
    """Dots, their mean as a bar, and the mean in numbers at the right."""
    hue, (mean, half) = style.color(NAMES[method]), mean_over_seeds(values)
    axes.plot(values, np.full(len(values), row), "o", color=hue, alpha=0.45, markersize=7)
    axes.plot([mean] * 2, [row - 0.28, row + 0.28], color=hue, linewidth=3)
    text = number(mean, half) if number else f"{100 * mean:.0f}"
    axes.text(1.03, row, text, transform=axes.get_yaxis_transform(), va="center")
