"""A check prints what holds, raises a report, and remembers the points."""
import pytest

from metacourse import progress
from metacourse.checks import CheckFailed, expect, fundamentals, maml
from metacourse.checks.exercise import exercise, exercises
from tests.checks.saying import blank, rejected


@exercise("9.1", points=2)
def double(answer):
    """Twice a number."""
    expect.number(answer(3), 6.0, "twice 3", likely={"the square: multiply by 2.": 9.0})
    yield "twice 3 is 6"
    expect.number(answer(0), 0.0, "twice 0")
    yield "twice 0 is 0"


ID = f"{double.exercise.chapter}.double"


def test_a_right_answer_is_told_what_holds(capsys):
    double(lambda x: 2 * x)
    assert capsys.readouterr().out == "✓ twice 3 is 6\n✓ twice 0 is 0\n9.1 Twice a number: done, 2 points.\n"


def test_a_wrong_answer_is_told_input_what_came_what_was_wanted_and_the_likeliest_mistake():
    assert rejected(double, lambda x: x * x) == (
        "✗ 9.1 Twice a number: twice 3 is not right\n"
        "    input:  <lambda>(3)\n    came:   9\n    wanted: 6\n    likely: the square: multiply by 2.")


def test_a_half_right_answer_keeps_its_first_sentence(capsys):
    rejected(double, lambda x: x + 3)
    assert capsys.readouterr().out == "✓ twice 3 is 6\n"


@pytest.mark.parametrize("not_a_number", ["6", None, [6], {}])
def test_other_things_than_a_number_are_rejected_with_a_sentence(not_a_number):
    assert rejected(double, lambda x: not_a_number if not_a_number != "6" else "six")


def test_a_result_instead_of_a_function_is_named():
    assert "wants your function, not its result" in rejected(double, 6)


def test_an_endless_loop_is_ended_and_the_last_call_is_shown(monkeypatch):
    def endless(x):
        while x == 0:
            pass
        return 2 * x
    monkeypatch.setattr("metacourse.checks.exercise.SECONDS", 0.5)
    said = rejected(double, endless)
    assert "did not finish within 0.5 seconds\n    input:  endless(0)" in said
    assert "a loop whose condition never becomes false." in said


def test_points_are_kept_and_what_was_solved_stays_solved():
    rejected(double, blank)
    assert progress.read("exercise") == {}
    rejected(double, lambda x: x)
    assert progress.read("exercise") == {ID: {"points": 0, "of": 2}}
    double(lambda x: 2 * x)
    rejected(double, lambda x: x)
    assert progress.read("exercise") == {ID: {"points": 2, "of": 2}}


def test_the_report_hides_our_own_frames():
    with pytest.raises(CheckFailed) as failure:
        double(lambda x: x)
    assert failure.value._render_traceback_()[0].startswith("✗ 9.1")
    assert failure.value.__suppress_context__


@pytest.mark.parametrize("chapter, numbers", [
    (fundamentals, "1.1, 1.2, 1.2 A, 1.2 B, 1.2 C, 1.3, 1.4, 1.5 a, 1.5 b"),
    (maml, "2.1, 2.2, 2.3, 2.4, 2.5, 2.5 A, 2.5 B, 2.5 C, 2.5 D, 2.5 E, 2.6 a, 2.6 b, 2.7, 2.8"),
])
def test_the_exercises_of_a_chapter_come_in_order(chapter, numbers):
    assert ", ".join(about.number for about in exercises(chapter)) == numbers


@pytest.mark.parametrize("chapter", [fundamentals, maml])
def test_the_names_of_the_checks_are_those_of_the_exercises(chapter):
    assert sorted(about.name for about in exercises(chapter)) == sorted(chapter.__all__)
