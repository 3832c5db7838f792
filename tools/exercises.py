"""Exercises from the text of the solutions: `python -m tools.exercises` writes them, `--check` only compares.

nbgrader's delimiters, without nbgrader: what stands between `### BEGIN SOLUTION` and `### END SOLUTION`
becomes a blank, and a cell tagged `solution-only` is left out. Checks are tagged `exercise-check`.
"""
import re
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools import text
from tools.address import REPOSITORY
from tools.notebooks import write

SOLUTION = re.compile(r"^(?P<indent>[ \t]*)### BEGIN SOLUTION\n.*?^(?P=indent)### END SOLUTION$", re.M | re.S)
BLANK = "{indent}# your code here\n{indent}raise NotImplementedError"


def blank(source: str) -> str:
    """The source of a cell without its solution."""
    left = SOLUTION.sub(lambda marks: BLANK.format(indent=marks["indent"]), source)
    if "BEGIN SOLUTION" in left or "END SOLUTION" in left:
        raise ValueError("a mark without its partner: `### BEGIN SOLUTION` and `### END SOLUTION` stand on "
                         f"lines of their own, equally far in. The cell is:\n\n{source}")
    return left


def exercise(source: Path) -> NotebookNode:
    """The exercises of one solution: blanks, no outputs. Run All goes on where a blank or its check fails."""
    nb = text.notebook(source, name=f"exercises/{source.stem}")
    nb.cells = [cell for cell in nb.cells if "solution-only" not in text.tags(cell)]
    for cell in nb.cells:
        if cell.cell_type == "code":
            left = blank(cell.source)
            if left != cell.source or "exercise-check" in text.tags(cell):
                cell.metadata["tags"] = sorted({*text.tags(cell), "raises-exception"})
            cell.source = left
    text.name_cells(nb)
    return nb


def stale(source: Path) -> bool:
    """Whether the exercise on disk is not the one that its solution gives."""
    path = REPOSITORY / "exercises" / f"{source.stem}.ipynb"
    return not path.exists() or path.read_text(encoding="utf-8") != nbformat.writes(exercise(source)) + "\n"


def main(check: bool) -> int:
    sources = list(filter(stale, text.texts("solutions")))
    for source in sources:
        if not check:
            write(exercise(source), REPOSITORY / "exercises" / f"{source.stem}.ipynb")
        print(f"exercises/{source.stem}.ipynb", "is stale: run `make exercises`" if check else "written")
    return int(check and bool(sources))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
