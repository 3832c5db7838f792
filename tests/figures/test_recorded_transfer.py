"""Every picture of what transfers, from a made-up result."""

import pytest

from metacourse.figures import recorded_features, recorded_transfer
from metacourse.results import NotRun, Result
from tests.figures.border import white_at_the_border

GOOD = {"0": {"accuracy": 0.9, "interval": 0.01}, "1": {"accuracy": 0.7, "interval": 0.01}}
BAD = {seed: {**score, "accuracy": score["accuracy"] - 0.2} for seed, score in GOOD.items()}
RUN = {"name": "made_up", "minutes": 1.0, "device": "cpu", "commit": "abc", "seeds": [0, 1], "settings": {}}
LAYERS = Result({**RUN, "payload": {"accuracy": {
    "frozen": {"0": BAD, "1": GOOD, "2": BAD}, "tuned": {"0": BAD, "1": GOOD, "2": GOOD},
    "negative": {"characters": GOOD, "nothing": BAD, "random labels": BAD},
    "negative, frozen": {"characters": GOOD, "nothing": GOOD, "random labels": BAD}}}})
STRATEGIES = Result({**RUN, "payload": {"accuracy": {"glyphs": {
    "scratch": {"1": BAD, "5": BAD}, "head": {"1": GOOD, "5": BAD}, "all": {"1": BAD, "5": GOOD}}}}})
PICTURES = {
    "layers": (recorded_transfer.layers_transferred, (LAYERS,),
               "copied blocks stay: 0 copied 60.0 ± 127.1 %, 1 copied 80.0"),
    "negative": (recorded_transfer.negative_transfer, (LAYERS,),
                 "only a new head is trained: characters 80.0 ± 127.1 %, nothing 80.0"),
    "strategies": (recorded_transfer.examples_per_class, (STRATEGIES, "glyphs"),
                   "head only: 1: 80.0 ± 127.1 %, 5: 60.0"),
}


@pytest.fixture(params=PICTURES, scope="module")
def pictured(request):
    draw, given, words = PICTURES[request.param]
    return draw(*given, title="What comes out?"), words


def test_a_picture_says_what_it_shows(pictured):
    picture, words = pictured
    assert words in picture.alt and picture.alt.startswith("What comes out?")
    assert picture.width <= 900 and len(picture.png) < 120_000


def test_nothing_is_cut_off(pictured):
    assert white_at_the_border(pictured[0])


@pytest.mark.parametrize("draw", [draw for draw, _, _ in PICTURES.values()])
def test_a_missing_run_says_how_to_make_it(draw):
    picture = draw(NotRun("made_up"), title="What comes out?")
    assert "python -m metacourse.experiments.made_up" in picture.alt


def test_the_table_of_features_says_what_each_had_seen():
    score = {"accuracy": 0.5, "interval": 0.012}
    result = Result({**RUN, "settings": {"test_episodes": 600, "size": 96}, "payload": {
        "accuracy": {"pixels": {"glyphs": {"1": score, "5": score}, "quickdraw": {"1": score, "5": score}}},
        "seen": {"pixels": {"glyphs": "nothing", "quickdraw": "all of them"}}, "dim": {"pixels": 784}}})
    made = recorded_features.features_table(result)
    assert made.rows[1] == ("Quick, Draw!", "raw pixels", "784", "50.0 ± 1.2", "50.0 ± 1.2", "all of them")
    assert "600 episodes" in made.caption and len(made.rows) == 2
    assert "made_up" in repr(recorded_features.features_table(NotRun("made_up")))
