"""What a learner sees: the check's report in the cell, and no traceback."""
import os
from textwrap import dedent

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

CELLS = {
    "imports": """
        from metacourse import checks
        from metacourse.checks import exercise
        exercise.SECONDS = 2.0""",
    "wrong": """
        def interval(accuracies):
            return accuracies.mean(), accuracies.std()
        checks.fundamentals.interval(interval)""",
    "blank": """
        def interval(accuracies):
            raise NotImplementedError
        checks.fundamentals.interval(interval)""",
    "endless": """
        def interval(accuracies):
            while True:
                pass
        checks.fundamentals.interval(interval)""",
    "raises": """
        def interval(accuracies):
            print("I was here")
            return accuracies.mean() / len(accuracy)
        checks.fundamentals.interval(interval)""",
    "right": """
        def interval(accuracies):
            return accuracies.mean(), 1.96 * accuracies.std() / len(accuracies) ** 0.5
        checks.fundamentals.interval(interval)""",
    "progress": "checks.progress()",
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The outputs of each cell, run in a real kernel."""
    nb = new_notebook(cells=[new_code_cell(dedent(source).strip()) for source in CELLS.values()])
    client = NotebookClient(nb, kernel_name="python3", timeout=600, allow_errors=True, coalesce_streams=True)
    client.execute(env=os.environ | {"METACOURSE_PROGRESS": str(tmp_path_factory.mktemp("progress"))})
    return dict(zip(CELLS, (cell.outputs for cell in nb.cells)))


def error(outputs) -> list[str]:
    """The lines of a cell's error."""
    return next(output.traceback for output in outputs if output.output_type == "error")


def printed(outputs) -> str:
    return "".join(output.text for output in outputs if output.output_type == "stream")


def test_a_failed_check_shows_its_report_and_nothing_else(shown):
    assert printed(shown["wrong"]) == "✓ the mean of 0.3, 0.4, 0.5, 0.6, 0.7 is 0.5\n"
    assert error(shown["wrong"]) == [
        "✗ 1.3 The 95% interval: half the width is not right",
        "    input:  interval(float32 tensor([0.3, 0.4, 0.5, 0.6, 0.7]))",
        "    came:   0.1581",
        "    wanted: 0.1386",
        "    likely: the standard deviation of single episodes: the mean of n of them varies √n times less."]


def test_a_blank_is_one_line(shown):
    assert error(shown["blank"]) == ["○ 1.3 The 95% interval: not attempted yet"]


def test_an_endless_loop_ends(shown):
    assert "did not finish within 2 seconds" in error(shown["endless"])[0]


def test_an_exception_shows_the_learners_line_and_what_was_printed(shown):
    assert printed(shown["raises"]) == "I was here\n"
    lines = error(shown["raises"])
    assert lines[2].endswith("NameError: name 'accuracy' is not defined")
    assert lines[3].strip() == "in line 3 of `interval`: return accuracies.mean() / len(accuracy)"


def test_a_right_answer_shows_no_error_and_is_counted(shown):
    assert [output.output_type for output in shown["right"]] == ["stream"]
    assert "✓ 1.3 The 95% interval" in shown["progress"][0].data["text/plain"]
