"""The trajectory explorer: walks as the library's inner loop takes them, at every end of every control."""
import itertools
import json
import math

import pytest
import torch
from traitlets import TraitError

from metacourse.data import sinusoids
from metacourse.episode import task
from metacourse.methods import losses, maml
from metacourse.models import wave
from metacourse.widgets import TrajectoryExplorer
from metacourse.widgets.trajectory import RATES

LOSS = losses.mse(wave.apply)
STARTS = {"random": wave.at(phase=4.4, amplitude=2), "joint": wave.at(phase=1.5, amplitude=1.5),
          "MAML": wave.at(phase=1.5, amplitude=3)}


def waves_and_episodes():
    waves = sinusoids.sample_tasks(tasks=3, rng=torch.Generator().manual_seed(0))
    return waves, sinusoids.episodes_of(waves, shot=6, queries=8, rng=torch.Generator().manual_seed(1))


def explore(**more):
    waves, episodes = waves_and_episodes()
    return TrajectoryExplorer(LOSS, episodes, STARTS, plane=wave.PLANE, optima=waves._asdict(), **more)


@pytest.fixture
def explorer():
    return explore()


def test_it_starts_at_the_first_named_start(explorer):
    assert repr(explorer) == ("TrajectoryExplorer(start=[4.4, 2.0], inner_lr=0.1, landscape='all tasks', "
                              "inner_steps=3)")
    before, after = explorer.walks["mean"][0], explorer.walks["mean"][3]
    assert explorer.status.startswith("From the random start, after 3 steps with α = 0.1: "
                                      f"mean query loss {before:.2f} → {after:.2f}.")


def test_paths_and_losses_are_those_of_the_inner_loop(explorer):
    _, episodes = waves_and_episodes()
    explorer.set_state({"start": [1.0, 2.0], "inner_lr": 0.2})
    for i in range(3):
        support, query = task(episodes, i)
        path = maml.walk(LOSS, wave.at(phase=1, amplitude=2), support, inner_lr=0.2, inner_steps=10)
        for j in (0, 1, 10):
            here = [path[j]["phase"].item(), path[j]["amplitude"].item()]
            assert explorer.walks["paths"][i][j] == pytest.approx(here, abs=1e-3)
            assert explorer.walks["losses"][i][j] == pytest.approx(LOSS(path[j], query).item(), abs=1e-3)


def test_the_named_starts_are_walked_for_comparison(explorer):
    ways = explorer.walks["named"]
    explorer.start = explorer.about["starts"][2][1:]
    assert explorer.walks["mean"] == ways[2] and "From the MAML start" in explorer.status


def test_every_control_reaches_its_ends_and_says_something_that_json_can_hold():
    explorer = explore(arrows=True)
    (_, left, right), (_, bottom, top) = explorer.about["plane"]
    for *start, rate, steps, shown in itertools.product(
            (left, right), (bottom, top), (RATES[0], RATES[-1]), (0, 10), ("all tasks", "task 3")):
        explorer.set_state({"start": start, "inner_lr": rate, "inner_steps": steps, "landscape": shown})
        state = explorer.get_state(["walks", "words", "ground", "about", "status"])
        json.dumps(state, allow_nan=False)
        assert len(explorer.words) == 11 and len(explorer.walks["paths"][0]) == 11
        assert explorer.ground and all(path.startswith("M") for path in explorer.ground)


def test_steps_that_are_too_large_leave_the_plane_and_the_words_say_so(explorer):
    explorer.inner_lr = 3.0
    assert explorer.status.endswith("worse than before: the steps are too large. "
                                    "3 of 3 paths have left the plane.")
    explorer.set_state({"start": explorer.about["starts"][1][1:], "inner_lr": 0.05})
    assert "left the plane" not in explorer.status and "worse" not in explorer.status


def test_an_explosion_is_drawn_and_not_raised():
    def wild(theta, examples):
        return LOSS(theta, examples) ** 8
    _, episodes = waves_and_episodes()
    explorer = TrajectoryExplorer(wild, episodes, STARTS, plane=wave.PLANE, arrows=True, inner_lr=3.0)
    json.dumps(explorer.get_state(["walks"]), allow_nan=False)
    assert explorer.walks["losses"][0][10] is None and "over 1000" in explorer.words[10]


def test_arrows_are_locked_until_they_are_asked_for(explorer):
    assert "arrows" not in explorer.walks
    unlocked = explore(arrows=True).walks["arrows"]
    assert set(unlocked) == {"exact", "first-order", "Reptile", "finite differences"}


def test_the_exact_arrow_points_against_the_meta_gradient_and_finite_differences_agree():
    explorer, (_, episodes) = explore(arrows=True, start=[1.0, 3.0]), waves_and_episodes()
    inner = dict(inner_lr=0.1, inner_steps=2)
    _, gradient = maml.meta_gradient(LOSS, wave.at(phase=1, amplitude=3), episodes, **inner)
    arrow, length = (explorer.walks[name]["exact"][-1][2] for name in ("arrows", "lengths"))
    assert [-length * part for part in arrow] == pytest.approx(
        [gradient["phase"].item(), gradient["amplitude"].item()], abs=1e-3)
    assert math.hypot(*arrow) == pytest.approx(1, abs=1e-3)
    assert max(explorer.walks["angles"]["finite differences"][-1]) < 0.1
    assert explorer.walks["arrows"]["Reptile"][-1][0] == [None, None]    # without a step it has no direction


def test_without_steps_first_order_is_exact_and_with_steps_it_turns():
    turned = explore(arrows=True, start=[0.3, 3.0], inner_lr=0.2).walks["angles"]["first-order"][-1]
    assert turned[0] == pytest.approx(0, abs=0.01) and turned[1] > 1


def test_the_landscape_is_that_of_the_chosen_task(explorer):
    mean = explorer.ground
    explorer.landscape = "task 2"
    assert explorer.ground != mean
    explorer.landscape = "all tasks"
    assert explorer.ground == mean


def test_scrubbing_computes_nothing_anew(explorer, monkeypatch):
    monkeypatch.setattr(TrajectoryExplorer, "_walk", lambda self: pytest.fail("walked again"))
    explorer.inner_steps = 7
    assert explorer.status == explorer.words[7]


@pytest.mark.parametrize("control, value, message", [
    ("inner_lr", 0.0, "inner_lr=0.0: choose 0.01 to 3.0"), ("inner_steps", 11, "choose 0 to 10"),
    ("start", [9.0, 1.0], "wanted phase from -1.93 to 5.07 and amplitude from -1.00 to 6.00"),
    ("start", [1.0], "wanted phase"), ("landscape", "task 4", "choose 'all tasks' or 'task 1', …"),
])
def test_what_cannot_be_shown_is_refused(explorer, control, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(explorer, control, value)


def test_the_still_picture_shows_the_present_state(explorer):
    explorer.set_state({"start": [1.0, 2.0], "inner_steps": 1, "landscape": "task 2"})
    picture = explorer.still()
    assert picture.title == "Where does 1 step lead?" and "your start: " in picture.alt


def test_saved_with_the_notebook_it_is_small():
    assert len(json.dumps(explore(arrows=True).get_state(["walks", "words", "ground", "about"]))) < 60_000


def test_it_begins_where_it_is_told():
    assert explore(begin="MAML").start == [1.5, 3.0]
