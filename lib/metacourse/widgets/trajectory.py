"""Inner loops on a plane: drag θ, choose α, take more steps, and see where every task ends."""
import math
from collections.abc import Mapping

import torch
from traitlets import Dict, Float, Int, List, TraitError, Unicode, validate

from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.figures.style import METHODS, Picture, color
from metacourse.figures.trajectories import TASKS, Plane, landscape, rings, surface
from metacourse.methods import trajectories
from metacourse.widgets.base import Explorer, script

RATES = [0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0]
ALL = "all tasks"
FAR = 1e4                                                    # where a path that explodes is drawn to
ARROWS = {"exact": METHODS["maml"], "first-order": METHODS["fomaml"], "Reptile": METHODS["reptile"],
          "finite differences": "#8c8c8c"}


class TrajectoryExplorer(Explorer):
    """The inner loops of `episodes` from a start on a `plane` of two parameters, {name: (low, high)}.

    `starts` are named points that a button leads to; it begins at the first, or at `begin`. Crosses mark the
    tasks' `optima`, each parameter [tasks]. `arrows=True` adds the way that four gradients would move θ.
    All steps are computed with every answer: `inner_steps` only chooses which are drawn.
    """

    controls = ("start", "inner_lr", "landscape", "inner_steps")
    start = List().tag(sync=True)                            # θ: [horizontal, vertical]
    inner_lr = Float(0.1).tag(sync=True)
    landscape = Unicode(ALL).tag(sync=True)                  # whose support loss is shown
    inner_steps = Int(3).tag(sync=True)
    limits = Dict().tag(sync=True)
    about = Dict().tag(sync=True)                            # what never changes: names, colors, named starts
    ground = List().tag(sync=True)                           # an SVG path for each ring of the landscape
    walks = Dict().tag(sync=True)                            # of all steps: paths, losses, arrows
    words = List().tag(sync=True)                            # the state in words after 0, 1, … steps
    _esm = script("base.js", "trajectory_plane.js", "trajectory.js")
    _css = script("base.css", "trajectory.css")

    def __init__(self, loss: Loss, episodes: Episode, starts: Mapping[str, Params], *, plane: Plane,
                 optima: Params | None = None, arrows: bool = False, begin: str | None = None,
                 most_steps: int = 10, **controls):
        self._loss, self._plane, self._optima, self._arrows = loss, dict(plane), optima, arrows
        self._episodes = Episode(*(Examples(*(part if part is None else part.double() for part in half))
                                   for half in episodes))
        self._n = len(episodes.support.x)
        self._starts = {label: self._at(start) for label, start in starts.items()}
        self._walked = self._painted = None                  # the controls of what was last computed
        controls.setdefault("start", self._starts[begin or next(iter(self._starts))])
        super().__init__(about=self._about(most_steps), limits={
            "inner_steps": [0, most_steps], "inner_lr": [RATES[0], RATES[-1]]}, **controls)

    def answer(self) -> None:
        """Walk from the start, and say what came out for every number of steps."""
        if self._walked != (self.start, self.inner_lr):
            self.walks, self._walked = self._walk(), (list(self.start), self.inner_lr)
        if self._painted != self.landscape:
            z = surface(self._loss, self._episodes, self._plane, self._task())
            self.ground = ["".join(map(drawn, level)) for level in rings(z, self._plane)]
            self._painted = self.landscape
        self.words = [self._in_words(j) for j in range(self.limits["inner_steps"][1] + 1)]
        self.status = self.words[self.inner_steps]

    def still(self) -> Picture:
        """The present state as a picture."""
        start = dict(zip(self._plane, torch.tensor(self.start, dtype=torch.float64)))
        lead = "does 1 step" if self.inner_steps == 1 else f"do {self.inner_steps} steps"
        return landscape(self._loss, self._episodes, {self._name_of_the_start() or "your start": start},
                         plane=self._plane, optima=self._optima, of=self._task(), inner_lr=self.inner_lr,
                         inner_steps=self.inner_steps, title=f"Where {lead} lead?", arrows=self._shown())

    def _walk(self) -> dict:
        here = dict(zip(self._plane, torch.tensor([self.start, *self._starts.values()]).double().T))
        inner = dict(inner_lr=self.inner_lr, inner_steps=self.limits["inner_steps"][1])
        went = trajectories.walks(self._loss, here, self._episodes, **inner)
        paths = torch.stack([went.phi[name][0] for name in self._plane], dim=-1)
        loss = went.query_loss
        answer = {"paths": plain(paths.nan_to_num(FAR, FAR, -FAR).clamp(-FAR, FAR)), "losses": plain(loss[0]),
                  "mean": plain(loss[0].mean(0)), "named": plain(loss[1:].mean(1))}
        if self._arrows:
            found = trajectories.gradients(self._loss, {name: p[0] for name, p in here.items()},
                                           self._episodes, **inner)
            answer |= self._directions(found)
        return answer

    def _directions(self, found: dict[str, Params]) -> dict:
        """Downhill unit vectors [tasks and their mean, steps, 2], their lengths, and angles to the exact."""
        downhill = {kind: {name: -torch.cat([g, g.mean(0)[None]]) for name, g in gradient.items()}
                    for kind, gradient in found.items()}
        answer = {"arrows": {}, "lengths": {}, "angles": {}}
        for kind, gradient in downhill.items():
            vector = torch.stack(list(gradient.values()), dim=-1)
            length = vector.norm(dim=-1)
            unit = torch.where(length[..., None] > 1e-9, vector / length[..., None], torch.nan)
            degrees = torch.where(length > 1e-9, trajectories.angle(gradient, downhill["exact"]), torch.nan)
            for name, values in zip(answer, (unit, length, degrees)):
                answer[name][kind] = plain(values)
        return answer

    def _shown(self) -> dict[str, tuple[str, list[float]]]:
        """The mean over tasks of each kind of arrow that has a direction."""
        units = {kind: unit[-1][self.inner_steps] for kind, unit in self.walks.get("arrows", {}).items()}
        return {kind: (hue, units[kind]) for kind, hue in ARROWS.items()
                if None not in units.get(kind, [None])}

    def _in_words(self, j: int) -> str:
        mean, steps = self.walks["mean"], "1 step" if j == 1 else f"{j} steps"
        name = self._name_of_the_start()
        said = f"From the {name} start, " if name else "From your start, "
        if j == 0:
            said += f"before adapting: mean query loss {written(mean[0])}."
        else:
            said += (f"after {steps} with α = {self.inner_lr:g}: mean query loss {written(mean[0])} → "
                     f"{written(mean[j])}.")
        if mean[j] is None or mean[j] > mean[0]:
            said += " That is worse than before: the steps are too large."
        away = sum(self._is_outside(path[j]) for path in self.walks["paths"])
        if away:
            said += f" {away} of {self._n} paths have left the plane."
        return said

    def _is_outside(self, point: list[float]) -> bool:
        return any(not low <= value <= high for value, (low, high) in zip(point, self._plane.values()))

    def _name_of_the_start(self) -> str:
        near = (label for label, start in self._starts.items() if math.dist(start, self.start) < 0.01)
        return next(near, "")

    def _about(self, most_steps: int) -> dict:
        hues = [color(label, hue) for label, hue in zip(self._starts, ("#8c8c8c", "#0072B2", "#009E73") * 9)]
        optima = None
        if self._optima is not None:
            optima = plain(torch.stack([self._optima[name] for name in self._plane], dim=-1))
        return {"plane": [[name, *map(float, ends)] for name, ends in self._plane.items()], "optima": optima,
                "starts": [[label, *start] for label, start in self._starts.items()], "rates": RATES,
                "colors": [TASKS[i % len(TASKS)] for i in range(self._n)], "hues": hues,
                "landscapes": [ALL, *(f"task {i + 1}" for i in range(self._n))], "arrows": ARROWS}

    def _at(self, theta: Params) -> list[float]:
        return [round(theta[name].item(), 2) for name in self._plane]

    def _task(self) -> int | None:
        return None if self.landscape == ALL else int(self.landscape.split()[1]) - 1

    @validate("inner_steps", "inner_lr")
    def _limited(self, proposal):
        return self.within_limits(proposal)

    @validate("start")
    def _on_the_plane(self, proposal):
        if len(proposal["value"]) != 2 or self._is_outside(proposal["value"]):
            ends = (f"{name} from {low:.2f} to {high:.2f}" for name, (low, high) in self._plane.items())
            raise TraitError(f"start={proposal['value']}: wanted {' and '.join(ends)}")
        return [float(value) for value in proposal["value"]]

    @validate("landscape")
    def _known_landscape(self, proposal):
        if proposal["value"] not in self.about["landscapes"]:
            raise TraitError(f"landscape={proposal['value']!r}: choose {ALL!r} or 'task 1', …")
        return proposal["value"]


def plain(values: torch.Tensor) -> list:
    """Nested lists that JSON can hold: None stands for what is not finite."""
    def number(value):
        if isinstance(value, list):
            return [number(part) for part in value]
        return round(value, 4) if math.isfinite(value) else None
    return number(values.tolist())


def drawn(polygon) -> str:
    """A closed SVG path."""
    return "M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in polygon) + "Z"


def written(loss: float | None) -> str:
    """Two digits, while they mean anything."""
    return "over 1000" if loss is None or loss > 1000 else f"{loss:.2f}"
