"""Temperature: choose a picture and T, see the teacher's softened answer and how it pulls at a student."""
import math
from collections.abc import Sequence

import torch
from traitlets import CBytes, Dict, Float, Int, List, TraitError, validate

from metacourse.figures import temperature as still_of
from metacourse.figures.style import Picture
from metacourse.figures.temperature import BAR, PLAIN, SQUARED, TEMPERATURES, shares, shown, softened
from metacourse.widgets.base import Explorer, script

MOST = 16                                                    # pictures


class Temperature(Explorer):
    """A teacher's `logits` [picture, way] of `images` [picture, C, H, W] (uint8), divided by a temperature T.

    `names` are those of the classes, `y` the labels of the pictures. All temperatures are computed once, with
    the library's `distillation`; moving T only draws.
    """

    controls = ("picture", "temperature")
    picture = Int(0).tag(sync=True)
    temperature = Float(1.0).tag(sync=True)
    about = Dict().tag(sync=True)                            # what never changes: temperatures, colors, label
    answers = List().tag(sync=True)                          # of each picture: p, entropy, gradients
    atlas = CBytes(b"").tag(sync=True)                       # uint8 [picture, H, W, C]
    _esm = script("base.js", "temperature_chart.js", "temperature.js")
    _css = script("base.css", "trajectory.css", "embedding.css", "temperature.css")

    def __init__(self, logits: torch.Tensor, images: torch.Tensor, names: Sequence[str] | None = None,
                 y: torch.Tensor | Sequence[int] | None = None, **controls):
        _check(logits, images, names, y)
        self._logits, self._images = logits.detach().cpu().double(), images.cpu()
        self._names, self._y = names, None if y is None else [int(label) for label in y]
        self._softened = softened(self._logits)
        pictures, channels, height, width = images.shape
        super().__init__(
            about={"temperatures": list(TEMPERATURES), "tile": [height, width, channels], "bar": BAR,
                   "colors": [SQUARED, PLAIN], "label": round(self._softened.label, 4),
                   "most": round(math.log2(logits.shape[1]), 4), "pictures": [
                       self._picture(i) for i in range(pictures)]},
            answers=[self._answer(i) for i in range(pictures)],
            atlas=self._images.movedim(1, -1).contiguous().numpy().tobytes(), **controls)

    def answer(self) -> None:
        """Say what the temperature leaves of the answer."""
        at = TEMPERATURES.index(self.temperature)
        self.status = self.answers[self.picture]["words"][at]

    def still(self) -> Picture:
        """The chosen picture at T = 1, at the present temperature (or at 4), and at 20."""
        T = self.temperature if self.temperature not in (1, 20) else 4.0
        return still_of(self._logits[self.picture], self._images[self.picture], names=self._names,
                        y=self._label(self.picture), temperatures=sorted({1.0, T, 20.0}),
                        title="What else does the teacher see in this picture?")

    def _answer(self, i: int) -> dict:
        classes, soft = shown(self._logits[i]), self._softened
        rest = self._logits.shape[1] - len(classes)
        return {"rows": [self._name(k) for k in classes] + [f"{rest} others"] * (rest > 0),
                "label": classes.index(self._label(i)) if self._label(i) in classes else None,
                "p": [_rounded(p) for p in shares(soft.p[:, i], classes)],
                "entropy": _rounded(soft.entropy[:, i]),
                "squared": _rounded(soft.squared[:, i], 7), "plain": _rounded(soft.plain[:, i], 7),
                "words": [self._in_words(i, t) for t in range(len(TEMPERATURES))]}

    def _in_words(self, i: int, t: int) -> str:
        p, bits = self._softened.p[t, i], self._softened.entropy[t, i].item()
        best = self._name(int(self._logits[i].argmax()))
        return (f"At T = {TEMPERATURES[t]:g} the likeliest is {best} with {p.max():.2f}, and "
                f"{1 - p.max():.2f} is left for the others. The entropy is {bits:.2f} bits: as unsure as an "
                f"even choice among {2 ** bits:.1f} classes.")

    def _picture(self, i: int) -> str:
        return f"picture {i + 1}" + ("" if self._y is None else f", labeled {self._name(self._label(i))}")

    def _name(self, k: int) -> str:
        return str(self._names[k]) if self._names else f"class {k}"

    def _label(self, i: int) -> int | None:
        return None if self._y is None else self._y[i]

    @validate("picture")
    def _known_picture(self, proposal):
        last = len(self._logits) - 1
        if not 0 <= proposal["value"] <= last:
            raise TraitError(f"picture={proposal['value']}: choose 0 to {last}")
        return proposal["value"]

    @validate("temperature")
    def _known_temperature(self, proposal):
        if proposal["value"] not in TEMPERATURES:
            raise TraitError(f"temperature={proposal['value']:g}: choose one of "
                             f"{', '.join(f'{T:g}' for T in TEMPERATURES)}")
        return proposal["value"]


def _rounded(values: torch.Tensor | Sequence[float], digits: int = 4) -> list[float]:
    return [round(float(value), digits) for value in values]


def _check(logits: torch.Tensor, images: torch.Tensor, names: Sequence[str] | None,
           y: torch.Tensor | Sequence[int] | None) -> None:
    if logits.ndim != 2 or logits.shape[1] < 2 or not logits.isfinite().all():
        raise ValueError(f"logits {list(logits.shape)}: wanted finite numbers [picture, way] of two "
                         "classes or more")
    if images.ndim != 4 or images.dtype != torch.uint8 or len(images) != len(logits) or not len(images):
        raise ValueError(f"images {list(images.shape)} of {images.dtype} for {len(logits)} rows of logits: "
                         "wanted uint8 [picture, C, H, W], one for each row")
    if len(images) > MOST:
        raise ValueError(f"{len(images)} pictures: wanted {MOST} or fewer, to choose among; pass "
                         f"logits[:{MOST}] and images[:{MOST}]")
    if names is not None and len(names) != logits.shape[1]:
        raise ValueError(f"{len(names)} names for {logits.shape[1]} classes: wanted one for each")
    if y is not None and (len(y) != len(logits) or not all(0 <= int(k) < logits.shape[1] for k in y)):
        raise ValueError(f"labels {list(map(int, y))} for {len(logits)} pictures: wanted one for each, from "
                         f"0 to {logits.shape[1] - 1}")
