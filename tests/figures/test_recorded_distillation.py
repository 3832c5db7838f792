"""The picture of students and their teacher, from a made-up result."""

import pytest

from metacourse import figures
from metacourse.figures.recorded_distillation import named
from metacourse.results import NotRun
from tests.figures.border import white_at_the_border

GOOD = {"0": {"accuracy": 0.8, "interval": 0.01}, "1": {"accuracy": 0.8, "interval": 0.01}}
POOR = {"0": {"accuracy": 0.5, "interval": 0.01}, "1": {"accuracy": 0.5, "interval": 0.01}}
SMALL = {"parameters": 11654, "kilobytes": 46.6, "milliseconds": 0.4, "milliseconds_of_many": 0.05}
LARGE = {"parameters": 187000, "kilobytes": 748.0, "milliseconds": 1.6, "milliseconds_of_many": 0.2}
RESULT = {"accuracy": {"labels": {"8": POOR}, "distilled": {"8": GOOD}, "features": {"8": POOR}},
          "teacher": GOOD, "cost": {"8": SMALL, "64": LARGE}}


@pytest.fixture(scope="module")
def picture():
    return figures.student_sizes(RESULT, title="What is left?")


def test_it_says_what_it_shows(picture):
    assert picture.alt.startswith("What is left? labels, 8 channels: 50.0 %; labels and the teacher's")
    assert "the teacher: 80.0 %" in picture.alt
    assert "8 channels: 11,654 parameters, 47 kB, 0.40 ms alone, 0.050" in picture.alt
    assert picture.width <= 900 and len(picture.png) < 120_000


def test_nothing_is_cut_off(picture):
    assert white_at_the_border(picture)


def test_a_size_is_named_by_what_it_costs():
    assert named("8", SMALL) == "11,654\n8 channels\n47 kB"


def test_a_missing_run_says_how_to_make_it():
    missing = figures.student_sizes(NotRun("distillation_glyphs"), title="What is left?")
    assert "python -m metacourse.experiments.distillation_glyphs" in missing.alt
