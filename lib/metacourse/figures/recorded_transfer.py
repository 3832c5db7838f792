"""Pictures of chapter 4's runs on fine-tuning; a run that is missing says how to make it."""
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from metacourse.figures import style
from metacourse.figures.measurements import DASHED, PERCENT, name_ends, rows
from metacourse.figures.recorded import not_run
from metacourse.figures.recorded_few_shot import mean_over_seeds, written
from metacourse.figures.recorded_maml import or_not_run
from metacourse.figures.style import FAINT, PAPER, SOFT, Picture, array, canvas, show, use
from metacourse.results import NotRun

KINDS = {"frozen": "copied blocks stay", "tuned": "everything moves"}
KIND_COLORS = {"frozen": style.METHODS["pretrained"], "tuned": style.METHODS["finetune"]}
STRATEGIES = {"scratch": "from scratch", "head": "head only", "last": "last block, head", "all": "everything",
              "layerwise": "layer-wise rates", "gradual": "gradual unfreezing", "l2sp": "L2-SP",
              "low_rank": "low-rank update"}
STRATEGY_COLORS = {"scratch": style.METHODS["scratch"], "head": style.BLUE, "last": style.SKY,
                   "all": style.METHODS["finetune"], "layerwise": style.ORANGE, "gradual": style.VERMILLION,
                   "l2sp": style.PURPLE, "low_rank": "#8C6D00"}
SOURCES = {"ink": "the amount of ink", "stamp": "marks at the edge (stamp)"}
NEGATIVE = {"negative": "everything moves", "negative, frozen": "only a new head is trained"}


@or_not_run
def layers_transferred(result, title: str) -> Picture:
    """Accuracy on a new script against the number of copied blocks: a dot a seed, means, 95 % intervals.

    Reads "accuracy" {"frozen" | "tuned": {blocks: {seed: score}}}.
    """
    with use():
        figure, axes = canvas(8.4, 4.6, title)
        ends, said = {}, []
        for kind, place in (("frozen", -0.06), ("tuned", 0.06)):
            found = {int(k): accuracies(seeds) for k, seeds in result["accuracy"][kind].items()}
            means, halves = np.array([mean_over_seeds(values) for values in found.values()]).T
            hue, x = KIND_COLORS[kind], np.array(list(found)) + place
            for k, values in found.items():
                axes.plot(np.full(len(values), k + place), values, "o", color=hue, alpha=0.35, markersize=5)
            axes.errorbar(x, means, yerr=halves, color=hue, marker="o", markersize=8, capsize=4)
            ends[KINDS[kind]] = (x[-1], means[-1], hue)
            said.append(f"{KINDS[kind]}: " + ", ".join(f"{k} copied {written(*pair)}"
                                                       for k, pair in zip(found, zip(means, halves))))
        fresh = mean_over_seeds(accuracies(result["accuracy"]["tuned"]["0"]))[0]
        axes.axhline(fresh, **DASHED)
        axes.set(xlabel="blocks copied from the pretrained network; the rest is drawn anew",
                 xticks=list(found), ylabel="accuracy on new drawings", ylim=(0, None))
        axes.yaxis.set_major_formatter(PERCENT)
        axes.grid(axis="y")
        name_ends(axes, {**ends, "nothing copied": (axes.get_xlim()[1], fresh, SOFT)})
        return show(figure, title=title, alt=f"Mean over seeds and its 95 % interval. {'; '.join(said)}.")


def examples_per_class(result, target: str = "glyphs", *, title: str) -> Picture:
    """Accuracy of each strategy against examples per class, and its difference to moving everything.

    Reads "accuracy" {target: {strategy: {shots: {seed: score}}}}. The right panel pairs the strategies of a
    seed, which meet the same tasks: mean difference and its 95 % interval over seeds.
    """
    if isinstance(result, NotRun):
        return not_run(result, title)
    found = {name: {int(shot): accuracies(seeds) for shot, seeds in shots.items()}
             for name, shots in result["accuracy"][target].items()}
    with use():
        figure, (left, right) = canvas(10, 5.4, title, 1, 2, width_ratios=[1, 1.35])
        for name, shots in found.items():
            left.plot(range(len(shots)), [values.mean() for values in shots.values()], marker="o",
                      markersize=5, linewidth=1.8, linestyle="--" if name == "scratch" else "-",
                      color=STRATEGY_COLORS[name], label=STRATEGIES[name])
        left.set(ylabel="accuracy on new drawings", ylim=(0, None))
        left.yaxis.set_major_formatter(PERCENT)
        left.set_title("accuracy, mean over seeds", color=SOFT)
        differences(right, found)
        for axes in (left, right):
            axes.set_xticks(range(len(shots)), [str(shot) for shot in shots])
            axes.set_xlabel("examples per class")
            axes.grid(axis="y")
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
        said = "; ".join(f"{STRATEGIES[name]}: " + ", ".join(f"{shot}: {written(*mean_over_seeds(values))}"
                                                             for shot, values in shots.items())
                         for name, shots in found.items())
        return show(figure, title=title, alt=f"By examples per class, mean and 95 % interval over seeds. "
                                             f"{said}.")


def differences(axes: Axes, found: Mapping[str, Mapping[int, np.ndarray]]) -> None:
    """Points above or below moving everything, side by side at each number of examples."""
    others = [name for name in found if name not in ("all", "scratch")]
    shots = list(found["all"])
    axes.axhline(0, color=STRATEGY_COLORS["all"], linewidth=2)
    for name, place in zip(others, np.linspace(-0.32, 0.32, len(others))):
        pairs = [mean_over_seeds(100 * (found[name][shot] - found["all"][shot])) for shot in shots]
        means, halves = np.array(pairs).T
        axes.errorbar(np.arange(len(shots)) + place, means, yerr=halves, fmt="o", markersize=7, linewidth=1.5,
                      color=STRATEGY_COLORS[name], markeredgecolor=PAPER)
    for edge in range(1, len(shots)):
        axes.axvline(edge - 0.5, color=FAINT, linewidth=0.8)
    axes.set_xlim(-0.5, len(shots) - 0.5)
    axes.set_ylabel("points above moving everything")
    axes.set_title("the same tasks: difference and its 95 % interval", color=SOFT)


@or_not_run
def negative_transfer(result, title: str) -> Picture:
    """Accuracy on a new script after pretraining on each source: a dot a seed, mean and 95 % interval.

    Reads "accuracy" {"negative" | "negative, frozen": {source: {seed: score}}}; the dashed line is no source.
    In brackets the gain over it in points, paired by seed: red where it is clearly a loss.
    """
    with use():
        sources = list(result["accuracy"]["negative"])
        figure, panels = canvas(10, 1.9 + 0.62 * len(sources), title, 1, len(NEGATIVE), sharey=True,
                                sharex=True)
        said = []
        for axes, (kind, name) in zip(panels, NEGATIVE.items()):
            found = {source: accuracies(seeds) for source, seeds in result["accuracy"][kind].items()}
            reference = found["nothing"].mean()
            for row, source in enumerate(sources):
                (mean, half), gain = mean_over_seeds(found[source]), found[source] - found["nothing"]
                hue, gained = _hue(source, *mean_over_seeds(gain))
                axes.plot([0, mean], [row, row], color=hue, alpha=0.2, linewidth=8, solid_capstyle="butt")
                axes.plot(found[source], np.full(len(found[source]), row), "o", color=hue, alpha=0.45,
                          markersize=6)
                axes.errorbar(mean, row, xerr=half, fmt="|", color=hue, markersize=13, markeredgewidth=2.5,
                              capsize=4)
                axes.text(1.02, row, f"{100 * mean:.0f} %{gained}", transform=axes.get_yaxis_transform(),
                          va="center", linespacing=1.5)
            axes.axvline(reference, **DASHED)
            axes.set(xlim=(0, 1.03 * axes.dataLim.x1), xlabel="accuracy on new drawings")
            axes.xaxis.set_major_formatter(PERCENT)
            axes.set_title(name, color=SOFT)
            said.append(f"{name}: " + ", ".join(f"{source} {written(*mean_over_seeds(values))}"
                                                for source, values in found.items()))
        rows(panels[0], ["not pretrained" if source == "nothing"
                         else f"pretrained on {SOURCES.get(source, source)}" for source in sources])
        for axes in panels[1:]:
            axes.grid(axis="x")
            axes.tick_params(axis="y", length=0)
            axes.spines["left"].set_visible(False)
        return show(figure, title=title, alt=f"Mean over seeds and its 95 % interval. {'; '.join(said)}.")


def _hue(source: str, gain: float, half: float) -> tuple[str, str]:
    """The color of a source that hurts, helps or does neither clearly, and its gain over none in points."""
    if source == "nothing":
        return style.METHODS["scratch"], ""
    points = f"\n({round(100 * gain):+d} ± {100 * half:.0f})".replace("-", "−")
    if abs(gain) <= half:
        return SOFT, points
    return style.METHODS["pretrained"] if gain > 0 else style.VERMILLION, points


def accuracies(seeds: Mapping[str, Mapping]) -> np.ndarray:
    """The accuracies of {seed: score}."""
    return array([score["accuracy"] for score in seeds.values()])
