"""The table of what has been done."""
from metacourse import checks, progress
from tests.checks.fundamentals.test_evaluation import in_torch


def test_at_first_nothing_is_done():
    assert repr(checks.progress()) == ("Chapter 1: not begun, 13 points on the core path.\n\n"
                                       "Chapter 2: not begun, 21 points on the core path.\n\n"
                                       "Chapter 3: not begun, 16 points on the core path.\n\n"
                                       "Chapter 4: not begun, 19 points on the core path.")


def test_solved_exercises_are_ticked_and_counted():
    checks.fundamentals.interval(in_torch)
    table = repr(checks.progress())
    assert "✓ 1.3 The 95% interval" in table and table.count("○") == 8
    assert "Chapter 1: 2 of 13 points on the core path.\n\nChapter 2: not begun" in table


def test_tried_ones_are_marked_and_extra_ones_counted_apart():
    progress.record("exercise", "fundamentals.nearest_prototype", {"points": 0, "of": 2})
    progress.record("exercise", "fundamentals.sample_varied", {"points": 3, "of": 3})
    table = repr(checks.progress())
    assert "✗ 1.4 Nearest" in table and "✓ 1.5 a ◇" in table
    assert "Chapter 1: 0 of 13 points on the core path, and 3 for going further." in table
