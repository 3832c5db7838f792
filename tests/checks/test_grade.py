"""Grading: what a notebook defines is checked, and nothing that it prints or edits counts."""
import json
import subprocess
import sys
from textwrap import dedent

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from metacourse.checks.__main__ import main
from metacourse.checks.grade import CannotGrade, grade

CHECK = ["exercise-check"]


def notebook(path, *cells):
    """Write a notebook; a cell is a source, or (source, tags)."""
    cells = [cell if isinstance(cell, tuple) else (cell, []) for cell in cells]
    nb = new_notebook(cells=[new_markdown_cell("# Exercises"), *(
        new_code_cell(dedent(source).strip(), metadata={"tags": tags}) for source, tags in cells)])
    nbformat.write(nb, path)
    return path


@pytest.fixture(scope="module")
def marks(tmp_path_factory):
    """The marks of a notebook with one right answer, one wrong one, one blank, and some tricks, by name."""
    path = notebook(
        tmp_path_factory.mktemp("learner") / "homework.ipynb",
        ("raise SystemExit('the set-up cell is not run')", ["setup"]),
        "import torch\nfrom metacourse import checks",
        """
        def interval(accuracies):
            return accuracies.mean(), 1.96 * accuracies.std() / len(accuracies) ** 0.5""",
        ("checks.fundamentals.interval(interval)", CHECK),
        """
        def score_to_publish(validation, test):
            return test.max()""",
        ("print('✓ all properties hold'); print('1.2 C: done, 1 point.')", CHECK),
        """
        def draw_apart(drawings, *, shot, queries, rng):
            raise NotImplementedError
        checks.fundamentals.draw_apart = lambda function: print('✓')
        checks.fundamentals.leaks.draw_apart = checks.fundamentals.draw_apart""",
        ("checks.fundamentals.draw_apart(draw_apart)", CHECK),
        "1 / 0",
        """
        def masked_prototypes(z, mask):
            return (z * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)""",
        "name_the_leaks = {'A': 'query in support', 'B': 'shared classes', 'C': 'chosen on test'}")
    return {mark.exercise.name: mark for mark in grade(path, seconds=600)}


def test_a_right_answer_earns_its_points(marks):
    assert (marks["interval"].state, marks["interval"].points) == ("passed", 2)


def test_a_cell_that_fails_does_not_stop_the_rest(marks):
    assert marks["masked_prototypes"].state == "passed"


def test_an_edited_check_cell_does_not_count(marks):
    assert (marks["score_to_publish"].state, marks["score_to_publish"].points) == ("failed", 0)
    assert "choosing on test" in marks["score_to_publish"].report


def test_a_check_that_was_replaced_does_not_count(marks):
    assert marks["draw_apart"].state == "not attempted"


def test_a_function_that_is_not_there_is_missing(marks):
    assert marks["sample_episode"].state == "missing"


def test_a_result_in_place_of_a_function_earns_nothing(marks):
    assert marks["name_the_leaks"].state == "failed"


def test_the_table_and_the_json_hold_the_same_points(marks, monkeypatch, capsys):
    monkeypatch.setattr("metacourse.checks.__main__.grade", lambda notebook, seconds: list(marks.values()))
    assert main(["grade", "homework.ipynb"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[-1] == "2 of 13 points, and 1 of 4 for going further"
    assert "✗ 1.2 C Choose on validation, report on test" in table[4] and "is not right" in table[4]
    assert main(["grade", "homework.ipynb", "--json"]) == 0
    graded = json.loads(capsys.readouterr().out)
    assert (graded["points"], graded["of"], graded["further"]) == (2, 13, 1)
    interval = next(each for each in graded["exercises"] if each["id"] == "fundamentals.interval")
    assert (interval["state"], interval["points"]) == ("passed", 2)


@pytest.mark.parametrize("text, said", [
    (None, "there is no file"),
    ("hello", "is not a notebook"),
    (nbformat.writes(new_notebook(cells=[new_code_cell("1 + 1")])), "no cell of this notebook calls a check"),
])
def test_what_cannot_be_graded_is_said_and_returns_2(tmp_path, capsys, text, said):
    path = tmp_path / "homework.ipynb"
    if text is not None:
        path.write_text(text)
    assert main(["grade", str(path)]) == 2
    assert said in capsys.readouterr().err


def test_progress_is_printed(capsys):
    assert main(["progress"]) == 0
    assert "Chapter 1: not begun, 13 points on the core path." in capsys.readouterr().out


@pytest.mark.slow
def test_an_endless_cell_is_interrupted(tmp_path):
    path = notebook(tmp_path / "endless.ipynb", "while True: pass", "def interval(a): return a.mean(), 0",
                    ("checks.fundamentals.interval(interval)", CHECK))
    assert {mark.exercise.name: mark.state for mark in grade(path, seconds=30)}["interval"] == "failed"


@pytest.mark.slow
def test_a_dead_kernel_cannot_be_graded(tmp_path):
    path = notebook(tmp_path / "dead.ipynb", "import os; os._exit(1)", ("checks.fundamentals.x", CHECK))
    with pytest.raises(CannotGrade, match="did not reach the last check"):
        grade(path, seconds=30)


@pytest.mark.slow
def test_the_command_works_from_a_shell(tmp_path):
    path = notebook(tmp_path / "blank.ipynb", "def interval(accuracies): raise NotImplementedError",
                    ("checks.fundamentals.interval(interval)", CHECK))
    command = [sys.executable, "-m", "metacourse.checks", "grade", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["points"] == 0
