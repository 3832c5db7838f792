"""Every chapter, opened in a browser from a clean state, runs from top to bottom."""
from pathlib import Path

import pytest

from tests.browser.jupyter import open_and_run, py, screenshot

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))


def test_a_new_notebook_runs_and_answers(page, lab):
    open_and_run(page, lab, lab.notebook("hello.ipynb", "answer = 6 * 7", "print(answer)"))
    assert py(page, "print(answer)") == "42"


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_run_all_of_a_chapter(page, lab, chapter):
    open_and_run(page, lab, f"chapters/{chapter.name}", seconds=600)
    screenshot(page, f"chapter_{chapter.stem}")
