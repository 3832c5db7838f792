"""How much of the gap between source only and an oracle each method closes: recorded runs of chapter 4."""
from collections.abc import Mapping
from numbers import Real

from matplotlib.axes import Axes

from metacourse.figures.measurements import DASHED, PERCENT
from metacourse.figures.recorded_domains import DIRECTIONS, NAMES, chance, seeds_row, values_of
from metacourse.figures.recorded_few_shot import mean_over_seeds, written
from metacourse.figures.recorded_maml import or_not_run
from metacourse.figures.style import BLACK, PAPER, SOFT, Picture, canvas, show, use

BETWEEN = ("adabn", "coral", "mmd", "dann")
NORMS = {"accuracy": "batch norm: each domain by its own statistics", "group_norm": "group norm",
         "no_norm": "no normalization"}


@or_not_run
def adapted_between(result, title: str) -> Picture:
    """Methods between source only (dashed) and oracle (black): a dot a seed, a bar the mean; a block a norm.

    Reads "accuracy", "group_norm" and "no_norm", each {method: {seed: score}}. Where "accuracy" has
    {direction: {method: {seed: score}}} there is a panel for each of DIRECTIONS.
    """
    found = {name: part for key, name in NORMS.items() if (part := result["payload"].get(key))}
    directions = [{DIRECTIONS[key]: part} for key, part in result["accuracy"].items() if key in DIRECTIONS]
    with use():
        tall = max(sum(len(between(part)) + 1.6 for part in panel.values())
                   for panel in directions or [found])
        figure, panels = canvas(10 if directions else 9, 1.5 + 0.44 * tall, title, 1, len(directions) or 1,
                                sharey=True, squeeze=False)
        said = [blocks(axes, panel) for axes, panel in zip(panels[0], directions or [found])]
        if not directions:
            panels[0, 0].set_xlabel("accuracy on new target pictures")
        else:
            figure.supxlabel("accuracy on new target pictures (each domain by its own batch statistics)",
                             fontsize=12)
        return show(figure, title=title,
                    alt=f"Target accuracy, mean over seeds and its 95 % interval. {'. '.join(said)}.")


def between(methods: Mapping[str, Mapping]) -> list[str]:
    """Those that are neither source only nor oracle, in the order of BETWEEN."""
    return [name for name in BETWEEN if name in methods]


def blocks(axes: Axes, found: Mapping[str, Mapping]) -> str:
    """Under each name its methods, a row each; what a reader is told."""
    top, places, said = 0.0, {}, []
    for block, methods in found.items():
        means = {name: mean_over_seeds(values_of(seeds)) for name, seeds in methods.items()}
        axes.text(0.005, top - 0.35, block, bbox={"color": PAPER, "pad": 2})
        limits(axes, top, len(between(methods)), means)
        for row, name in enumerate(between(methods), start=1):
            places[top + row] = NAMES[name]
            seeds_row(axes, top + row, values_of(methods[name]), name, number=written)
        said.append(f"{block}: " + ", ".join(f"{NAMES[name]} {written(*means[name])}"
                                             for name in NAMES if name in means))
        top += len(between(methods)) + 1.6
    chance(axes)
    axes.set_yticks(list(places), list(places.values()))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set(xlim=(0, 1.02), ylim=(top - 0.9, -1))
    axes.xaxis.set_major_formatter(PERCENT)
    return ". ".join(said)


def limits(axes: Axes, top: Real, methods: int, means: Mapping[str, tuple[Real, Real]]) -> None:
    """Source only and oracle as lines beside the rows of so many methods."""
    for name, look in (("source_only", DASHED), ("oracle", {"color": BLACK})):
        x = means[name][0]
        side = "right" if name == "source_only" and x > 0.7 else "center"        # beside the oracle's label
        axes.plot([x, x], [top + 0.45, top + methods + 0.45], **look)
        axes.text(x, top + 0.3, f"{NAMES[name]} {100 * x:.0f} %", ha=side, color=SOFT, fontsize=11)
