"""Unfreezing schedules as a picture: what moved when is told, and the slower is the paler."""
import pytest

from metacourse import figures
from metacourse.figures.unfreezing import Schedule, in_words, speed

BLOCKS = ["body", "head"]
BOTH = {"body": 0.1, "head": 0.1}
GRADUAL = Schedule("gradual", [{"head": 0.1}, BOTH, BOTH], [0.2, 0.9])


def test_phases_that_move_the_same_are_told_together():
    assert in_words(GRADUAL) == "head in phase 1, body and head in phases 2 to 3; accuracy 20% to 90%"
    waiting = Schedule("own", [{}, {"head": 1}], [])
    assert in_words(waiting) == "nothing in phase 1, head in phase 2; not run yet"


def test_the_fastest_has_speed_one_and_a_frozen_block_has_none():
    assert [speed(rate, 0.1) for rate in (0.1, 0.0001, 0.00001, 0)] == pytest.approx([1, 0, 0, 0])
    assert speed(0.01, 0.1) == pytest.approx(2 / 3)          # a factor of ten of a thousand


def test_the_picture_tells_every_schedule():
    waiting = Schedule("head only", [{"head": 0.1}], [])
    picture = figures.unfreezing([GRADUAL, waiting], BLOCKS, chance=0.2, title="What should move?")
    assert f"gradual: {in_words(GRADUAL)}; head only: head in phase 1; not run yet." in picture.alt
    assert picture.alt.startswith("What should move? Which of the blocks body, head (from input to output)")


def test_without_schedules_it_says_so():
    assert "Nothing was run yet." in figures.unfreezing([], BLOCKS, title="What should move?").alt
