"""Schemes: what the three families change per task, the two loops, and where episodes come from."""
from itertools import pairwise
from numbers import Real

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from metacourse.figures.board import EDGE, TOP, arrow, board, box, chip, dot, write
from metacourse.figures.style import (
    BLUE,
    CLASSES,
    FAINT,
    INK,
    METHODS,
    PANEL,
    PAPER,
    SOFT,
    VERMILLION,
    Picture,
    show,
    use,
)

LEFT = {"ha": "left"}
BOLD = {"fontweight": "bold"}


def three_families() -> Picture:
    """What each family changes from task to task (in color) and what it keeps (gray)."""
    title, width, gap = "What changes from task to task?", 2.75, 0.2
    families = [
        ("metric-based", METHODS["protonet"], metric_sketch,
         "the prototypes", r"the embedding $f_\theta$", "nearest prototype"),
        ("optimization-based", METHODS["maml"], optimization_sketch,
         r"the parameters $\phi_i$", r"the start $\theta$", r"network with $\phi_i$"),
        ("model-based", "#A84E82", model_sketch,             # its purple, dark enough for text
         "the activations", r"the network $f_\theta$", "read and answer"),
    ]
    with use():
        figure, axes = board(3 * width + 2 * gap + EDGE, 4.2, title)
        for i, (name, color, sketch, *facts) in enumerate(families):
            x = EDGE + i * (width + gap)
            write(axes, x, TOP + 0.12, name, color, fontsize=13, **LEFT, **BOLD)
            box(axes, x, TOP + 0.32, width, 1.95, face=PANEL, edge="none")
            sketch(axes, x, TOP + 0.32, color)
            verbs = ["changes", "stays", "answers by"]
            for line, (verb, fact, hue) in enumerate(zip(verbs, facts, [color, SOFT, INK])):
                y = TOP + 2.53 + 0.36 * line
                write(axes, x, y, verb, SOFT, fontsize=11, **LEFT)
                write(axes, x + 0.92, y, fact, hue, **LEFT, **(BOLD if line == 0 else {}))
        return show(figure, title=title, alt="""
            Three sketches. Metric-based: the embedding stays, the prototypes change, a query gets the
            class of the nearest prototype. Optimization-based: the start θ stays, each task has
            parameters φ a few gradient steps away. Model-based: the network stays, its activations change
            as it reads the support set and then the query.""")


def metric_sketch(axes: Axes, x: Real, y: Real, color: str) -> None:
    """Support points around their prototypes; the query belongs to the nearest one."""
    query, centers = (x + 1.42, y + 0.86), [(x + 0.6, y + 0.5), (x + 2.15, y + 0.62), (x + 1.1, y + 1.55)]
    names = [(x + 0.3, y + 0.17), (x + 2.23, y + 0.25), (x + 1.6, y + 1.6)]
    for k, (center, name, turn) in enumerate(zip(centers, names, [0.5, 1.4, 3.5])):
        axes.plot(*zip(query, center), color=color if k == 1 else FAINT, linewidth=2.4 if k == 1 else 1.4)
        for angle in np.linspace(0, 2 * np.pi, 5, endpoint=False) + turn:
            dot(axes, center[0] + 0.27 * np.cos(angle), center[1] + 0.27 * np.sin(angle), "#b5b5b5", 0.055)
        dot(axes, *center, color, 0.105)
        write(axes, *name, f"$c_{k}$", color, fontsize=13)
    dot(axes, *query, INK, 0.13)
    write(axes, *query, "?", PAPER, fontsize=11, **BOLD)


def optimization_sketch(axes: Axes, x: Real, y: Real, color: str) -> None:
    """A few steps lead from θ to each task's own parameters."""
    start = np.array([x + 1.25, y + 1.12])
    goals = np.array([[x + 0.52, y + 0.52], [x + 2.2, y + 0.5], [x + 2.05, y + 1.5]])
    for i, goal in enumerate(goals):
        for size in (0.92, 0.62, 0.32):                      # contours of this task's loss
            axes.add_patch(Ellipse(goal, size, 0.85 * size, fill=False, edgecolor="#cfcfcf", linewidth=1))
        for one, two in pairwise(start + share * (goal - start) for share in (0.14, 0.48, 0.78, 1.0)):
            arrow(axes, tuple(one), tuple(two), color)
        side = np.sign(goal[0] - start[0])
        write(axes, goal[0] + 0.18 * side, goal[1] - 0.05, rf"$\phi_{i + 1}$", color, fontsize=14)
    dot(axes, *start, SOFT, 0.11)
    write(axes, start[0] - 0.2, start[1] + 0.22, r"$\theta$", SOFT, fontsize=15)


def model_sketch(axes: Axes, x: Real, y: Real, color: str) -> None:
    """One fixed network reads labeled examples, then the query, and answers."""
    box(axes, x + 0.2, y + 0.55, 2.35, 0.62, face="#dcdcdc", edge="none")
    activations = np.random.default_rng(0).uniform(0.35, 1, (4, 3))
    for i, (letter, label) in enumerate(zip("եжתж", "012?")):
        column = x + 0.52 + 0.57 * i
        for unit, strength in enumerate(activations[i]):
            axes.plot(column + 0.15 * (unit - 1), y + 0.86, "o", color=color, alpha=strength, markersize=8)
        arrow(axes, (column, y + 1.44), (column, y + 1.2), SOFT, line=1.2)
        write(axes, column - 0.13, y + 1.66, letter, fontsize=15, rotation=-8 if label == "?" else 0)
        chip(axes, column + 0.13, y + 1.66, label, INK if label == "?" else SOFT, 0.22)
    arrow(axes, (x + 2.23, y + 0.53), (x + 2.23, y + 0.34), color)
    chip(axes, x + 2.23, y + 0.2, "1", color, 0.24)


def bilevel() -> Picture:
    """The inner loop adapts to one task; the outer loop improves the start for all of them."""
    title, middle, bottom = "Two loops: who learns what?", TOP + 1.7, TOP + 3.3
    with use():
        figure, axes = board(8.15, 4.4, title)
        box(axes, 1.15, TOP + 0.12, 5.85, 2.85, face="#eef5fa", edge="none")
        write(axes, 1.33, TOP + 0.36, "inner loop: one task at a time", VERMILLION, **LEFT, **BOLD)
        for x, name, color in [(0.45, r"$\theta$", BLUE), (7.75, r"$\Sigma$", INK)]:
            dot(axes, x, middle, color, 0.27)
            write(axes, x, middle + 0.01, name, PAPER, fontsize=16)
        for i in (1, 2, 3):
            y, port = middle + 0.8 * (i - 2), middle + 0.2 * (i - 2)
            arrow(axes, (0.75 if i == 2 else 0.68, port), (1.36, y), SOFT)
            box(axes, 1.42, y - 0.28, 3.0, 0.56, edge=VERMILLION)
            step = rf"\phi_{i} \leftarrow \phi_{i} - \alpha\,\nabla\mathcal{{L}}(\phi_{i};\mathcal{{S}}_{i})"
            write(axes, 2.92, y, f"${step}$")
            arrow(axes, (4.46, y), (4.9, y), VERMILLION)
            box(axes, 4.95, y - 0.28, 1.55, 0.56, edge=SOFT)
            write(axes, 5.72, y, rf"$\mathcal{{L}}(\phi_{i};\mathcal{{Q}}_{i})$")
            arrow(axes, (6.54, y), (7.45 if i == 2 else 7.52, port), SOFT)
        axes.plot([7.75, 7.75, 0.45], [middle + 0.3, bottom, bottom], color=BLUE)
        arrow(axes, (0.45, bottom), (0.45, middle + 0.32), BLUE, line=2.2)
        write(axes, 1.33, bottom + 0.22, "outer loop:", BLUE, **LEFT, **BOLD)
        step = r"\theta \leftarrow \theta - \beta\,\nabla_\theta\,\Sigma_i\,\mathcal{L}(\phi_i;\mathcal{Q}_i)"
        write(axes, 2.52, bottom + 0.22, f"${step}$", BLUE, fontsize=13, **LEFT)
        return show(figure, title=title, alt="""
            From θ, arrows lead to three tasks. In each, the inner loop updates φ by gradient steps on the
            support loss and hands φ to the query loss. The three query losses are summed, and the outer
            loop carries the gradient of the sum back to θ.""")


def episode_schema() -> Picture:
    """Disjoint sets of classes; episodes drawn from each; support and query inside each episode."""
    title = "Where does an episode come from?"
    splits = [("meta-train classes", "αβγδεζηθλμξπ", BLUE, r"learn $\theta$"),
              ("meta-validation classes", "ກຂຄງຈຊ", "#7a5c00", "choose settings"),
              ("meta-test classes", "אבגדהש", "#A63D00", "report once")]
    rng = np.random.default_rng(2)
    with use():
        figure, axes = board(9.3, 4.85, title)
        write(axes, EDGE + 3.07, TOP + 0.2, "support", fontsize=11, **LEFT)
        write(axes, EDGE + 4.05, TOP + 0.2, "query", SOFT, fontsize=11, **LEFT)
        for row, (name, letters, color, purpose) in enumerate(splits):
            y = TOP + 0.38 + 1.42 * row
            write(axes, EDGE, y - 0.18, name, color, **LEFT, **BOLD)
            box(axes, EDGE, y, 2.35, 0.9, edge=color)
            lines = np.array(list(letters)).reshape(-1, 6)
            for (line, column), letter in np.ndenumerate(lines):
                height = y + 0.45 + 0.4 * (line - (len(lines) - 1) / 2)
                write(axes, EDGE + 0.25 + 0.37 * column, height, letter, fontsize=14)
            arrow(axes, (EDGE + 2.45, y + 0.45), (EDGE + 2.9, y + 0.45), color)
            for card in range(2):
                episode_card(axes, EDGE + 3.0 + 2.15 * card, y, rng.permutation(list(letters))[:3], rng)
            write(axes, EDGE + 7.22, y + 0.45, "…", SOFT, **LEFT)
            write(axes, EDGE + 7.5, y + 0.45, purpose, color, **LEFT)
        return show(figure, title=title, alt="""
            Three disjoint sets of letters as classes: meta-train, meta-validation, meta-test. From each,
            episodes are drawn: three classes, one labeled support drawing of each, and other drawings of
            the same classes as queries. Training learns θ, validation chooses settings, the test reports
            once.""")


def episode_card(axes: Axes, x: Real, y: Real, letters: np.ndarray, rng: np.random.Generator) -> None:
    """A small 3-way 1-shot episode: labeled support letters, then queries in another order."""
    box(axes, x, y, 2.0, 0.9, face=PANEL, edge="none")
    axes.plot([x + 0.99] * 2, [y + 0.14, y + 0.76], color=FAINT, linewidth=1)
    for label, asked in enumerate(rng.permutation(3)):
        left, right = x + 0.2 + 0.29 * label, x + 1.22 + 0.29 * label
        write(axes, left, y + 0.3, letters[label], fontsize=14)
        chip(axes, left, y + 0.67, str(label), CLASSES[label], 0.2)
        write(axes, right, y + 0.3, letters[asked], fontsize=14, rotation=rng.choice([-14, 12]))
        chip(axes, right, y + 0.67, "?", SOFT, 0.2)
