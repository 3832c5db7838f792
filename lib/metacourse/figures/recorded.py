"""Pictures of recorded runs, straight from their results files; a run that is missing says how to make it."""
from collections.abc import Mapping
from numbers import Real

import numpy as np

from metacourse.figures.board import EDGE, TOP, board, box, write
from metacourse.figures.measurements import DASHED, curves, percent, rows, score_row, written
from metacourse.figures.style import BLUE, INK, ORANGE, PANEL, SOFT, Picture, canvas, show, use
from metacourse.results import NotRun


def not_run(result: NotRun, title: str) -> Picture:
    """What stands where a recorded run is missing: the command that makes it."""
    with use():
        figure, axes = board(8, 1.7, title)
        box(axes, EDGE, TOP, 7.8, 0.9, face=PANEL, edge="none")
        write(axes, 4, TOP + 0.28, "not run yet", SOFT)
        write(axes, 4, TOP + 0.62, result.command, INK, family="DejaVu Sans Mono")
        return show(figure, title=title, alt=f"No picture: {result!r}")


def in_context(result, title: str) -> Picture:
    """Accuracy on training characters and on new scripts against the number of training characters.

    Reads `by_classes` {classes: {"train" | "test": {seed: score}}}; lines are means over seeds.
    """
    if isinstance(result, NotRun):
        return not_run(result, title)
    classes = sorted(result["by_classes"], key=int)
    lines = {}
    for split, name in [("train", "training characters"), ("test", "new scripts")]:
        scores = [over_seeds(result["by_classes"][count][split]) for count in classes]
        lines[name] = ([int(count) for count in classes], *np.array(scores).T)
    return curves(lines, x="characters in meta-training", y="accuracy", title=title,
                  chance=1 / result["model"]["way"], log_x=True)


def fixed_labels(result, title: str) -> Picture:
    """Fixed against reshuffled labels, each on training and on new classes.

    Reads "fixed" and "reshuffled", each {"train" | "test": {seed: score}}.
    """
    if isinstance(result, NotRun):
        return not_run(result, title)
    groups = {f"labels {kind}": {"training characters": over_seeds(result[kind]["train"]),
                                 "new scripts": over_seeds(result[kind]["test"])}
              for kind in ("fixed", "reshuffled")}
    return compared(groups, title, chance=1 / result["model"]["way"])


def leaks(result, title: str) -> Picture:
    """What each leak adds: {leak: {"honest": score, "inflated": score}}."""
    if isinstance(result, NotRun):
        return not_run(result, title)
    groups = {leak: {name: (scores[name]["accuracy"], scores[name]["interval"])
                     for name in ("honest", "inflated")} for leak, scores in result.items()}
    least = min(accuracy for scores in groups.values() for accuracy, _ in scores.values())
    return compared(groups, title, low=np.floor(20 * least) / 20 - 0.05)       # the gaps are small


def over_seeds(scores: Mapping[str, Mapping]) -> tuple[float, float]:
    """Mean accuracy and mean half-width of the interval of {seed: score}."""
    return tuple(float(np.mean([score[what] for score in scores.values()]))
                 for what in ("accuracy", "interval"))


def compared(groups: Mapping[str, Mapping[str, tuple[float, float]]], title: str,
             chance: Real | None = None, low: Real = 0) -> Picture:
    """Two scores in each group, (accuracy, interval), one row a group; the axis begins at `low`."""
    said = "; ".join(f"{group}, {name}: {written(*score)}" for group, scores in groups.items()
                     for name, score in scores.items())
    with use():
        figure, axes = canvas(8, 1.8 + 0.85 * len(groups), title)
        for row, scores in enumerate(groups.values()):
            for (name, score), hue, y in zip(scores.items(), (BLUE, ORANGE), (row - 0.17, row + 0.17)):
                score_row(axes, y, *score, hue, label=name if row == 0 else None, bar=not low)
        rows(axes, list(groups))
        percent(axes, "accuracy on queries, with its 95 % interval")
        if low:
            ticks = np.arange(low, 1.001, 0.05)
            axes.set_xticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
            axes.set_xlim(low, 1.005)
        if chance is not None:
            axes.axvline(chance, **DASHED)
            axes.text(chance, -0.64, "chance", ha="center", va="bottom", color=SOFT)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
        return show(figure, title=title, alt=f"Accuracies. {said}.")
