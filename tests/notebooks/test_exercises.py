"""The exercises are the solutions without their answers."""
import re

import pytest

from tests.notebooks.places import BLANK
from tools import exercises, text

SOLUTIONS = text.texts("solutions")
SOLUTION = '''\
# Exercises

```{code-cell} ipython3
from metacourse import checks
```

```{code-cell} ipython3
def half(x):
    """Half of x."""
    ### BEGIN SOLUTION
    if x:
        return x / 2
    return 0
    ### END SOLUTION
```

```{code-cell} ipython3
:tags: [exercise-check]
checks.arithmetic.half(half)
```

+++ {"tags": ["solution-only"]}

Why it works.
'''


@pytest.mark.parametrize("source", SOLUTIONS, ids=lambda source: source.stem)
def test_the_exercise_is_what_its_solution_gives(source):
    assert not exercises.stale(source), "run `make exercises`"


@pytest.mark.parametrize("source", SOLUTIONS, ids=lambda source: source.stem)
def test_every_heading_of_the_solution_is_in_the_exercise(source):
    left = "\n".join(cell.source for cell in exercises.exercise(source).cells)
    prose = re.sub(r"```.*?```", "", source.read_text(encoding="utf-8"), flags=re.S)
    headings = re.findall(r"^#+ .+$", prose, re.M)
    assert [heading for heading in headings if heading not in left] == [], "a `+++` is missing before it"


def test_every_exercise_has_a_solution():
    assert [path.stem for path in BLANK] == [source.stem for source in SOLUTIONS]


@pytest.fixture
def made(tmp_path):
    source = tmp_path / "00_small.md"
    source.write_text(SOLUTION)
    return exercises.exercise(source)


def test_a_solution_becomes_a_blank(made):
    blank = 'def half(x):\n    """Half of x."""\n    # your code here\n    raise NotImplementedError'
    assert blank in [cell.source for cell in made.cells]
    assert not any("SOLUTION" in cell.source or "x / 2" in cell.source for cell in made.cells)


def test_only_blanks_and_their_checks_may_fail(made):
    may_fail = [cell.source.split("(")[0] for cell in made.cells if "raises-exception" in text.tags(cell)]
    assert may_fail == ["def half", "checks.arithmetic.half"]


def test_what_is_for_the_solution_only_is_left_out(made):
    assert "Why it works." not in [cell.source for cell in made.cells]


def test_making_it_twice_gives_the_same_bytes(tmp_path, made):
    assert exercises.exercise(tmp_path / "00_small.md") == made


@pytest.mark.parametrize("source", [
    "### BEGIN SOLUTION\nx = 1",
    "x = 1\n### END SOLUTION",
    "    ### BEGIN SOLUTION\n    x = 1\n### END SOLUTION",
    "### BEGIN SOLUTION x = 1\n### END SOLUTION",
])
def test_a_mark_without_its_partner_is_an_error(source):
    with pytest.raises(ValueError, match="without its partner"):
        exercises.blank(source)


def test_two_solutions_in_one_cell_become_two_blanks():
    one = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n"
    assert exercises.blank(one + "y = 2\n" + one.strip()).count("raise NotImplementedError") == 2


def test_an_empty_solution_becomes_a_blank():
    assert exercises.blank("### BEGIN SOLUTION\n### END SOLUTION") == exercises.BLANK.format(indent="")
