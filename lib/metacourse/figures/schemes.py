"""Schemes: what the three families change per task, the two loops, and how episodes are drawn from classes."""
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse

from metacourse.figures.board import EDGE, TOP, arrow, board, box, chip, dot
from metacourse.figures.style import BLUE, CLASSES, FAINT, INK, METHODS, PAPER, SOFT, VERMILLION, Picture, show, use

METRIC, OPTIMIZATION, MODEL = METHODS["protonet"], METHODS["maml"], "#A84E82"     # a purple dark enough for text
PANEL = "#f5f5f5"


def three_families() -> Picture:
    """What each family changes from task to task (in color) and what it keeps (grey)."""
    title = "What changes from task to task?"
    families = [
        ("metric-based", METRIC, metric_sketch, "the prototypes", r"the embedding $f_\theta$", "nearest prototype"),
        ("optimization-based", OPTIMIZATION, optimization_sketch, r"the parameters $\phi_i$",
         r"the start $\theta$", r"network with $\phi_i$"),
        ("model-based", MODEL, model_sketch, "the activations", r"the network $f_\theta$", "read and answer"),
    ]
    width, gap = 2.75, 0.2
    with use():
        figure, axes = board(3 * width + 2 * gap + EDGE, 4.3, title)
        for i, (name, color, sketch, changes, stays, answer) in enumerate(families):
            x = EDGE + i * (width + gap)
            axes.text(x, TOP + 0.12, name, color=color, fontweight="bold", fontsize=13, va="center")
            box(axes, x, TOP + 0.32, width, 1.95, face=PANEL, edge="none")
            sketch(axes, x, TOP + 0.32, color)
            for line, (label, text, hue) in enumerate([("changes", changes, color), ("stays", stays, SOFT),
                                                       ("answers by", answer, INK)]):
                y = TOP + 2.58 + 0.36 * line
                axes.text(x, y, label, color=SOFT, fontsize=11, va="baseline")
                axes.text(x + 0.92, y, text, color=hue, va="baseline", fontweight="bold" if line == 0 else "normal")
        return show(figure, title=title, alt=f"""{title} Three sketches. Metric-based: the embedding stays, the prototypes
            change, a query gets the class of the nearest prototype. Optimization-based: the start θ stays, each task has
            parameters φ a few gradient steps away. Model-based: the network stays, its activations change as it
            reads the support set and then the query.""")


def metric_sketch(axes: Axes, x: float, y: float, color: str) -> None:
    """Support points around their prototypes; the query belongs to the nearest one."""
    rng = np.random.default_rng(3)
    query, centers = (x + 1.42, y + 0.86), [(x + 0.6, y + 0.5), (x + 2.15, y + 0.62), (x + 1.1, y + 1.55)]
    for center in centers:
        nearest = center == centers[1]
        axes.plot(*zip(query, center), color=color if nearest else FAINT, linewidth=2.4 if nearest else 1.4)
        for angle in np.linspace(0, 2 * np.pi, 5, endpoint=False) + rng.uniform(0, 6):
            dot(axes, center[0] + 0.27 * np.cos(angle), center[1] + 0.27 * np.sin(angle), "#b5b5b5", 0.055)
        dot(axes, *center, color, 0.105)
    for k, (dx, dy) in enumerate([(-0.3, -0.33), (0.08, -0.37), (0.5, 0.05)]):
        axes.text(centers[k][0] + dx, centers[k][1] + dy, f"$c_{k}$", color=color, ha="center", va="center", fontsize=13)
    dot(axes, *query, INK, 0.13)
    axes.text(*query, "?", color=PAPER, ha="center", va="center", fontweight="bold", fontsize=11, zorder=4)


def optimization_sketch(axes: Axes, x: float, y: float, color: str) -> None:
    """A few steps lead from θ to each task's own parameters."""
    start, goals = (x + 1.25, y + 1.12), [(x + 0.52, y + 0.52), (x + 2.2, y + 0.5), (x + 2.05, y + 1.5)]
    for goal in goals:
        for size in (0.92, 0.62, 0.32):
            axes.add_patch(Ellipse(goal, size, 0.85 * size, fill=False, edgecolor="#cfcfcf", linewidth=1))
    for i, goal in enumerate(goals):
        points = [np.array(start) + share * (np.array(goal) - start) for share in (0.14, 0.48, 0.78, 1.0)]
        for one, two in zip(points, points[1:]):
            arrow(axes, tuple(one), tuple(two), color, line=1.8)
        side = np.sign(goal[0] - start[0])
        axes.text(goal[0] + 0.18 * side, goal[1] - 0.05, rf"$\phi_{i + 1}$", color=color, ha="center", va="center", fontsize=14)
    dot(axes, *start, SOFT, 0.11)
    axes.text(start[0] - 0.2, start[1] + 0.22, r"$\theta$", color=SOFT, ha="center", va="center", fontsize=15)


def model_sketch(axes: Axes, x: float, y: float, color: str) -> None:
    """One fixed network reads labelled examples, then the query, and answers."""
    box(axes, x + 0.2, y + 0.55, 2.35, 0.62, face="#dcdcdc", edge="none")
    rng = np.random.default_rng(0)
    for i, (letter, label) in enumerate([("ե", "0"), ("ж", "1"), ("ת", "2"), ("ж", "?")]):
        column = x + 0.52 + 0.57 * i
        for row, strength in enumerate(rng.uniform(0.35, 1, 3)):
            axes.plot(column + 0.15 * (row - 1), y + 0.86, "o", color=color, alpha=strength, markersize=8)
        arrow(axes, (column, y + 1.44), (column, y + 1.2), SOFT, line=1.2)
        axes.text(column - 0.13, y + 1.66, letter, ha="center", va="center", fontsize=15, rotation=-8 if i == 3 else 0)
        chip(axes, column + 0.13, y + 1.66, label, INK if label == "?" else SOFT, 0.22)
    arrow(axes, (x + 2.23, y + 0.53), (x + 2.23, y + 0.34), color)
    chip(axes, x + 2.23, y + 0.2, "1", color, 0.24)


def bilevel() -> Picture:
    """The inner loop adapts to one task; the outer loop improves the start for all of them."""
    title = "Two loops: who learns what?"
    with use():
        figure, axes = board(8.15, 4.45, title)
        box(axes, 1.15, TOP + 0.12, 5.85, 2.85, face="#eef5fa", edge="none")
        axes.text(1.33, TOP + 0.36, "inner loop: one task at a time", color=VERMILLION, fontweight="bold", va="center")
        dot(axes, 0.45, TOP + 1.7, BLUE, 0.27)
        axes.text(0.45, TOP + 1.71, r"$\theta$", color=PAPER, ha="center", va="center", fontsize=17, zorder=4)
        for i in range(3):
            y = TOP + 0.9 + 0.8 * i
            arrow(axes, (0.75 if i == 1 else 0.68, TOP + 1.5 + 0.2 * i), (1.36, y), SOFT)
            box(axes, 1.42, y - 0.28, 3.0, 0.56, edge=VERMILLION)
            axes.text(2.92, y, rf"$\phi_{i+1} \leftarrow \phi_{i+1} - \alpha\,\nabla\mathcal{{L}}(\phi_{i+1};\mathcal{{S}}_{i+1})$",
                      ha="center", va="center")
            arrow(axes, (4.46, y), (4.9, y), VERMILLION)
            box(axes, 4.95, y - 0.28, 1.55, 0.56, edge=SOFT)
            axes.text(5.72, y, rf"$\mathcal{{L}}(\phi_{i+1};\mathcal{{Q}}_{i+1})$", ha="center", va="center")
            arrow(axes, (6.54, y), (7.45 if i == 1 else 7.52, TOP + 1.5 + 0.2 * i), SOFT)
        dot(axes, 7.75, TOP + 1.7, INK, 0.27)
        axes.text(7.75, TOP + 1.71, r"$\Sigma$", color=PAPER, ha="center", va="center", fontsize=15, zorder=4)
        y = TOP + 3.35
        axes.plot([7.75, 7.75, 0.45], [TOP + 2.0, y, y], color=BLUE, linewidth=2.2)
        arrow(axes, (0.45, y), (0.45, TOP + 2.02), BLUE, line=2.2)
        axes.text(1.33, y + 0.22, "outer loop:", color=BLUE, fontweight="bold", va="center")
        axes.text(2.52, y + 0.22, r"$\theta \leftarrow \theta - \beta\,\nabla_{\theta} \Sigma_i\,\mathcal{L}(\phi_i;\mathcal{Q}_i)$",
                  color=BLUE, va="center", fontsize=13)
        return show(figure, title=title, alt=f"""{title} From θ, arrows lead to three tasks. In each, the inner loop updates φ by
            gradient steps on the support loss and gives φ to the query loss. The three query losses are summed, and the
            outer loop carries the sum's gradient back to θ.""")


def episode_schema() -> Picture:
    """Disjoint sets of classes; episodes drawn from each; support and query inside each episode."""
    title = "Where does an episode come from?"
    splits = [("meta-train classes", "α β γ δ ε ζ η θ λ μ ξ π", METRIC, r"learn $\theta$"),
              ("meta-validation classes", "ա բ գ դ ե զ", "#7a5c00", "choose settings"),
              ("meta-test classes", "א ב ג ד ה ש", "#A63D00", "report once")]
    rng = np.random.default_rng(2)
    with use():
        figure, axes = board(9.3, 4.85, title)
        for row, (name, letters, color, purpose) in enumerate(splits):
            y, letters = TOP + 0.3 + 1.42 * row, letters.split()
            axes.text(EDGE, y - 0.1, name, color=color, fontweight="bold", va="center")
            axes.text(EDGE + 7.5, y + 0.53, purpose, va="center", color=color)
            box(axes, EDGE, y + 0.08, 2.35, 0.9, edge=color)
            for i, letter in enumerate(letters):
                axes.text(EDGE + 0.25 + 0.37 * (i % 6), y + 0.53 + (0.2 if len(letters) > 6 else 0) * (1 if i >= 6 else -1),
                          letter, ha="center", va="center", fontsize=14)
            arrow(axes, (EDGE + 2.45, y + 0.53), (EDGE + 2.9, y + 0.53), color)
            for card in range(2):
                chosen = [letters[i] for i in rng.permutation(len(letters))[:3]]
                episode_card(axes, EDGE + 3.0 + 2.15 * card, y + 0.08, chosen, rng)
            axes.text(EDGE + 7.22, y + 0.53, "…", va="center", color=SOFT)
        axes.text(EDGE + 3.07, TOP + 0.2, "support", color=INK, va="center", fontsize=11)
        axes.text(EDGE + 4.0, TOP + 0.2, "query", color=SOFT, va="center", fontsize=11)
        return show(figure, title=title, alt=f"""{title} Three disjoint sets of letters as classes: meta-train, meta-validation,
            meta-test. From each, episodes are drawn: three classes, one labelled support drawing of each, and other
            drawings of the same classes as queries. Training learns θ, validation chooses settings, test reports once.""")


def episode_card(axes: Axes, x: float, y: float, letters: list[str], rng: np.random.Generator) -> None:
    """A small 3-way 1-shot episode: labelled support letters, then queries in another order."""
    box(axes, x, y, 2.0, 0.9, face=PANEL, edge="none")
    for label, letter in enumerate(letters):
        column = x + 0.2 + 0.29 * label
        axes.text(column, y + 0.3, letter, ha="center", va="center", fontsize=14)
        chip(axes, column, y + 0.67, str(label), CLASSES[label], 0.2)
    axes.plot([x + 0.99] * 2, [y + 0.14, y + 0.76], color=FAINT, linewidth=1)
    for i, label in enumerate(rng.permutation(3)):
        column = x + 1.22 + 0.29 * i
        axes.text(column, y + 0.3, letters[label], ha="center", va="center", fontsize=14, rotation=rng.choice([-14, 12]))
        chip(axes, column, y + 0.67, "?", SOFT, 0.2)
