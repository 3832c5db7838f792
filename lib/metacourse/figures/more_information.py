"""Prototypes on the move: where unlabeled pictures pull them, on a plane."""
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from torch import Tensor

from metacourse.figures.style import CLASSES, FAINT, INK, PAPER, SOFT, Picture, array, canvas, show, use

KEY = [Line2D([], [], color=SOFT, linestyle="", marker=marker, markersize=size, label=label, **look)
       for marker, size, label, look in (
           ("s", 8, "labeled, the first prototype", {"markeredgecolor": INK}),
           ("o", 7, "unlabeled, of this class", {"alpha": 0.5, "markeredgewidth": 0}),
           ("*", 15, "refined prototype", {"markeredgecolor": PAPER}),
           ("+", 13, "true mean", {"markeredgewidth": 2}),
           ("x", 7, "unlabeled, of no class here", {}))]


class Pull(NamedTuple):
    """What a panel shows: points of a plane. `whose` is the class of an unlabeled point, −1 for none."""

    labeled: Float[Tensor, "way shot 2"]
    loose: Float[Tensor, "unlabeled 2"]
    whose: Int[Tensor, " unlabeled"]
    after: Float[Tensor, "way 2"]
    truth: Float[Tensor, "way 2"]


def pulls(panels: Mapping[str, Pull], *, title: str) -> Picture:
    """Side by side: labeled points, unlabeled ones, and how far each prototype is pulled.

    `truth` is where a prototype should be: the mean of many drawings of its class.
    """
    with use():
        figure, axes = canvas(4.1 * len(panels), 5.1, title, columns=len(panels), squeeze=False,
                              sharex=True, sharey=True)
        middle, half = _square(list(panels.values()))
        said = []
        for panel, (name, pull) in zip(axes[0], panels.items()):
            before = array(pull.labeled).mean(1)
            _points(panel, pull)
            for k, (start, end) in enumerate(zip(before, array(pull.after))):
                _prototype(panel, start, end, CLASSES[k % len(CLASSES)])
            panel.set_title(name, color=SOFT)
            panel.set(xticks=[], yticks=[], aspect="equal", xlim=(middle[0] - half, middle[0] + half),
                      ylim=(middle[1] - half, middle[1] + half))
            panel.spines[:].set_visible(True)
            panel.spines[:].set_color(FAINT)
            near, far = (np.linalg.norm(place - array(pull.truth), axis=1).mean()
                         for place in (before, array(pull.after)))
            said.append(f"{name}: mean distance to the true mean {near:.2f} before, {far:.2f} after")
        figure.legend(handles=KEY, loc="outside lower center", ncols=3, fontsize=11)
        return show(figure, title=title, alt=f"""Points of {len(before)} classes on a plane, with lines from
            the prototypes of the labeled points to the refined ones. {'; '.join(said)}.""")


def _square(panels: list[Pull]) -> tuple[np.ndarray, float]:
    """The middle of a square with all points in it, and half of its side."""
    points = np.concatenate([array(part).reshape(-1, 2) for pull in panels
                             for part in (pull.labeled, pull.loose, pull.after, pull.truth)])
    low, high = points.min(0), points.max(0)
    return (low + high) / 2, 0.55 * (high - low).max()


def _points(axes: Axes, pull: Pull) -> None:
    whose, loose = array(pull.whose).astype(int), array(pull.loose)
    axes.plot(*loose[whose < 0].T, "x", color=SOFT, markersize=6, markeredgewidth=1.3)
    for k, (labeled, truth) in enumerate(zip(array(pull.labeled), array(pull.truth))):
        hue = CLASSES[k % len(CLASSES)]
        axes.plot(*loose[whose == k].T, "o", color=hue, alpha=0.35, markersize=6, markeredgewidth=0)
        axes.plot(*truth, "+", color=hue, markersize=15, markeredgewidth=2)
        axes.plot(*labeled.T, "s", color=hue, markersize=8, markeredgecolor=INK)


def _prototype(axes: Axes, start: np.ndarray, end: np.ndarray, hue: str) -> None:
    axes.plot(*np.stack([start, end], 1), color=INK, linewidth=1.6)
    axes.plot(*end, "*", color=hue, markersize=17, markeredgecolor=PAPER)
