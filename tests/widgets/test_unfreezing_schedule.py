"""The unfreezing schedule: its grid becomes rates by block and phase, and it runs what it shows."""
import json

import pytest
import torch
from traitlets import TraitError

from metacourse.methods import finetuning
from metacourse.widgets import UnfreezingSchedule
from metacourse.widgets.unfreezing_schedule import presets

BLOCKS = ["body.0", "body.1", "body.2", "head"]


class Trainer:
    """Remembers what it was asked to run; accuracy is the share of moving cells."""

    def __init__(self):
        self.asked = []

    def __call__(self, rates_at):
        self.asked.append(rates_at)
        return [0.25, sum(map(len, rates_at)) / (len(rates_at) * len(BLOCKS))]


@pytest.fixture
def trainer():
    return Trainer()


@pytest.fixture
def schedule(trainer):
    return UnfreezingSchedule(trainer, BLOCKS, phases=3, lr=0.01)


def grid(*rows):
    """From output to input, as it is drawn: "x" moves."""
    return [[cell == "x" for cell in row] for row in reversed(rows)]


def test_it_starts_with_gradual_unfreezing_and_runs_nothing(schedule, trainer):
    assert repr(schedule) == "UnfreezingSchedule('gradual', trained=0)" and trainer.asked == []
    assert schedule.moving == grid("xxx", ".xx", ".xx", "..x")       # 1, 2.5 and 4 blocks: 2.5 is drawn as 3
    assert schedule.status == "Gradual: not run yet. Press Run."


def test_the_presets_move_what_their_names_say():
    named = {name: preset["moving"] for name, preset in presets(4, 2).items()}
    assert named == {"head only": grid("xx", "..", "..", ".."), "last block": grid("xx", "xx", "..", ".."),
                     "all": grid("xx", "xx", "xx", "xx"), "layer-wise": grid("xx", "xx", "xx", "xx"),
                     "gradual": grid("xx", ".x", ".x", ".x")}
    assert [name for name, preset in presets(4, 2).items() if preset["layerwise"]] == ["layer-wise"]
    assert "gradual" not in presets(4, 1)


def test_pressing_run_hands_over_the_rates_of_every_phase(schedule, trainer):
    schedule.train()
    assert trainer.asked == [[{"head": 0.01}, {"body.1": 0.01, "body.2": 0.01, "head": 0.01},
                              dict.fromkeys(BLOCKS, 0.01)]]
    assert schedule.runs[0]["accuracy"] == pytest.approx([0.25, 8 / 12])
    assert schedule.status == "Gradual: accuracy 25% before, 67% at the end."


def test_layer_wise_rates_are_those_of_fine_tuning(schedule, trainer):
    schedule.choose("layer-wise").train()
    theta = {f"{block}.weight": torch.zeros(2) for block in BLOCKS}
    rates = finetuning.rates(theta, BLOCKS, lr=0.01, decay=finetuning.DECAY)
    for phase in trainer.asked[0]:
        assert phase == {block: pytest.approx(rates[f"{block}.weight"]) for block in BLOCKS}
    speeds = [speed for (_, speed), *_ in schedule.cells]
    assert speeds == sorted(speeds) and speeds[-1] == 1 and speeds[0] > 0.3


def test_a_schedule_of_ones_own_gets_a_name_and_replaces_its_older_run(schedule, trainer):
    own = grid("xxx", "..x", "...", "...")
    schedule.moving = own
    schedule.train()
    schedule.choose("all").train()
    schedule.moving = own
    schedule.train()
    assert [run["name"] for run in schedule.runs] == ["all", "own 1"] and len(trainer.asked) == 3
    assert "Best at the end so far: all, 100%." in schedule.status
    assert len({run["hue"] for run in schedule.runs}) == 2


def test_an_empty_phase_is_refused_with_a_sentence_and_nothing_runs(schedule, trainer):
    schedule.moving = grid("x.x", "...", "...", "...")
    assert schedule.status == "Nothing moves in phase 2. Let at least one block move in every phase."
    schedule.train()
    schedule.moving = grid("...", "...", "...", "...")
    assert schedule.status.startswith("Nothing moves in any phase.")
    schedule.train()
    assert schedule.status.startswith("Not run: nothing moves in any phase.") and trainer.asked == []


def test_only_the_last_six_are_kept_each_with_a_color_of_its_own(schedule):
    for block in range(4):
        for phase in range(2):
            moving = grid("xxx", "...", "...", "...")
            moving[block][phase] = not moving[block][phase] or block == 3
            schedule.moving = moving
            schedule.train()
    assert len(schedule.runs) == 6 and len({run["hue"] for run in schedule.runs}) == 6
    json.dumps(schedule.get_state(["runs", "about", "cells", "moving"]), allow_nan=False)


def test_it_may_begin_with_presets_that_were_run(trainer):
    schedule = UnfreezingSchedule(trainer, BLOCKS, lr=0.1, begin=("head only", "all"), chance=0.25)
    assert [run["name"] for run in schedule.runs] == ["head only", "all"]
    assert repr(schedule) == "UnfreezingSchedule('gradual', trained=2)"
    alt = schedule.still().alt
    assert "head only: head in phases 1 to 4; accuracy 25% to 25%" in alt
    assert "gradual: head in phase 1, " in alt


@pytest.mark.parametrize("given, message", [
    (dict(blocks=["head"]), "2 to 10 different names"), (dict(blocks=["a", "a"]), "different names"),
    (dict(phases=0), "phases=0: wanted 1 to 8"), (dict(lr=0.0), "wanted a rate > 0"),
    (dict(begin=("some",)), "preset='some': choose among head only, last block, all"),
])
def test_what_it_cannot_work_with_is_told(trainer, given, message):
    with pytest.raises(ValueError, match=message):
        UnfreezingSchedule(**{"run": trainer, "blocks": BLOCKS, "lr": 0.1, **given})


def test_a_grid_of_another_size_is_refused(schedule):
    with pytest.raises(TraitError, match="4 blocks, from input to output, of 3 phases"):
        schedule.moving = [[True] * 3] * 3


@pytest.mark.parametrize("returned", [[], [85.0], [float("nan")]])
def test_what_run_returns_must_be_accuracies(returned):
    schedule = UnfreezingSchedule(lambda rates_at: returned, BLOCKS, lr=0.1)
    with pytest.raises(ValueError, match="wanted accuracies from 0 to 1"):
        schedule.train()
