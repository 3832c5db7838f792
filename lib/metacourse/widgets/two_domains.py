"""Two domains: choose λ, scrub through training, and see the clouds of source and target meet, or not."""
from collections.abc import Mapping, Sequence
from numbers import Real

import torch
from traitlets import CBytes, Dict, Float, Int, List, TraitError, Unicode, validate

from metacourse.figures.style import Picture
from metacourse.figures.two_domains import HUES, SOURCE, TARGET, Moment, filled, two_domains
from metacourse.widgets.base import Explorer, script

FINE = 32_000                                                # places are sent as whole numbers, −FINE to FINE
COLORS = ("class", "domain")


class TwoDomains(Explorer):
    """Recorded `runs`, {λ: moments}: features of a source and a target on a plane while DANN trains.

    `y_source` and `y_target` are the labels of the points, and `names` stand for 0, 1, 2, … It begins with
    the smallest λ, at the end of training. Nothing is computed: Python has sent all moments, drawn to fill.
    """

    controls = ("reversal", "moment", "colors")
    reversal = Float(0.0).tag(sync=True)                     # λ
    moment = Int(0).tag(sync=True)
    colors = Unicode("class").tag(sync=True)
    about = Dict().tag(sync=True)                            # what never changes: λs, times, labels, colors
    places = CBytes(b"").tag(sync=True)                      # int16 [λ, moment, source and target, 2]
    scores = List().tag(sync=True)                           # [λ][moment]: source, target, domain accuracy
    words = List().tag(sync=True)                            # [λ][moment]
    _esm = script("base.js", "tabs.js", "number_chip.js", "two_domains_chart.js", "two_domains.js")
    _css = script("base.css", "trajectory.css", "embedding.css", "two_domains.css")

    def __init__(self, runs: Mapping[Real, Sequence[Moment]], y_source: torch.Tensor,
                 y_target: torch.Tensor, *, names: Sequence[str] | None = None, **controls):
        _check(runs, y_source, y_target, names)
        self._runs = {float(reversal): list(runs[reversal]) for reversal in sorted(runs)}
        self._y, self._names = (y_source.cpu(), y_target.cpu()), names
        moments = next(iter(self._runs.values()))
        classes = 1 + max(int(y.max()) for y in self._y)
        controls.setdefault("reversal", min(self._runs))
        controls.setdefault("moment", len(moments) - 1)
        super().__init__(
            about={"reversals": list(self._runs), "steps": [int(now.step) for now in moments],
                   "times": [_time(now.step) for now in moments], "source": y_source.tolist(),
                   "target": y_target.tolist(), "names": list(names or map(str, range(classes))),
                   "hues": [HUES[k % len(HUES)] for k in range(classes)], "domains": [SOURCE, TARGET],
                   "fine": FINE},
            places=b"".join(_places(now) for run in self._runs.values() for now in run),
            scores=[[[round(float(score), 4) for score in now[3:]] for now in run]
                    for run in self._runs.values()],
            words=[[_in_words(reversal, now) for now in run] for reversal, run in self._runs.items()],
            **controls)

    def answer(self) -> None:
        """Say what the chosen moment of the chosen run shows."""
        self.status = self.words[list(self._runs).index(self.reversal)][self.moment]

    def still(self) -> Picture:
        """The smallest λ, the present one (or else the one best on the target) and the largest, now."""
        now = {reversal: run[self.moment] for reversal, run in self._runs.items()}
        ends = {min(now), max(now)}
        best = max(now, key=lambda reversal: now[reversal].target_accuracy)
        between = best if self.reversal in ends else self.reversal
        return two_domains({f"λ = {reversal:g}": now[reversal] for reversal in sorted({*ends, between})},
                           *self._y, names=self._names,
                           title=f"What has λ done {_time(now[self.reversal].step)}?")

    @validate("reversal")
    def _recorded(self, proposal):
        if proposal["value"] not in self._runs:
            raise TraitError(f"reversal={proposal['value']:g}: no run was recorded with it; choose among "
                             f"{', '.join(f'{reversal:g}' for reversal in self._runs)}")
        return proposal["value"]

    @validate("moment")
    def _within_the_run(self, proposal):
        last = len(self._runs[min(self._runs)]) - 1
        if not 0 <= proposal["value"] <= last:
            raise TraitError(f"moment={proposal['value']}: choose 0 to {last}")
        return proposal["value"]

    @validate("colors")
    def _known_colors(self, proposal):
        if proposal["value"] not in COLORS:
            raise TraitError(f"colors={proposal['value']!r}: choose {' or '.join(COLORS)}")
        return proposal["value"]


def _places(moment: Moment) -> bytes:
    return (FINE * torch.cat(filled(moment))).round().to(torch.int16).numpy().tobytes()


def _in_words(reversal: Real, moment: Moment) -> str:
    source, target, domain = moment[3:]
    said = (f"λ = {reversal:g}, {_time(moment.step)}: {target:.0%} of the target is right, {source:.0%} of "
            f"the source. The domain head recognizes the domain of {domain:.0%} (chance: 50%).")
    if domain <= 0.6 and source - target >= 0.2:
        said += " It can hardly tell them apart, and yet many target images lie with a wrong class."
    return said


def _time(step: int) -> str:
    return "before training" if step == 0 else "after 1 step" if step == 1 else f"after {step:,} steps"


def _check(runs: Mapping, y_source: torch.Tensor, y_target: torch.Tensor,
           names: Sequence[str] | None) -> None:
    steps = {float(reversal): [int(now.step) for now in run] for reversal, run in runs.items()}
    if not steps or not all(steps.values()):
        raise ValueError("no moments: wanted {λ: [Moment, …]}, as figures.moments returns them")
    if any(own != next(iter(steps.values())) for own in steps.values()):
        raise ValueError(f"the runs were recorded at different steps, {steps}: wanted the same for every λ")
    for reversal, run in runs.items():
        for now in run:
            _check_moment(f"λ={reversal:g}, step {now.step}", now, len(y_source), len(y_target))
    classes = 1 + max(int(y.max()) for y in (y_source, y_target))
    if names is not None and len(names) < classes:
        raise ValueError(f"{len(names)} names for {classes} classes: wanted one for each")


def _check_moment(where: str, now: Moment, source: int, target: int) -> None:
    shapes = [list(z.shape) for z in now[1:3]]
    if shapes != [[source, 2], [target, 2]]:
        raise ValueError(f"{where}: places {shapes}; wanted [{source}, 2] and [{target}, 2]: "
                         "a place for every label")
    if not all(z.isfinite().all() for z in now[1:3]) or not all(0 <= score <= 1 for score in now[3:]):
        raise ValueError(f"{where}: wanted finite places and accuracies from 0 to 1; did training diverge? "
                         "Lower its rate, or leave this run out")
