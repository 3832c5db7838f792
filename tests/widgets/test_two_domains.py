"""Two domains: recorded moments are drawn as they are, told in words, and never computed anew."""
import json

import numpy as np
import pytest
import torch
from traitlets import TraitError

from metacourse.figures import Moment
from metacourse.figures.two_domains import filled
from metacourse.widgets import TwoDomains

Y_SOURCE, Y_TARGET = torch.tensor([0, 0, 1, 1, 2]), torch.tensor([0, 1, 2, 2])
STEPS = (0, 1, 2000)


def moment(step, reversal, rng):
    return Moment(step, torch.randn(5, 2, generator=rng), 3 * torch.randn(4, 2, generator=rng),
                  0.9, 0.25 + 0.5 * (reversal == 1), 0.95 - 0.4 * (reversal > 0))


@pytest.fixture
def runs(rng):
    return {reversal: [moment(step, reversal, rng) for step in STEPS] for reversal in (1, 0, 0.3)}


@pytest.fixture
def explorer(runs):
    return TwoDomains(runs, Y_SOURCE, Y_TARGET)


def test_it_starts_after_training_without_adaptation(explorer):
    assert repr(explorer) == "TwoDomains(reversal=0.0, moment=2, colors='class')"
    assert explorer.status == ("λ = 0, after 2,000 steps: 25% of the target is right, 90% of the source. The "
                               "domain head recognizes the domain of 95% (chance: 50%).")


def test_the_page_gets_the_places_of_every_moment_with_the_smallest_reversal_first(explorer, runs):
    sent = np.frombuffer(explorer.places, "<i2").reshape(3, len(STEPS), 9, 2) / explorer.about["fine"]
    for i, reversal in enumerate([0, 0.3, 1]):
        for j, now in enumerate(runs[reversal]):
            assert np.allclose(sent[i, j], torch.cat(filled(now)), atol=1e-4)
    assert np.abs(sent).max(axis=(2, 3)) == pytest.approx(np.ones((3, 3)))       # each one fills the plane
    assert explorer.about["reversals"] == [0, 0.3, 1] and explorer.about["steps"] == list(STEPS)
    first = [scores[0] for scores in explorer.scores]
    assert first == [[0.9, 0.25, 0.95], [0.9, 0.25, 0.55], [0.9, 0.75, 0.55]]


def test_moving_and_scaling_both_clouds_changes_nothing(runs):
    def moved(now):
        return now._replace(z_source=7 * now.z_source + 3, z_target=7 * now.z_target + 3)
    other = {reversal: [moved(now) for now in run] for reversal, run in runs.items()}
    same, there = (np.frombuffer(TwoDomains(these, Y_SOURCE, Y_TARGET).places, "<i2").astype(int)
                   for these in (runs, other))
    assert np.abs(same - there).max() <= 1


def test_a_domain_head_at_chance_is_not_called_a_success(explorer):
    wrong = "hardly tell them apart, and yet many target images lie with a wrong class"
    assert wrong not in explorer.status
    explorer.reversal = 0.3                                  # 55 % recognized, and 25 % right
    assert wrong in explorer.status
    explorer.reversal = 1                                    # 55 % recognized, and 75 % right
    assert wrong not in explorer.status


def test_every_handle_reaches_every_value_and_times_are_told(explorer):
    told = ["before training", "after 1 step", "after 2,000 steps"]
    for reversal in explorer.about["reversals"]:
        for index, time in enumerate(told):
            for colors in ("domain", "class"):
                explorer.set_state({"reversal": reversal, "moment": index, "colors": colors})
                assert explorer.status.startswith(f"λ = {reversal:g}, {time}: ")
    json.dumps(explorer.get_state(["about", "scores", "words"]), allow_nan=False)


@pytest.mark.parametrize("control, value, message", [
    ("reversal", 0.5, "reversal=0.5: no run was recorded with it; choose among 0, 0.3, 1"),
    ("moment", 3, "moment=3: choose 0 to 2"), ("colors", "style", "choose class or domain"),
])
def test_what_was_not_recorded_is_refused(explorer, control, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(explorer, control, value)


@pytest.mark.parametrize("change, message", [
    (lambda runs: {}, r"no moments: wanted \{λ"), (lambda runs: {0: []}, "no moments"),
    (lambda runs: runs | {2: runs[1][:2]}, "different steps.*the same for every λ"),
    (lambda runs: {1: [runs[1][0]._replace(z_target=torch.zeros(3, 2))]}, r"step 0: places .*\[4, 2\]"),
    (lambda runs: {1: [runs[1][0]._replace(z_source=torch.full((5, 2), torch.nan))]}, "did training diverge"),
    (lambda runs: {1: [runs[1][0]._replace(target_accuracy=85.0)]}, "accuracies from 0 to 1"),
])
def test_runs_that_cannot_be_drawn_are_refused(runs, change, message):
    with pytest.raises(ValueError, match=message):
        TwoDomains(change(runs), Y_SOURCE, Y_TARGET)


def test_too_few_names_are_refused(runs):
    with pytest.raises(ValueError, match="2 names for 3 classes"):
        TwoDomains(runs, Y_SOURCE, Y_TARGET, names=["a", "b"])


def test_the_still_shows_the_ends_of_reversal_and_the_present_or_the_best_between_them(runs, rng):
    runs |= {3: [moment(step, 3, rng) for step in STEPS]}
    explorer = TwoDomains(runs, Y_SOURCE, Y_TARGET)
    alt = explorer.still().alt
    assert all(f"λ = {shown}: " in alt for shown in ("0", "1", "3")) and "λ = 0.3" not in alt
    explorer.set_state({"reversal": 0.3, "moment": 0})
    picture = explorer.still()
    assert picture.title == "What has λ done before training?"
    assert all(f"λ = {shown}: " in picture.alt for shown in ("0", "0.3", "3")) and "λ = 1:" not in picture.alt


def test_saved_with_the_notebook_it_is_small(rng):
    y, clouds = torch.arange(200) % 10, torch.randn(2, 200, 2, generator=rng)
    run = [Moment(step, *clouds, 0.9, 0.8, 0.6) for step in range(10)]
    state = TwoDomains({reversal: run for reversal in range(5)}, y, y).get_state()
    assert len(state.pop("places")) == 5 * 10 * 400 * 2 * 2
    assert len(json.dumps({k: v for k, v in state.items() if not k.startswith("_")})) < 20_000
