"""The embedding explorer: scrub through training, pick a drawing, and see its nearest in all dimensions."""
from collections.abc import Sequence

import torch
from traitlets import CBytes, Dict, Int, List, TraitError, validate

from metacourse.figures.embedding import HUES, NEAREST, accuracy, aligned, embedding, neighbors, own_neighbors
from metacourse.figures.style import Picture
from metacourse.widgets.base import Explorer, script


class EmbeddingExplorer(Explorer):
    """Saved `checkpoints`, a list of (step, z [class, drawing, dim]), of the same `images`.

    `images` is uint8 [class, drawing, C, H, W]. The first `way` classes are shown; the first `shot` drawings
    of each are its support. `picked` is [class, drawing]; without it, it begins with a drawing that
    training helped. Scrubbing through the checkpoints only draws: Python has sent all of them.
    """

    controls = ("checkpoint", "way", "shot", "picked")
    checkpoint = Int(0).tag(sync=True)
    way = Int(5).tag(sync=True)
    shot = Int(1).tag(sync=True)
    picked = List().tag(sync=True)
    limits = Dict().tag(sync=True)
    about = Dict().tag(sync=True)                            # what never changes: times, names, colors
    views = List().tag(sync=True)                            # of each checkpoint: places, nearest
    words = List().tag(sync=True)                            # each checkpoint in words
    captions = List().tag(sync=True)                         # and what its plane shows
    atlas = CBytes(b"").tag(sync=True)                       # uint8 [way, drawing, H, W, C]
    _esm = script("base.js", "number_chip.js", "embedding_plane.js", "embedding_explorer.js")
    _css = script("base.css", "trajectory.css", "embedding.css")

    def __init__(self, checkpoints: Sequence[tuple[int, torch.Tensor]], images: torch.Tensor,
                 names: Sequence[str] | None = None, **controls):
        _check(checkpoints, images, names)
        self._steps = [int(step) for step, _ in checkpoints]
        self._z = [z.detach().cpu().double() for _, z in checkpoints]
        self._images, self._drawn = images.cpu(), None
        classes, drawings, channels, height, width = images.shape
        controls.setdefault("way", min(5, classes))
        controls.setdefault("picked", self._helped(controls["way"], controls.get("shot", 1)))
        super().__init__(
            limits={"checkpoint": [0, len(checkpoints) - 1], "way": [2, min(classes, len(HUES))],
                    "shot": [1, min(5, drawings - 1)]},
            about={"times": [_time(step) for step in self._steps], "drawings": drawings, "colors": list(HUES),
                   "tile": [height, width, channels], "dim": self._z[0].shape[-1],
                   "names": list(names or (f"class {k}" for k in range(classes)))}, **controls)

    def answer(self) -> None:
        """Lay out every checkpoint, and say how many queries lie nearest to their own prototype."""
        if self._drawn != (self.way, self.shot):
            if not self._drawn or self._drawn[0] != self.way:
                self._lay_out()
            self._drawn = (self.way, self.shot)
            self.words = [self._in_words(i) for i in range(len(self._z))]
        self.status = self.words[self.checkpoint]

    def still(self) -> Picture:
        """The first checkpoint, the present one (or a middle one) and the last, side by side."""
        last = len(self._z) - 1
        middle = self.checkpoint if 0 < self.checkpoint < last else last // 2
        z = {_time(self._steps[i]): self._z[i][:self.way] for i in sorted({0, middle, last})}
        picked = self.picked if self.picked[0] < self.way else [0, self.picked[1]]
        return embedding(z, self._images[:self.way], shot=self.shot, picked=picked,
                         title="When do drawings of a class come together?")

    def _lay_out(self) -> None:
        shown = [z[:self.way] for z in self._z]
        laid = aligned(shown)
        self.views = [{"places": [[round(v, 3) for v in place] for place in xy.flatten(0, 1).tolist()],
                       "near": neighbors(z).tolist()} for z, (xy, _) in zip(shown, laid)]
        self.captions = [
            f"The plane shows {visible:.0%} of the variance: the two main directions of this checkpoint, "
            "turned to match the next one and scaled to fill. What is near here may be far in all "
            f"{self._z[0].shape[-1]} dimensions." for _, visible in laid]
        self.atlas = self._images[:self.way].movedim(-3, -1).contiguous().numpy().tobytes()

    def _in_words(self, i: int) -> str:
        said, right = _time(self._steps[i]), accuracy(self._z[i][:self.way], self.shot)
        support = "1 support drawing" if self.shot == 1 else f"{self.shot} support drawings"
        return (f"{said[0].upper()}{said[1:]}, with {support} of each of {self.way} classes: {right:.0%} of "
                f"the queries lie nearest to their own prototype (chance: {1 / self.way:.0%}).")

    def _helped(self, way: int, shot: int) -> list[int]:
        """The query whose neighbors training improved most."""
        first, last = (own_neighbors(z[:way], NEAREST)[:, shot:] for z in (self._z[0], self._z[-1]))
        k, query = divmod(int((last - first).flatten().argmax()), first.shape[1])
        return [k, shot + query]

    @validate("checkpoint", "way", "shot")
    def _limited(self, proposal):
        return self.within_limits(proposal)

    @validate("picked")
    def _known_drawing(self, proposal):
        picked, ends = proposal["value"], self._images.shape[:2]
        if len(picked) != 2 or not all(isinstance(i, int) and 0 <= i < end for i, end in zip(picked, ends)):
            raise TraitError(f"picked={picked}: choose [class, drawing] from [0, 0] to "
                             f"{[end - 1 for end in ends]}")
        return picked


def _check(checkpoints: Sequence, images: torch.Tensor, names: Sequence[str] | None) -> None:
    if images.ndim != 5 or images.dtype != torch.uint8 or images.shape[0] < 2 or images.shape[1] < 2:
        raise ValueError(f"images {list(images.shape)} of {images.dtype}: wanted uint8 "
                         "[class, drawing, C, H, W] with two classes and two drawings at least")
    if not len(checkpoints):
        raise ValueError("no checkpoints: wanted a list of (step, z [class, drawing, dim])")
    for step, z in checkpoints:
        if z.ndim != 3 or z.shape[:2] != images.shape[:2]:
            raise ValueError(f"step {step}: z {list(z.shape)}; wanted [{images.shape[0]}, {images.shape[1]}, "
                             "dim], a vector for every image")
        if not z.isfinite().all():
            raise ValueError(f"step {step}: z is not finite everywhere; did training diverge? Lower its rate")
    if names is not None and len(names) != len(images):
        raise ValueError(f"{len(names)} names for {len(images)} classes: wanted one for each")


def _time(step: int) -> str:
    return "before training" if step == 0 else "after 1 step" if step == 1 else f"after {step:,} steps"
