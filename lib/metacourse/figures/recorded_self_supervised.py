"""Pictures of chapter 4's pretraining without labels: what views look like, how strong, and what it gives."""
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from torch import Tensor

from metacourse.figures.board import EDGE, TOP, board
from metacourse.figures.grids import GAP, heading, tile
from metacourse.figures.measurements import DASHED, PERCENT, rows
from metacourse.figures.recorded_few_shot import DOMAINS, mean_over_seeds, written
from metacourse.figures.recorded_maml import or_not_run
from metacourse.figures.style import CLASSES, METHODS, PAPER, SOFT, Picture, apart, canvas, show, use

PRETRAININGS = {"nothing": "nothing", "supervised": "labels", "simclr": "SimCLR", "moco": "MoCo"}
HUES = {"nothing": METHODS["scratch"], "supervised": METHODS["pretrained"], "simclr": METHODS["simclr"],
        "moco": METHODS["moco"]}
JUDGES = {"few_shot": "5-way 1-shot, nearest mean", "linear_probe": "linear probe"}
DATA = dict(zip(("glyphs", "omniglot", "quickdraw"), CLASSES))


@or_not_run
def pretrainings(result, title: str, *, source: str = "glyphs") -> Picture:
    """A panel a judge and data set, a row a pretraining: a dot a seed, their mean as a bar, chance dashed.

    Reads {pretraining: {judge: {data: {seed: score}}}} under "accuracy", or under "omniglot" where the
    networks were pretrained on Omniglot's background drawings (`source="omniglot"`).
    """
    found = result["accuracy" if source == "glyphs" else source]
    data = list(next(iter(found.values()))["few_shot"])
    with use():
        figure, panels = canvas(10, 1.6 + 1.9 * len(JUDGES), title, len(JUDGES), len(data), sharey=True,
                                sharex=True, squeeze=False)
        said = []
        for line, judge in zip(panels, JUDGES):
            for axes, name in zip(line, data):
                scores = {kind: judged[judge][name] for kind, judged in found.items()}
                said.append(f"{JUDGES[judge]}, {DOMAINS[name]}: " + ", ".join(dots(axes, scores)))
                axes.set_title(heading_of(judge, name, next(iter(scores["nothing"].values()))), color=SOFT)
            rows(line[0], [PRETRAININGS[kind] for kind in found])
            for axes in line[1:]:
                axes.grid(axis="x")
                axes.tick_params(axis="y", length=0)
        for axes in panels[-1]:
            axes.set(xlim=(0, 1.28), xticks=[0, 0.5, 1])
            axes.xaxis.set_major_formatter(PERCENT)
        figure.supxlabel("accuracy (a dot: one training seed; the bar: their mean)", fontsize=12)
        return show(figure, title=title, alt=f"Pretrained on {source}. {'; '.join(said)}.")


def heading_of(judge: str, data: str, score: Mapping) -> str:
    """"new scripts, 5-way 1-shot", or "Quick, Draw!, 69 classes at once"."""
    what = f"{score['classes']} classes at once" if judge == "linear_probe" else "5-way 1-shot"
    return f"{DOMAINS[data]}: {what}"


def dots(axes: Axes, scores: Mapping[str, Mapping]) -> list[str]:
    """A row of seeds for each pretraining; what a reader is told of each."""
    said = []
    for row, (kind, seeds) in enumerate(scores.items()):
        values = accuracies(seeds)
        mean, hue = values.mean(), HUES[kind]
        axes.plot([0, mean], [row, row], color=hue, alpha=0.2, linewidth=7, solid_capstyle="butt")
        axes.plot(values, np.full(len(values), row), "o", color=hue, alpha=0.5, markersize=6)
        axes.plot([mean] * 2, [row - 0.28, row + 0.28], color=hue, linewidth=3)
        axes.text(1.28, row, f"{100 * mean:.1f}", ha="right", va="center", fontsize=11)
        said.append(f"{PRETRAININGS[kind]} {written(*mean_over_seeds(values))}")
    axes.axvline(next(iter(seeds.values()))["chance"], **DASHED)
    return said


@or_not_run
def views_strength(result, title: str) -> Picture:
    """Accuracy against the strength of SimCLR's views; at the right end mirrored views, too.

    Left 5-way 1-shot, a line a data set; right, which of two characters that a mirror swaps. Reads "views"
    {strength: {data: {seed: score}}}; a name that ends in "flipped" adds mirrored pictures.
    """
    names = list(result["views"])
    data = [name for name in result["views"][names[0]] if name != "pairs"]
    with use():
        figure, (left, right) = canvas(10, 4.4, title, 1, 2, width_ratios=[1.25, 1])
        ends = {DOMAINS[name]: (strengths(left, result, name, DATA[name]), DATA[name]) for name in data}
        strengths(right, result, "pairs", METHODS["simclr"])
        heights = apart([height for height, _ in ends.values()], 0.06)
        for (name, (_, hue)), height in zip(ends.items(), heights):
            left.text(len(names) - 0.75, height, name, color=hue, va="center")
        left.set_title("5-way 1-shot", color=SOFT)
        right.set_title("two characters that a mirror swaps", color=SOFT)
        left.set(ylabel="accuracy", ylim=(0, min(1, 0.12 + max(height for height, _ in ends.values()))))
        right.set(ylim=(0.45, 1))
        for axes, chance in ((left, 0.2), (right, 0.5)):
            axes.axhline(chance, **DASHED)
            axes.text(-0.2, chance, "chance", color=SOFT, va="bottom")
            axes.set_xticks(range(len(names)), [name.replace(" flipped", "\nand flips") for name in names])
            axes.set(xlabel="strength of the views", xlim=(-0.3, len(names) - 0.7))
            axes.yaxis.set_major_formatter(PERCENT)
            axes.grid(axis="y")
        said = [f"{DOMAINS.get(what, 'mirrored pairs')}: "
                + ", ".join(f"{name} {written(*mean_over_seeds(accuracies(result['views'][name][what])))}"
                            for name in names) for what in (*data, "pairs")]
        return show(figure, title=title, alt=f"By strength of the views. {'; '.join(said)}.")


def strengths(axes: Axes, result, what: str, hue: str) -> float:
    """One line over strengths, and hollow points with flips; the height where it ends."""
    for flipped in (False, True):
        chosen = [(i, accuracies(seeds[what])) for i, (name, seeds) in enumerate(result["views"].items())
                  if name.endswith("flipped") == flipped]
        if chosen:
            where, points = zip(*((i, mean_over_seeds(values)) for i, values in chosen))
            means, halves = zip(*points)
            axes.errorbar(where, means, yerr=halves, color=hue, marker="o", markersize=8, capsize=4,
                          linestyle="none" if flipped else "-", markerfacecolor=PAPER if flipped else hue)
    return means[-1]


def views(pictures: Float[Tensor, "picture C H W"],
          shown: Mapping[str, Sequence[Float[Tensor, "picture C H W"]]], *, title: str) -> Picture:
    """Pictures at the left, a row each, and beside them their views, several under each name."""
    columns = 1 + sum(map(len, shown.values()))
    room = 8.4 - 0.35 * len(shown)
    step = max(0.28, min(0.8, room / columns, 6.4 / len(pictures)))
    width = 2 * EDGE + columns * step + 0.35 * len(shown)
    with use():
        figure, axes = board(width, TOP + 0.34 + len(pictures) * step, title)
        left = EDGE
        for name, parts in {"picture": [pictures], **shown}.items():
            heading(axes, left, len(parts) * step - GAP, name)
            for column, part in enumerate(parts):
                for row, picture in enumerate(part):
                    tile(axes, picture, left + column * step, TOP + 0.34 + row * step, step - GAP)
            left += len(parts) * step + 0.35
        told = "; ".join(f"{len(parts)} of {name}" for name, parts in shown.items())
        return show(figure, title=title, alt=f"{len(pictures)} pictures, a row each, and views: {told}.")


def accuracies(seeds: Mapping[str, Mapping]) -> np.ndarray:
    """The accuracy of each seed."""
    return np.array([score["accuracy"] for score in seeds.values()])
