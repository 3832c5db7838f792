"""Every picture and table of a chapter 3 run, from a made-up result."""

import numpy as np
import pytest

from metacourse.figures import recorded_few_shot, recorded_few_shot_tables
from metacourse.results import NotRun, Result
from tests.figures.border import white_at_the_border

BEST = {"0": {"accuracy": 0.9, "interval": 0.01}, "1": {"accuracy": 0.7, "interval": 0.01}}
OTHER = {seed: {**score, "accuracy": score["accuracy"] - 0.2} for seed, score in BEST.items()}
COST = {"steps": 300, "training_seconds": 8.04, "seconds_per_task": 0.0021, "parameters": 7248,
        "training_megabytes": 12.34}
ALONE = {"0": {"equal_error_rate": 0.1, "best_f1": 0.9, "false_accept": [0, 0.5, 1],
               "true_accept": [0, 0.9, 1]}}
COMPARED = Result({"name": "made_up", "minutes": 12.3, "device": "cpu", "commit": "abc", "seeds": [0, 1],
                   "settings": {"pairs": 500}, "payload": {
    "accuracy": {"glyphs": {"1": {"maml": OTHER, "protonet": BEST}, "5": {"maml": OTHER, "protonet": BEST}},
                 "omniglot": {"1": {"maml": BEST, "protonet": OTHER}}},
    "difference": {"glyphs": {"1": {"best": "protonet", "maml": {"seeds": {"0": -0.2, "1": -0.2}},
                                    "protonet": {"seeds": {"0": 0.0, "1": 0.0}}}}},
    "cost": {"maml": COST, "protonet": COST}, "verification": {"protonet": ALONE},
    "trials": {"maml": [{"outer_lr": 0.001, "validation": 0.5}, {"outer_lr": 0.01, "validation": 0.6}],
               "pixels": [{"validation": 0.4}]}}})
GRIDS = {"way": {"5": {"5": BEST, "20": OTHER}, "20": {"5": BEST, "20": BEST}},
         "shot": {"1": {"1": BEST}, "5": {"1": OTHER}}}
PICTURES = {
    "compared": (recorded_few_shot.methods_compared, COMPARED, "ProtoNet, 5-way 80.0 ± 127.1 %; MAML 60.0"),
    "domains": (recorded_few_shot.across_domains, COMPARED, "Omniglot: ProtoNet, 5-way 60 %, MAML 80 %"),
    "roc": (recorded_few_shot.roc_curves, COMPARED, "ProtoNet, 5-way 10.0 %"),
    "grids": (recorded_few_shot.train_and_test_grids, GRIDS, "trained 5-way: 5-way 80.0 %, 20-way 60.0 %"),
}
SCORES = ["60.0 ± 127.1 %"] * 2
TABLES = {
    "methods": (recorded_few_shot_tables.methods_table,
                ("MAML", *SCORES, "−20.0 ± 0.0", "8.0", "300", "2.1", "7,248", "12.3")),
    "trials": (recorded_few_shot_tables.trials_table,
               ("MAML", "outer_lr 0.001: 50.0 %", "outer_lr 0.01: 60.0 % ←")),
    "verification": (recorded_few_shot_tables.verification_table,
                     ("ProtoNet, 5-way", "10.0 %", "90.0 %", "80.0 ± 127.1 %")),
}


@pytest.fixture(params=PICTURES, scope="module")
def pictured(request):
    draw, result, words = PICTURES[request.param]
    return draw(result, "What comes out?"), words


def test_a_picture_says_what_it_shows(pictured):
    picture, words = pictured
    assert words in picture.alt and picture.alt.startswith("What comes out?")
    assert picture.width <= 900 and len(picture.png) < 120_000


def test_nothing_is_cut_off(pictured):
    assert white_at_the_border(pictured[0])


@pytest.mark.parametrize("make", TABLES)
def test_a_table_has_a_row_that_is_right(make):
    make, row = TABLES[make]
    assert make(COMPARED).rows[-1] == row


def test_the_best_stands_on_top():
    assert recorded_few_shot_tables.methods_table(COMPARED).rows[0][0] == "ProtoNet, 5-way"


@pytest.mark.parametrize("draw", [draw for draw, _, _ in PICTURES.values()])
def test_a_missing_run_says_how_to_make_it(draw):
    assert "python -m metacourse.experiments.made_up" in draw(NotRun("made_up"), "What comes out?").alt


@pytest.mark.parametrize("make", [make for make, _ in TABLES.values()])
def test_a_missing_run_stands_in_for_its_table(make):
    assert "python -m metacourse.experiments.made_up" in repr(make(NotRun("made_up")))


def test_the_mean_over_five_seeds_has_students_interval():
    mean, half = recorded_few_shot.mean_over_seeds(np.array([0.1, 0.2, 0.3, 0.4, 0.5]))
    assert mean == pytest.approx(0.3) and half == pytest.approx(2.776 * 0.025**0.5 / 5**0.5)
