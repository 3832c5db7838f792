"""The prototype board: drag support points and a query, and see where each class begins and how surely."""
import math
from collections.abc import Sequence
from numbers import Real

import torch
from traitlets import Dict, Float, Int, List, TraitError, Unicode, validate

from metacourse.figures.prototype_board import (
    DISTANCES,
    LEVELS,
    SHADES,
    probabilities,
    prototype_board,
    reach_of,
)
from metacourse.figures.style import CLASSES, Picture
from metacourse.methods.protonet import prototypes
from metacourse.widgets.base import Explorer, script

TEMPERATURES = [0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0]
POINTS = [[[-0.7, 0.9], [-2.3, 2.1], [-2.2, 0.8], [-1.3, 1.9], [-2.0, 0.8]],        # [class][shot]: (x, y)
          [[1.7, -1.8], [0.1, -0.5], [0.9, -0.1], [0.4, -1.5], [1.4, -0.1]],
          [[2.3, 2.6], [3.3, 1.5], [2.2, 0.7], [2.1, 1.8], [3.1, 1.4]]]
QUERY = [0.3, 0.5]                                           # the three distances disagree about it


class PrototypeBoard(Explorer):
    """Support `points` [way, shot, 2] of 2 to 5 classes on a plane, and a query: all to be dragged.

    The first `shots` points of each class count. `distance` is "squared", "euclidean" or "cosine";
    `temperature` divides it. Without `points` it starts where one query gets three different answers.
    The page computes what it draws; Python computes the same with `protonet.log_probs`.
    """

    controls = ("points", "query", "distance", "temperature", "shots")
    points = List().tag(sync=True)
    query = List().tag(sync=True)
    distance = Unicode("squared").tag(sync=True)
    temperature = Float(1.0).tag(sync=True)
    shots = Int(3).tag(sync=True)
    limits = Dict().tag(sync=True)
    about = Dict().tag(sync=True)                            # what never changes: reach, colors, levels
    probs = List().tag(sync=True)                            # of the query, a class each
    _esm = script("base.js", "tabs.js", "number_chip.js", "prototype_plane.js", "prototype_board.js")
    _css = script("base.css", "trajectory.css", "embedding.css")

    def __init__(self, points=None, *, query: Sequence[float] | None = None, **controls):
        points = _nested(POINTS if points is None else points)
        way, shot = len(points), len(points[0])
        if query is None:
            query = QUERY if points == POINTS else torch.tensor(points).mean(dim=(0, 1)).tolist()
        controls.setdefault("shots", min(3, shot))
        super().__init__(
            limits={"shots": [1, shot], "temperature": [TEMPERATURES[0], TEMPERATURES[-1]]},
            about={"reach": reach_of([*(point for own in points for point in own), query]), "way": way,
                   "colors": list(CLASSES[:way]), "temperatures": TEMPERATURES, "levels": LEVELS,
                   "shades": SHADES, "distances": list(DISTANCES)},
            points=points, query=list(query), **controls)

    def answer(self) -> None:
        """Classify the query, and say how sure each distance is."""
        self.probs = self._probs(self.distance)
        shots = "1 shot" if self.shots == 1 else f"{self.shots} shots"
        others = ("{} says class {} ({:.2f})".format(DISTANCES[name], *_winner(self._probs(name)))
                  for name in DISTANCES if name != self.distance)
        winner, probability = _winner(self.probs)
        self.status = (f"With {shots}, {DISTANCES[self.distance]} and τ = {self.temperature:g} the query is "
                       f"of class {winner} with probability {probability:.2f}. With the same τ, "
                       f"{' and '.join(others)}.")

    def still(self) -> Picture:
        """The present state as a picture."""
        return prototype_board(
            self._support(), distance=self.distance, temperature=self.temperature, query=self.query,
            reach=self.about["reach"],
            title=f"Whose is each place by {DISTANCES[self.distance]}, τ = {self.temperature:g}?")

    def _support(self) -> torch.Tensor:
        return torch.tensor(self.points, dtype=torch.float64)[:, :self.shots]

    def _probs(self, distance: str) -> list[float]:
        query = torch.tensor([self.query], dtype=torch.float64)
        return probabilities(prototypes(self._support()), query, distance, self.temperature)[0].tolist()

    @validate("temperature", "shots")
    def _limited(self, proposal):
        return self.within_limits(proposal)

    @validate("distance")
    def _known_distance(self, proposal):
        if proposal["value"] not in DISTANCES:
            raise TraitError(f"distance={proposal['value']!r}: choose {', '.join(DISTANCES)}")
        return proposal["value"]

    @validate("points")
    def _same_shape(self, proposal):
        points, (way, shot) = _nested(proposal["value"]), (self.about["way"], self.limits["shots"][1])
        if (len(points), len(points[0])) != (way, shot):
            raise TraitError(f"points [{len(points)}, {len(points[0])}, 2]: wanted [{way}, {shot}, 2], "
                             "as before")
        return [[self._on_the_plane("points", point) for point in own] for own in points]

    @validate("query")
    def _query_on_the_plane(self, proposal):
        return self._on_the_plane("query", proposal["value"])

    def _on_the_plane(self, name: str, point: Sequence[Real]) -> list[float]:
        reach = self.about["reach"]
        if len(point) != 2 or not all(-reach <= value <= reach for value in point):
            raise TraitError(f"{name} at {point}: choose two numbers from {-reach:g} to {reach:g}")
        return [float(value) for value in point]


def _nested(points) -> list[list[list[float]]]:
    """Points as nested lists [way][shot][2]; ValueError where they are not."""
    nested = points.tolist() if isinstance(points, torch.Tensor) else [list(map(list, own)) for own in points]
    shots = {len(own) for own in nested}
    pairs = all(len(point) == 2 and all(map(math.isfinite, point)) for own in nested for point in own)
    if not 2 <= len(nested) <= 5 or len(shots) != 1 or not 1 <= shots.pop() <= 5 or not pairs:
        sizes = sorted({len(own) for own in nested})
        raise ValueError(f"points of {len(nested)} classes with {sizes} shots: wanted finite [way, shot, 2] "
                         "with 2 to 5 classes and 1 to 5 shots, as many for each")
    return nested


def _winner(probs: list[float]) -> tuple[int, float]:
    return probs.index(max(probs)), max(probs)
