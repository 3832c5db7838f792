"""The solutions pass every check, the exercises made from them are blank, and the text states the points."""
import functools
import re

import jupytext
import pytest

from metacourse.checks import CheckFailed, NotAttempted, few_shot, fundamentals, maml, transfer
from metacourse.checks.exercise import exercises as exercises_of
from tools import exercises, text

CHAPTERS = [(fundamentals, "01_fundamentals"), (maml, "02_maml"), (few_shot, "03_few_shot"),
            (transfer, "04_transfer")]
EACH = [(chapter, stem, about) for chapter, stem in CHAPTERS for about in exercises_of(chapter)]
each = pytest.mark.parametrize("chapter, stem, about", EACH, ids=[about.id for *_, about in EACH])


def source(stem: str):
    return next(path for path in text.texts("solutions") if path.stem == stem)


@functools.cache
def code_cells(stem: str) -> list:
    return [cell for cell in jupytext.read(source(stem)).cells if cell.cell_type == "code"]


@functools.cache
def definitions(stem: str, change=str) -> dict:
    """Everything that the notebook imports and defines, without running its experiments."""
    defined = {}
    for cell in code_cells(stem):
        if re.match(r"import |def |[A-Z]+ = ", cell.source):
            code = re.sub(r"^letters = .*\nprint.*$", "", cell.source, flags=re.M)
            if "solution-only" not in text.tags(cell):
                exec(change(code), defined)
    return defined


@each
def test_the_solution_passes(chapter, stem, about):
    getattr(chapter, about.name)(definitions(stem)[about.name])


@each
def test_the_exercise_is_blank(chapter, stem, about):
    with pytest.raises(NotAttempted):
        getattr(chapter, about.name)(definitions(stem, exercises.blank)[about.name])


@each
def test_the_notebook_calls_the_check_in_a_cell_marked_for_it(chapter, stem, about):
    cells = [cell for cell in code_cells(stem) if "exercise-check" in text.tags(cell)]
    assert f"checks.{about.chapter}.{about.name}({about.name})" in [cell.source for cell in cells]


@each
def test_a_blank_has_one_to_eight_lines(chapter, stem, about):
    cell = next(cell for cell in code_cells(stem) if f"def {about.name}(" in cell.source)
    solution = re.search(r"### BEGIN SOLUTION\n(.*?)\n *### END SOLUTION", cell.source, re.S)[1]
    assert 1 <= len(solution.splitlines()) <= 8


@pytest.mark.parametrize("chapter, stem", CHAPTERS)
def test_the_text_states_the_points(chapter, stem):
    written = source(stem).read_text(encoding="utf-8")
    worth = {}
    for about in exercises_of(chapter):
        number = about.number.split()[0]
        worth[number] = worth.get(number, 0) + about.points
    for number, points in worth.items():
        assert re.search(rf"^\| {re.escape(number)} .*\| {points} \|", written, re.M), number
        assert re.search(rf"## (◇ )?Exercise {re.escape(number)} .*?{points} points", written, re.S), number


@pytest.mark.parametrize("junk", [3, "text", [], {}, (1, 2), [[1], [2]], object(), float, lambda: 1])
@each
def test_no_answer_whatever_makes_a_check_stumble(chapter, stem, about, junk):
    with pytest.raises(CheckFailed) as failure:
        getattr(chapter, about.name)(lambda *args, **kwargs: junk)
    assert "could not read" not in str(failure.value)
