"""The meter: choose how a meta-gradient goes over its tasks, and measure its time and memory on the spot."""
from collections.abc import Sequence

import torch
from traitlets import Dict, Int, List, TraitError, Unicode, validate

from metacourse.episode import Episode, Examples, Loss, Params
from metacourse.figures.costs import WAYS, Bill, costs
from metacourse.figures.style import Picture
from metacourse.methods import maml
from metacourse.training.cost import cost
from metacourse.widgets.base import Explorer, script

KEPT = 10                                                    # rows that are shown
MOST_STEPS = 5


class Meter(Explorer):
    """Measures `maml.meta_gradient` on the first `tasks` of `episodes`, once for each press of the button.

    Memory is counted in tensors, in one thread: for the way "threads" it is one task's, times the threads.
    `bills` are rows to begin with. The widget's `repr` tells its handles, and never what was measured.
    """

    controls = ("way", "tasks", "inner_steps", "order", "measured")
    way = Unicode("loop").tag(sync=True)
    tasks = Int(4).tag(sync=True)
    inner_steps = Int(1).tag(sync=True)
    order = Unicode("second").tag(sync=True)
    measured = Int(0).tag(sync=True)                         # presses of the button
    limits = Dict().tag(sync=True)
    options = Dict({"way": list(WAYS), "order": ["second", "first"]}).tag(sync=True)
    colors = Dict(WAYS).tag(sync=True)
    rows = List().tag(sync=True)                             # way, words, ms, MB of each bill; newest first
    _esm = script("base.js", "meter.js")
    _css = script("base.css", "meter.css")

    def __init__(self, loss: Loss, theta: Params, episodes: Episode, *, inner_lr: float,
                 bills: Sequence[Bill] = (), **controls):
        self._loss, self._theta, self._episodes, self._inner_lr = loss, theta, episodes, inner_lr
        self._bills, self._counted = list(bills), 0
        most = len(episodes.support.x)
        controls.setdefault("tasks", min(4, most))
        super().__init__(limits={"tasks": [1, most], "inner_steps": [0, MOST_STEPS]}, **controls)

    def answer(self) -> None:
        """Measure, where the button was pressed."""
        if self.measured != self._counted:
            self._counted = self.measured
            self._bills.insert(0, self.measure())
            self._bills = self._bills[:KEPT]
        self.rows = [[bill.way, str(bill), bill.milliseconds, bill.megabytes] for bill in self._bills]
        self.status = self._in_words()

    def measure(self) -> Bill:
        """Time and memory of one meta-gradient with the present handles."""
        if not self._bills:
            self._meta_gradient(1, "loop")                   # a network is copied at its first use
        seconds, held = cost(lambda: self._meta_gradient(self.tasks, self._over()))
        if self.way == "threads":                            # their work is not seen from here
            held = cost(lambda: self._meta_gradient(1, "loop")).peak_bytes * self._workers()
        return Bill(self.way, self.tasks, self.inner_steps, self.order,
                    round(1000 * seconds / self.tasks, 2), round(held / 1e6, 2))

    def still(self) -> Picture:
        """The measurements so far as a picture."""
        return costs(self._bills, title="What does a meta-gradient cost?")

    def _meta_gradient(self, tasks: int, over: str) -> None:
        first = Episode(*(Examples(*(part if part is None else part[:tasks] for part in half))
                          for half in self._episodes))
        maml.meta_gradient(self._loss, self._theta, first, over=over, inner_lr=self._inner_lr,
                           inner_steps=self.inner_steps, first_order=self.order == "first",
                           recompute=self.way == "recompute")

    def _over(self) -> str:
        return "loop" if self.way == "recompute" else self.way

    def _workers(self) -> int:
        return min(self.tasks, torch.get_num_threads())

    def _in_words(self) -> str:
        if not self._bills:
            return "Choose, and press Measure."
        last, said = self._bills[0], []
        for before in self._bills[1:2]:
            for name, unit in (("milliseconds", "time per task"), ("megabytes", "memory")):
                said.append(f"{unit} {getattr(last, name) / max(getattr(before, name), 1e-9):.2g} times")
        compared = f" Compared with the row below: {' and '.join(said)}." if said else ""
        return f"{last.in_words()}.{compared}"

    @validate("tasks", "inner_steps")
    def _limited(self, proposal):
        return self.within_limits(proposal)

    @validate("way", "order")
    def _known(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        if value not in self.options[name]:
            raise TraitError(f"{name}={value!r}: choose among {', '.join(self.options[name])}")
        return value
