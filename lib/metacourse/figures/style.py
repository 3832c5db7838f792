"""One look for every picture of the course, and `Picture`: a PNG that carries its description with it."""
import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from numbers import Real
from pathlib import Path
from textwrap import fill

import matplotlib
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image
from torch import Tensor

INK, SOFT, FAINT, PANEL, PAPER = "#222222", "#6b6b6b", "#d9d9d9", "#f5f5f5", "#ffffff"
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"          # Okabe and Ito (2008)
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
CLASSES = (BLUE, ORANGE, GREEN, PURPLE, VERMILLION, SKY, "#8C6D00", "#555555")  # labels 0, 1, 2, …

METHODS = {                                                  # one color per method through the whole course
    "pixels": "#999999", "scratch": "#555555", "oracle": BLACK,                          # references: grays
    "protonet": BLUE, "matching": SKY, "siamese": "#004B75", "relation": "#5100F2",      # metric: blues
    "maml": VERMILLION, "fomaml": ORANGE, "reptile": "#BF30A7", "anil": "#8A3D00",       # optimization: warm
    "metasgd": "#F2A679", "mamlplusplus": "#A8324A",
    "incontext": PURPLE,                                                                 # model-based: purple
    "finetune": GREEN, "pretrained": "#66BFA3", "dann": "#00664A",                       # transfer: greens
    "adabn": "#B9C94D", "coral": "#8ED1B2", "mmd": "#2F9E44",
    "distillation": "#8FBC5A", "simclr": "#5F9E00", "moco": "#2E5E00",
    "simpleshot": "#58734B", "cosinehead": "#2D4029", "logistic": "#9EBF7C",             # on frozen features
}
ALIASES = {
    "prototyp": "protonet", "firstorder": "fomaml", "maml++": "mamlplusplus", "finetun": "finetune",
    "transformer": "incontext", "bayes": "oracle", "truth": "oracle",
    "baseline++": "cosinehead", "metalearned": "protonet",
}
STYLE = {
    "font.family": "DejaVu Sans", "font.size": 12, "mathtext.fontset": "dejavusans",
    "axes.titlesize": 12, "axes.titleweight": "normal", "axes.titlelocation": "left", "axes.titlepad": 10,
    "axes.labelsize": 12, "axes.labelcolor": INK, "axes.edgecolor": SOFT, "axes.linewidth": 0.8,
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "xtick.labelsize": 11, "ytick.labelsize": 11, "xtick.color": SOFT, "ytick.color": SOFT,
    "xtick.labelcolor": INK, "ytick.labelcolor": INK, "grid.color": "#e8e8e8", "grid.linewidth": 0.8,
    "text.color": INK, "lines.linewidth": 2.2, "lines.solid_capstyle": "round", "legend.frameon": False,
    "figure.facecolor": PAPER, "axes.facecolor": PAPER, "savefig.facecolor": PAPER,
}
DPI = 160                                                    # pixels per inch in the file
SHOWN = 88                                                   # and on the page: sharp on dense screens
COLORS = 64                                                  # plenty here, and far fewer bytes


@dataclass(frozen=True)
class Picture:
    """A PNG with its title and a description for those who cannot see it. Displays itself in a notebook."""

    title: str
    alt: str
    png: bytes = field(repr=False)

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        data = {"image/png": b64encode(self.png).decode(), "text/plain": repr(self)}
        return data, {"image/png": {"alt": self.alt, "width": self.width}}

    @property
    def width(self) -> int:
        """Width on the page, in CSS pixels."""
        return round(Image.open(io.BytesIO(self.png)).width * SHOWN / DPI)

    def save(self, path: str | Path) -> Path:
        """Write the PNG to `path`."""
        Path(path).write_bytes(self.png)
        return Path(path)


def use():
    """Context in which matplotlib draws in the style of the course."""
    return matplotlib.rc_context(STYLE)


def show(figure: Figure, *, title: str, alt: str) -> Picture:
    """Freeze a figure into a Picture described by its title and `alt`.

    Figures of this package belong to no window and no global list, so there is nothing to close afterwards.
    """
    full, small = io.BytesIO(), io.BytesIO()
    with use():
        figure.savefig(full, format="png", dpi=DPI)
    few_colors = Image.open(full).convert("RGB").quantize(COLORS, Image.Quantize.MAXCOVERAGE, kmeans=1,
                                                          dither=Image.Dither.NONE)   # keeps rare, pale hues
    few_colors.save(small, "png", optimize=True)
    return Picture(title, " ".join(f"{title} {alt}".split()), small.getvalue())


def canvas(width: Real, height: Real, title: str, rows: int = 1, columns: int = 1,
           **settings) -> tuple[Figure, Axes | np.ndarray]:
    """A figure of `width` × `height` inches with a title and its axes; call inside `use()`.

    `settings` go to matplotlib's `subplots`.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)
    lines = fill(title, width=int(7.5 * width))             # 7.5 bold letters an inch
    figure.suptitle(lines, x=0.1 / width, ha="left", fontsize=15, fontweight="bold")
    return figure, figure.subplots(rows, columns, **settings)


def color(label: str, default: str = SOFT) -> str:
    """The color of the method that `label` names: "MAML, 5 steps", "prototypical network", "in-context"."""
    letters = "".join(character for character in label.lower() if character.isalnum() or character == "+")
    for part, method in ALIASES.items():
        if part in letters:
            return METHODS[method]
    for method in sorted(METHODS, key=len, reverse=True):
        if method in letters:
            return METHODS[method]
    return default


def colors(labels: Sequence[str]) -> list[str]:
    """One color per label: the method's own where the label names one, else the next of the palette."""
    named = [color(label, "") for label in labels]
    others = cycle([hue for hue in CLASSES if hue not in named] or CLASSES)
    return [hue or next(others) for hue in named]


def array(values) -> np.ndarray:
    """Tensor, list or array as a float array."""
    return (values.detach().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values)).astype(float)


def whole(axes: Axes) -> None:
    """Ticks of the x axis at whole numbers only, where it counts something."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))


def apart(heights: Sequence[Real], gap: Real) -> Float[np.ndarray, " label"]:
    """Heights, moved a little so that neighbors stand `gap` apart (for names beside lines)."""
    order = np.argsort(heights)
    moved = np.asarray(heights, float)[order]
    for _ in range(200):                                     # push neighbors apart until no pair is too close
        short = np.clip(gap - np.diff(moved), 0, None) / 2
        moved[1:] += short
        moved[:-1] -= short
    return moved[np.argsort(order)]
