"""What a temperature does to a teacher's answer: softer bars, more entropy, and a gradient that T² keeps."""
import math
from collections.abc import Sequence
from numbers import Real
from typing import NamedTuple

import torch
from jaxtyping import Float, Shaped
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator
from torch import Tensor

from metacourse.figures.grids import paper
from metacourse.figures.style import FAINT, INK, METHODS, SKY, SOFT, Picture, apart, canvas, show, use
from metacourse.methods import distillation

TEMPERATURES = (0.5, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0)
MOST, LIKELIEST = 12, 10                                     # of more classes, the likeliest are shown
SQUARED, PLAIN = METHODS["distillation"], "#8C8C8C"          # colors: with T², without
BAR = SKY


class Softened(NamedTuple):
    """A teacher's answers to some pictures at some temperatures, and how hard they pull at a student.

    The student is one that still gives all classes the same score. Sizes are norms of gradients with respect
    to its logits, of the soft part of the loss; `label` is that of the cross-entropy to a label.
    """

    p: Float[Tensor, "temperature picture way"]
    entropy: Float[Tensor, "temperature picture"]            # in bits
    squared: Float[Tensor, "temperature picture"]            # with the factor T²
    plain: Float[Tensor, "temperature picture"]              # without
    label: float


def softened(logits: Float[Tensor, "picture way"], temperatures: Sequence[Real] = TEMPERATURES) -> Softened:
    """The answers softened by every temperature, their entropies, and the sizes of the gradients."""
    logits = logits.detach().cpu().double()
    T = torch.tensor(temperatures, dtype=torch.float64)
    p = torch.stack([distillation.soften(logits, temperature=t) for t in T.tolist()])
    squared = torch.stack([_gradient(logits, t).norm(dim=-1) for t in T.tolist()])
    bits = torch.special.entr(p).sum(dim=-1) / torch.tensor(2.0).log()
    return Softened(p, bits, squared, squared / T[:, None]**2, (1 - 1 / logits.shape[1]) ** 0.5)


def shown(logits: Float[Tensor, " way"]) -> list[int]:
    """All classes, or of many the likeliest first: a temperature never changes who is likelier."""
    if len(logits) <= MOST:
        return list(range(len(logits)))
    return logits.argsort(descending=True)[:LIKELIEST].tolist()


def shares(p: Float[Tensor, "temperature way"], classes: Sequence[int]) -> list[list[float]]:
    """The probabilities of the shown classes, and the sum over all others where there are some."""
    others = [k for k in range(p.shape[1]) if k not in set(classes)]
    parts = [p[:, classes], *([p[:, others].sum(dim=1, keepdim=True)] if others else [])]
    return torch.cat(parts, dim=1).tolist()


def temperature(logits: Float[Tensor, " way"], image: Shaped[Tensor, "C H W"] | None = None, *, title: str,
                temperatures: Sequence[Real] = (1, 4, 20), y: int | None = None,
                names: Sequence[str] | None = None) -> Picture:
    """One picture's answer softened by some temperatures, and the size of the soft gradient at all of them.

    `y` is the picture's label, whose name is set in bold.
    """
    answer, classes = softened(logits[None], temperatures), shown(logits)
    label = (lambda k: str(names[k])) if names else str
    rows = [label(k) for k in classes]
    if len(logits) > len(rows):
        rows.append(f"{len(logits) - len(rows)} others")
    with use():
        figure, axes = canvas(11.5, 3 + 0.14 * len(rows), title, 1, len(temperatures) + 2,
                              width_ratios=[0.85, *[1] * len(temperatures), 1.9])
        _picture(axes[0], image, "" if y is None else f"label: {label(y)}")
        for i, (T, p) in enumerate(zip(temperatures, shares(answer.p[:, 0], classes))):
            _bars(axes[i + 1], p, f"T = {T:g}\nentropy {answer.entropy[i, 0]:.2f} bits")
            axes[i + 1].set_yticks(range(len(rows)), rows if i == 0 else [""] * len(rows))
        for k, tick in zip(classes, axes[1].get_yticklabels()):
            tick.set_fontweight("bold" if k == y else "normal")
        _sizes(axes[-1], softened(logits[None]), temperatures)
        best = logits.argmax().item()
        said = "; ".join(
            f"T = {T:g}: {answer.p[i, 0, best]:.2f} for {label(best)}, entropy {answer.entropy[i, 0]:.2f} "
            f"bits, gradient {answer.squared[i, 0]:.2g} with T² and {answer.plain[i, 0]:.2g} without"
            for i, T in enumerate(temperatures))
        return show(figure, title=title, alt=f"""
            The teacher's probabilities for one picture, and the size of the soft gradient for a student that
            finds all classes equally likely (the label's: {answer.label:.2f}). {said}.""")


def _gradient(logits: Tensor, T: float) -> Float[Tensor, "picture way"]:
    """∂/∂z of T² · KL(teacher ‖ student) at z = 0, for every picture alone."""
    with torch.enable_grad():
        z = torch.zeros_like(logits, requires_grad=True)
        total = len(logits) * distillation.response(z, logits, temperature=T)    # it is a mean over pictures
        return torch.autograd.grad(total, z)[0]


def _picture(axes: Axes, image: Tensor | None, said: str) -> None:
    axes.set_axis_off()
    if image is not None:
        axes.imshow(paper(image), cmap="gray", vmin=0, vmax=1, interpolation="bicubic")
    axes.set_title(said, color=INK)


def _bars(axes: Axes, p: Sequence[float], said: str) -> None:
    axes.barh(range(len(p)), p, color=BAR, height=0.72)
    for row, share in enumerate(p):
        text = "<.01" if share < 0.005 else f"{share:.2f}"
        axes.text(share + 0.04, row, text, va="center", fontsize=10, color=SOFT)
    axes.set(xlim=(0, 1.38), ylim=(len(p) - 0.4, -0.6), xticks=[])
    axes.set_title(said, color=INK)
    axes.tick_params(axis="y", length=0)
    axes.spines["bottom"].set_visible(False)


def _sizes(axes: Axes, answer: Softened, marked: Sequence[Real]) -> None:
    axes.axhline(answer.label, color=INK, linestyle=(0, (2, 2)), linewidth=1.4)
    for sizes, hue in ((answer.squared, SQUARED), (answer.plain, PLAIN)):
        axes.plot(TEMPERATURES, sizes[:, 0], color=hue)
    for T in marked:
        axes.axvline(T, color=FAINT, linewidth=1, zorder=0)
    axes.set(xscale="log", yscale="log", xlabel="temperature T", xlim=(TEMPERATURES[0], TEMPERATURES[-1]))
    axes.set_xticks(list(marked), [f"{T:g}" for T in marked])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_title("size of the soft gradient\nat an untrained student", color=INK)
    ends = {"times T²": answer.squared[-1, 0], "without T²": answer.plain[-1, 0], "label": answer.label}
    low, high = axes.get_ylim()
    heights = apart([math.log10(end) for end in ends.values()], math.log10(high / low) / 13)
    for name, height in zip(ends, heights):
        axes.text(TEMPERATURES[-1] * 1.1, 10**height, name, va="center")
