"""The gradient through a gradient: its graph, and the factor by which φ follows θ."""
from numbers import Real

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from metacourse.figures.board import TOP, arrow, board, box, dot, write
from metacourse.figures.style import BLUE, INK, METHODS, PAPER, SOFT, VERMILLION, Picture, canvas, show, use

Curve = Float[np.ndarray, " points"]


def follows(inner_lr: Real, inner_steps: int) -> tuple[Curve, Curve]:
    """Curvatures H from 0 to 2/α, and (1 − αH)^J: how far φ moves when θ moves by 1, where H is constant."""
    curvatures = np.linspace(0, 2 / inner_lr, 201)
    return curvatures, (1 - inner_lr * curvatures) ** inner_steps


def in_words(inner_lr: Real, inner_steps: int) -> str:
    """Where the exact and the first-order gradient of one parameter have opposite signs."""
    turn = f"H = {1 / inner_lr:g}"
    if inner_steps == 0:
        return "Without a step φ is θ, and both gradients are the same."
    if inner_steps % 2:
        return (f"J = {inner_steps}, odd: beyond {turn}, where αH > 1, φ moves against θ, and the first-"
                "order gradient has the wrong sign.")
    return (f"J = {inner_steps}, even: overshoots cancel in pairs, so the sign is right; but near {turn} φ "
            "hardly follows θ, and first order does not know.")


def curvature(*, inner_lr: Real, inner_steps: int) -> Picture:
    """How far φ moves when θ moves, against the curvature H; first order takes it for 1."""
    H, factor = follows(inner_lr, inner_steps)
    power = f"$^{{{inner_steps}}}$" if inner_steps != 1 else ""
    formula, title = f"(1 − {inner_lr:g} H){power}", "When does the first-order gradient point the wrong way?"
    with use():
        figure, axes = canvas(8, 3.8, title)
        axes.axhline(0, color=SOFT, linewidth=0.8)
        axes.fill_between(H, -1.2, 1.2, where=factor < 0, color=METHODS["fomaml"], alpha=0.2, linewidth=0,
                          label="opposite signs")
        axes.plot(H, np.ones_like(H), color=METHODS["fomaml"], label="first order: 1")
        axes.plot(H, factor, color=METHODS["maml"], label=f"exact: {formula}")
        axes.set(xlabel="curvature H of the support loss", ylabel="how far φ moves\nwhen θ moves by 1",
                 xlim=(0, H[-1]), ylim=(-1.2, 1.2), xticks=np.linspace(0, H[-1], 5))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        return show(figure, title=title, alt=f"""
            The factor (1 − αH) to the power {inner_steps} for α = {inner_lr:g}, against H from 0 to
            {H[-1]:g}; it ends at {factor[-1]:g}, and first order is flat at 1.
            {in_words(inner_lr, inner_steps)}""")


def graph() -> Picture:
    """Two inner steps as a graph: the straight path, and the paths through the gradients."""
    title = "Which paths does the gradient take back to θ?"
    xs, low, high = (0.75, 3.35, 5.95, 8.75), TOP + 2.55, TOP + 1.05
    names = [r"$\theta$", r"$\phi_1$", r"$\phi_2$"]
    with use():
        figure, axes = board(9.75, 4.75, title)
        for j, name in enumerate(("\\theta", "\\phi_1")):
            left, right, middle = xs[j], xs[j + 1], (xs[j] + xs[j + 1]) / 2
            box(axes, middle - 0.72, high - 0.3, 1.44, 0.6, edge=VERMILLION)
            write(axes, middle, high, rf"$\nabla\mathcal{{L}}({name};\,\mathcal{{S}})$")
            arrow(axes, (left + 0.2, low - 0.25), (middle - 0.62, high + 0.34), VERMILLION, line=2.2)
            arrow(axes, (middle + 0.62, high + 0.34), (right - 0.2, low - 0.25), VERMILLION, line=2.2)
            write(axes, middle, high + 0.62, rf"$-\,\alpha H_{j}$", VERMILLION, fontsize=14)
            arrow(axes, (left + 0.34, low), (right - 0.35, low), BLUE, line=2.6)
            write(axes, middle, low + 0.22, "$I$", BLUE, fontsize=14)
            arrow(axes, (middle, TOP + 0.42), (middle, high - 0.34), SOFT, line=1.2)
            write(axes, middle, TOP + 0.26, r"$\mathcal{S}$", SOFT, fontsize=14)
        for x, name in zip(xs, names):
            dot(axes, x, low, INK, 0.3)
            write(axes, x, low + 0.01, name, PAPER, fontsize=15)
        arrow(axes, (xs[2] + 0.34, low), (xs[3] - 0.86, low), BLUE, line=2.6)
        box(axes, xs[3] - 0.8, low - 0.3, 1.6, 0.6, edge=BLUE)
        write(axes, xs[3], low, r"$\mathcal{L}(\phi_2;\,\mathcal{Q})$")
        arrow(axes, (xs[3], high - 0.02), (xs[3], low - 0.34), SOFT, line=1.2)
        write(axes, xs[3], high - 0.2, r"$\mathcal{Q}$", SOFT, fontsize=14)
        _legend(axes, low + 0.75)
        return show(figure, title=title, alt="""
            θ leads to φ₁ and φ₁ to φ₂, straight (blue) and through the gradient of the support loss (red);
            φ₂ leads to the query loss. On the way back each straight arrow counts I and each path through a
            gradient −αH, so together they are (I − αH₀)(I − αH₁)∇ℒ(φ₂; 𝒬). First order cuts the red.""")


def _legend(axes: Axes, y: Real) -> None:
    """What the two colors mean, and what all paths come to together."""
    rows = [(BLUE, r"straight: $\phi_{j+1}$ starts at $\phi_j$", "first order keeps only these"),
            (VERMILLION, "through the gradient: a step depends on where it starts", "first order cuts these")]
    for i, (hue, words, fate) in enumerate(rows):
        height = y + 0.34 * i
        arrow(axes, (0.45, height), (1.0, height), hue, line=2.4)
        write(axes, 1.15, height, words, ha="left")
        write(axes, 9.55, height, fate, hue, ha="right")
    product = r"(I - \alpha H_0)\,(I - \alpha H_1)\;\nabla\mathcal{L}(\phi_2;\,\mathcal{Q})"
    write(axes, 1.15, y + 0.72, f"all paths together: ${product}$", ha="left")
