"""Pictures of section 4.6: the fair run of meta-learning and transfer, and the guide of the whole course."""
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metacourse.figures import style
from metacourse.figures.board import EDGE, TOP, arrow, board, box, write
from metacourse.figures.measurements import DASHED, PERCENT
from metacourse.figures.recorded_few_shot import CHANCE, DOMAINS, NAMES, mean_over_seeds
from metacourse.figures.recorded_maml import or_not_run
from metacourse.figures.style import INK, METHODS, PANEL, SOFT, Picture, array, show, use

SHORT = {**NAMES, "protonet_ways": "ProtoNet", "logistic": "logistic", "head": "new head",
         "finetune": "fine-tuning", "layerwise": "layer-wise", "simclr": "SimCLR", "scratch": "scratch",
         "pixels": "pixels"}
HIGHEST = 1.02                                  # where the axes end, the same for all domains
HUES = {"head": METHODS["pretrained"], "layerwise": METHODS["dann"]}
DASHES = {"layerwise": (0, (4, 1.5)), "logistic": (0, (1.5, 1.2))}

GUIDE = (                                       # a question; where to begin; in which section; measured in
    ("The classes are known, the look of the\npictures is new, and none has a label.", "adabn",
     "Cut alike, then the target's batch norm",
     "CORAL, MMD or DANN next, if the class proportions agree.", "4.3", None),
    ("One new task, with dozens of examples\nof each class or more.", "finetune",
     "Fine-tune a pretrained network",
     "Near home a new head is enough. Far away, move everything.", "4.2", None),
    ("Is it the same or not,\nwith no list of classes?", "siamese",
     "A Siamese network and a threshold",
     "Choose the threshold by what a false accept costs.", "3.4", None),
    ("Many small tasks that are not\nclassification.", "maml",
     "The MAML family",
     "ANIL where features can stay, MAML where they must move.", "2", None),
    ("Few examples of new classes, and many\nlabeled classes of the same kind.", "protonet",
     "A ProtoNet, its training way tuned",
     "Beside it, always: the nearest mean on a plain classifier.", "3.2, 3.6", "protonet_ways"),
    ("Few examples, and a trained classifier\nof other classes is at hand.", "simpleshot",
     "Its features, centered, and the nearest mean",
     "Nothing to train, nothing to tune.", "3.6, 4.6", "simple_shot"),
    ("Few examples; pictures of the same kind\nin plenty, but no labels.", "simclr",
     "SimCLR, then the nearest mean",
     "Look at the views first: what they change, features forget.", "4.5", "simclr"),
    ("None of these.", "pixels",
     "Frozen features of a large network",
     "Say what it was trained on. Has it seen your classes?", "4.8", None),
)


@or_not_run
def meta_or_transfer(result, title: str) -> Picture:
    """Accuracy against examples per class, a panel for each domain and a line for each method.

    Reads "accuracy" {domain: {shot: {method: {seed: score}}}}; bars are 95 % intervals over training seeds.
    """
    with use():
        figure = Figure(figsize=(10.2, 6.4), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        panels = figure.subplots(1, len(result["accuracy"]), sharey=True, squeeze=False)[0]
        said = []
        for axes, (domain, by_shot) in zip(panels, result["accuracy"].items()):
            lines = over_shots(by_shot)
            draw_lines(axes, list(by_shot), lines)
            axes.set_title(DOMAINS[domain], color=SOFT)
            said.append(f"{DOMAINS[domain]}, {' and '.join(by_shot)} examples: " + ", ".join(
                f"{SHORT[name]} {' '.join(f'{100 * mean:.0f}' for mean, _ in line)} %"
                for name, line in lines.items()))
        panels[0].set_ylabel("accuracy on queries, 5-way")
        return show(figure, title=title, alt=f"Mean over training seeds. {'; '.join(said)}. Chance is 20 %.")


def over_shots(by_shot: Mapping) -> dict[str, list[tuple[float, float]]]:
    """{method: [(mean, half-width) for each number of shots]}, the best with most shots first."""
    names = next(iter(by_shot.values()))
    lines = {name: [mean_over_seeds(array([score["accuracy"] for score in rules[name].values()]))
                    for rules in by_shot.values()] for name in names}
    return dict(sorted(lines.items(), key=lambda line: -line[1][-1][0]))


def draw_lines(axes: Axes, shots: list[str], lines: Mapping[str, list[tuple[float, float]]]) -> None:
    """A line for each method, its name at the end."""
    place = np.arange(len(shots))
    for name, line in lines.items():
        means, halves = array(line).T
        axes.errorbar(place, means, yerr=halves, color=hue(name), linestyle=DASHES.get(name, "-"), marker="o",
                      markersize=4, linewidth=1.8, elinewidth=1, alpha=0.95)
    ends = style.apart([line[-1][0] for line in lines.values()], (HIGHEST - CHANCE) / 24)
    for (name, line), height in zip(lines.items(), ends):
        axes.plot([place[-1] + 0.06, place[-1] + 0.22], [line[-1][0], height], color=hue(name), linewidth=0.7)
        axes.text(place[-1] + 0.26, height, f"{SHORT[name]}", color=dark(hue(name)), va="center", fontsize=10)
    axes.axhline(CHANCE, **DASHED)
    axes.set(xlim=(-0.15, place[-1] + 1.35), xlabel="examples per class")
    axes.set_xticks(place, shots)
    axes.set_ylim(CHANCE - 0.02, HIGHEST)
    axes.yaxis.set_major_formatter(PERCENT)
    axes.grid(axis="y")


def hue(name: str) -> str:
    """The method's color through the course."""
    return HUES.get(name) or style.color(SHORT[name])


def dark(color: str) -> str:
    """A color darkened where it is too pale for letters on white."""
    red, green, blue = (int(color[i:i + 2], 16) for i in (1, 3, 5))
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    part = min(1.0, 110 / light) if light else 1.0
    return "#" + "".join(f"{round(part * value):02x}" for value in (red, green, blue))


def decision_guide(result=None, *, title: str = "Where do you begin? The first line that fits") -> Picture:
    """The guide of the course as one picture: what you have, where to begin, and what it reached in 4.6.

    Reads the results of `transfer_or_meta_glyphs`, or shows no numbers where there are none.
    """
    height, width = 0.86, 10.0
    with use():
        figure, axes = board(width - EDGE, TOP + 0.3 + height * len(GUIDE) + 0.1, title)
        write(axes, width - 0.1, TOP + 0.02, "5-way on new scripts, 1 and 5 examples", SOFT, fontsize=10,
              ha="right")
        said = []
        for row, (when, method, begin, mind, section, measured) in enumerate(GUIDE):
            y, color = TOP + 0.2 + height * row, dark(METHODS[method])
            box(axes, EDGE, y, 3.25, height - 0.16, face=PANEL, edge="none")
            write(axes, EDGE + 0.14, y + (height - 0.16) / 2, when, fontsize=10.5, ha="left",
                  linespacing=1.15)
            arrow(axes, (3.4, y + 0.35), (3.72, y + 0.35), color)
            box(axes, 3.8, y, width - 3.8 - 0.08, height - 0.16, edge=color, line=1.6)
            write(axes, 3.96, y + 0.22, begin, color, fontsize=12, fontweight="bold", ha="left")
            write(axes, 3.96, y + 0.5, mind, SOFT, fontsize=10.5, ha="left")
            where = f"section {section}" if "." in section else f"chapter {section}"
            write(axes, width - 0.22, y + 0.22, where, SOFT, fontsize=10, ha="right")
            numbers = reached(result, measured)
            write(axes, width - 0.22, y + 0.5, numbers, INK, fontsize=11, fontweight="bold", ha="right")
            said.append(f"{' '.join(when.split())} {begin} ({section}){': ' + numbers if numbers else ''}")
        return show(figure, title=title, alt=f"{'; '.join(said)}.")


def reached(result, method: str | None) -> str:
    """"ProtoNet 84 · 94 %": what a method reached on new scripts with one and with five examples."""
    if not result or method is None:
        return ""
    lines = over_shots({shot: result["accuracy"]["glyphs"][shot] for shot in ("1", "5")})
    return f"{SHORT[method]} {' · '.join(f'{100 * mean:.0f}' for mean, _ in lines[method])} %"
