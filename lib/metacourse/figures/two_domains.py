"""Features of a source and a target domain on one plane: do the two clouds meet, class by class?"""
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from torch import Tensor

from metacourse.figures.board import EDGE, TOP, board, box
from metacourse.figures.prototype_board import number
from metacourse.figures.style import BLUE, ORANGE, SOFT, Picture, show, use
from metacourse.figures.trajectories import TASKS

HUES = (*TASKS, "#8C8C8C", "#7FB800")                        # ten, for ten digits, on light and dark pages
SOURCE, TARGET = BLUE, ORANGE                                # colors by domain
WIDTH, GAP = 3.7, 0.3                                        # inches: a panel, and between two


class Moment(NamedTuple):
    """Both domains at one moment of training: places on a plane, and three accuracies in [0, 1].

    The plane is chosen by whoever records the run, and turns as little as possible from moment to moment.
    """

    step: int
    z_source: Float[Tensor, "source 2"]
    z_target: Float[Tensor, "target 2"]
    source_accuracy: float                                   # on new source images
    target_accuracy: float                                   # known to us, not to the one who trains
    domain_accuracy: float                                   # of the domain head; ½ is chance

    def in_words(self) -> str:
        """The three accuracies."""
        return (f"source {self.source_accuracy:.0%} right, target {self.target_accuracy:.0%} right; "
                f"domain recognized from the features: {self.domain_accuracy:.0%} (chance 50%)")


def two_domains(moment: Moment | Mapping[str, Moment], y_source: Int[Tensor, " source"],
                y_target: Int[Tensor, " target"], *, title: str,
                names: Sequence[str] | None = None) -> Picture:
    """Source features filled, target features outlined; chips stand at the means of the source's classes.

    One moment is shown twice, in the colors of the classes and of the domains. Several, {name: moment}, are
    shown side by side in the colors of the classes. `names` (one or two letters each) replace 0, 1, 2, …
    """
    several = dict(moment) if isinstance(moment, Mapping) else {"by class": moment, "by domain": moment}
    with use():
        width = 2 * EDGE + len(several) * (WIDTH + GAP) - GAP
        figure, axes = board(width, TOP + WIDTH + 0.9, title)
        told = []
        for i, (name, now) in enumerate(several.items()):
            x, by_class = EDGE + i * (WIDTH + GAP), isinstance(moment, Mapping) or i == 0
            axes.text(x, TOP + 0.12, name, va="center", color=SOFT)
            _panel(axes, x, TOP + 0.3, now, y_source, y_target, names, by_class)
            if by_class:
                _numbers(axes, x, TOP + WIDTH + 0.5, now)
                told.append(f"{name}: {now.in_words()}" if isinstance(moment, Mapping) else now.in_words())
        _key(axes, width, TOP + 0.12, *((SOFT, SOFT) if isinstance(moment, Mapping) else (SOURCE, TARGET)))
        return show(figure, title=title, alt=f"""
            Features of {len(y_source)} source and {len(y_target)} target images on a plane.
            {"; ".join(told)}.""")


def filled(moment: Moment) -> tuple[Float[Tensor, "source 2"], Float[Tensor, "target 2"]]:
    """Both clouds, moved and scaled together to fill [−1, 1]."""
    z = torch.cat([moment.z_source, moment.z_target]).detach().cpu().double()
    low, high = z.amin(dim=0), z.amax(dim=0)
    z = (z - (low + high) / 2) / ((high - low).max() / 2).clamp_min(1e-30)
    return z[:len(moment.z_source)], z[len(moment.z_source):]


def _panel(axes: Axes, x: float, y: float, moment: Moment, y_source: Tensor, y_target: Tensor,
           names: Sequence[str] | None, by_class: bool) -> None:
    box(axes, x, y, WIDTH, WIDTH)
    source, target = (torch.tensor([x, y]) + WIDTH * (0.5 + 0.46 * z * torch.tensor([1, -1]))
                      for z in filled(moment))
    hues = [[HUES[k % len(HUES)] if by_class else hue for k in labels.tolist()]
            for labels, hue in ((y_source, SOURCE), (y_target, TARGET))]
    axes.scatter(*source.T, s=20, c=hues[0], alpha=0.7, linewidths=0, zorder=3)
    axes.scatter(*target.T, s=24, facecolors="none", edgecolors=hues[1], linewidths=1.3, zorder=4)
    for k in y_source.unique().tolist() if by_class else ():
        center = source[y_source == k].mean(dim=0).tolist()
        number(axes, *center, names[k] if names else k, HUES[k % len(HUES)], size=10)


def _numbers(axes: Axes, x: float, y: float, moment: Moment) -> None:
    said = (f"target: {moment.target_accuracy:.0%} right   (source: {moment.source_accuracy:.0%})",
            f"domain recognized: {moment.domain_accuracy:.0%}   (chance: 50%)")
    for row, text in enumerate(said):
        axes.text(x, y + 0.24 * row, text, va="center", fontsize=11)


def _key(axes: Axes, width: float, y: float, source: str, target: str) -> None:
    """What the two marks mean, above the last panel's right corner."""
    axes.scatter(width - 1.82, y, s=24, color=source, linewidths=0)
    axes.text(width - 1.72, y, "source", va="center", color=SOFT)
    axes.scatter(width - 0.85, y, s=28, facecolors="none", edgecolors=target, linewidths=1.3)
    axes.text(width - 0.75, y, "target", va="center", color=SOFT)
