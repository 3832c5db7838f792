"""The unfreezing schedule: choose which block moves in which phase of training, run it, and compare."""
from collections.abc import Callable, Sequence

import torch
from traitlets import Bool, Dict, Int, List, TraitError, validate

from metacourse.figures import unfreezing
from metacourse.figures.style import GREEN, Picture
from metacourse.figures.unfreezing import HUES, MOST, Schedule, speed
from metacourse.methods import finetuning
from metacourse.methods.finetuning import DECAY, Rates
from metacourse.widgets.base import Explorer, script

START = "gradual"


class UnfreezingSchedule(Explorer):
    """A grid of `blocks` (named from input to output) and `phases`: what moves when, at `lr`.

    `run(rates_at)` gets {block: rate} for each phase. It trains, and returns accuracies at equal times, the
    first before any step. Layer-wise, each block moves at 1 / DECAY of the rate of the next one that moves.
    `begin` names presets that are run at once; `chance` is drawn. The last MOST schedules are kept.
    """

    controls = ("moving", "layerwise", "trained")
    moving = List().tag(sync=True)                           # [block][phase]: bool
    layerwise = Bool(False).tag(sync=True)
    trained = Int(0).tag(sync=True)                          # presses of the button
    about = Dict().tag(sync=True)                            # what never changes: names, presets, colors
    cells = List().tag(sync=True)                            # [block][phase]: rate and speed
    runs = List().tag(sync=True)                             # name, schedule, accuracy, color of each
    _esm = script("base.js", "unfreezing_runs.js", "unfreezing_schedule.js")
    _css = script("base.css", "trajectory.css", "meter.css", "unfreezing_schedule.css")

    def __init__(self, run: Callable[[list[Rates]], Sequence[float]], blocks: Sequence[str], *,
                 phases: int = 4, lr: float, begin: Sequence[str] = (), chance: float | None = None,
                 **controls):
        _check(blocks, phases, lr)
        self._run, self._blocks, self._lr, self._counted = run, list(blocks), lr, 0
        self._presets = presets(len(blocks), phases)
        start = self._presets.get(START, self._presets["all"])
        for name in start:
            controls.setdefault(name, start[name])
        super().__init__(about={"blocks": self._blocks, "phases": phases, "presets": self._presets,
                                "hue": GREEN, "chance": chance}, **controls)
        chosen = {name: getattr(self, name) for name in ("moving", "layerwise")}
        for name in begin:
            self.choose(name).train()
        self.set_trait("layerwise", chosen["layerwise"])
        self.set_trait("moving", chosen["moving"])

    def choose(self, preset: str) -> "UnfreezingSchedule":
        """Set the grid to one of the presets."""
        if preset not in self._presets:
            raise ValueError(f"preset={preset!r}: choose among {', '.join(self._presets)}")
        self.layerwise = self._presets[preset]["layerwise"]
        self.moving = self._presets[preset]["moving"]
        return self

    def train(self) -> None:
        """What the button does: run the present schedule."""
        self.trained += 1

    def answer(self) -> None:
        """Give every cell its rate, and run the schedule where the button was pressed."""
        rates_at = self._rates_at()
        self.cells = [[[rates.get(block, 0), round(speed(rates.get(block, 0), self._lr), 3)]
                       for rates in rates_at] for block in self._blocks]
        pressed, self._counted = self.trained != self._counted, self.trained
        if pressed and all(rates_at):
            self._train(rates_at)
        self.status = self._in_words(rates_at, pressed)

    def still(self) -> Picture:
        """The schedules that were run, and the present one if it was not."""
        shown = [Schedule(run["name"], self._rates_at(run), run["accuracy"]) for run in self.runs]
        if self._ran() is None:
            shown = [*shown[1 - MOST:], Schedule(self._name(), self._rates_at(), [])]
        return unfreezing(shown, self._blocks, chance=self.about["chance"],
                          title="What should move, and when?")

    def _rates_at(self, schedule: dict | None = None) -> list[Rates]:
        moving, layerwise = ((self.moving, self.layerwise) if schedule is None
                             else (schedule["moving"], schedule["layerwise"]))
        theta = {block: torch.zeros(1) for block in self._blocks}
        columns = [[block for block, row in zip(self._blocks, moving) if row[phase]]
                   for phase in range(len(moving[0]))]
        decay = DECAY if layerwise else 1.0
        return [dict(finetuning.rates(theta, column, lr=self._lr, decay=decay)) if column else {}
                for column in columns]

    def _train(self, rates_at: list[Rates]) -> None:
        accuracy = [float(value) for value in self._run(rates_at)]
        if not accuracy or not all(0 <= value <= 1 for value in accuracy):
            raise ValueError(f"run returned {accuracy}; wanted accuracies from 0 to 1, at equal times")
        name, others = self._name(), [run for run in self.runs if run is not self._ran()][1 - MOST:]
        free = next(hue for hue in HUES if hue not in [run["hue"] for run in others])
        self.runs = [*others, {"name": name, "moving": self.moving, "layerwise": self.layerwise,
                               "accuracy": accuracy, "hue": free, "cells": self.cells}]

    def _ran(self) -> dict | None:
        """The run of the present schedule, if there was one."""
        return next((run for run in self.runs if run["moving"] == self.moving
                     and run["layerwise"] == self.layerwise), None)

    def _name(self) -> str:
        here = {"moving": self.moving, "layerwise": self.layerwise}
        named = next((name for name, preset in self._presets.items() if preset == here), None)
        if named or self._ran():
            return named or self._ran()["name"]
        taken = [run["name"] for run in self.runs]
        return next(name for name in (f"own {i}" for i in range(1, MOST + 2)) if name not in taken)

    def _in_words(self, rates_at: list[Rates], pressed: bool) -> str:
        empty = [str(i + 1) for i, rates in enumerate(rates_at) if not rates]
        if empty:
            where = "any phase" if len(empty) == len(rates_at) else f"phase {' and '.join(empty)}"
            return (f"{'Not run: n' if pressed else 'N'}othing moves in {where}. Let at least one block move "
                    "in every phase.")
        name, ran = self._name(), self._ran()
        if ran is None:
            return f"{name[0].upper()}{name[1:]}: not run yet. Press Run."
        before, after = ran["accuracy"][0], ran["accuracy"][-1]
        best = max(self.runs, key=lambda run: run["accuracy"][-1])
        said = f"{name[0].upper()}{name[1:]}: accuracy {before:.0%} before, {after:.0%} at the end."
        if best["accuracy"][-1] > after:
            said += f" Best at the end so far: {best['name']}, {best['accuracy'][-1]:.0%}."
        return said

    def __repr__(self) -> str:
        return f"UnfreezingSchedule({self._name()!r}, trained={self.trained})"

    @validate("moving")
    def _fits_the_grid(self, proposal):
        rows, wanted = proposal["value"], (len(self._blocks), self.about["phases"])
        if len(rows) != wanted[0] or any(len(row) != wanted[1] for row in rows):
            raise TraitError(f"moving has {len(rows)} rows of {[len(row) for row in rows]}: wanted "
                             f"{wanted[0]} blocks, from input to output, of {wanted[1]} phases each")
        return [[bool(cell) for cell in row] for row in rows]


def presets(blocks: int, phases: int) -> dict[str, dict]:
    """Named grids {moving [block][phase], layerwise}, blocks from input to output."""
    def lasting(count: Callable[[int], int], layerwise: bool = False) -> dict:
        return {"moving": [[block >= blocks - count(phase) for phase in range(phases)]
                           for block in range(blocks)], "layerwise": layerwise}
    some = {"head only": lasting(lambda _: 1), "last block": lasting(lambda _: 2),       # and the head
            "all": lasting(lambda _: blocks), "layer-wise": lasting(lambda _: blocks, layerwise=True)}
    if phases > 1:
        some[START] = lasting(lambda phase: 1 + round(phase * (blocks - 1) / (phases - 1)))
    return some


def _check(blocks: Sequence[str], phases: int, lr: float) -> None:
    if not 2 <= len(set(blocks)) <= 10 or len(set(blocks)) != len(blocks):
        raise ValueError(f"blocks={list(blocks)}: wanted 2 to 10 different names, from input to output, as "
                         "finetuning.blocks(theta) gives them")
    if not 1 <= phases <= 8:
        raise ValueError(f"phases={phases}: wanted 1 to 8")
    if not lr > 0:
        raise ValueError(f"lr={lr}: wanted a rate > 0")
