"""Points for a learner's notebook: run it in a fresh kernel, then check what it defined.

The checks are those of this package, run after the learner's last cell; check cells in the notebook do not
count, edited or not. Marks travel through a file whose name the learner's cells cannot know.

**Limits.** The notebook runs with the rights of the person who grades, and in the process that checks it.
Code written to deceive can succeed: for work that counts, grade in a container, and read what is surprising.
"""
import contextlib
import io
import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from metacourse.checks.done import CHAPTERS
from metacourse.checks.exercise import Exercise, exercises
from metacourse.checks.report import CheckFailed, NotAttempted

NOT_THE_LEARNERS = {"setup", "exercise-check"}            # tags
FORGET_CHANGES = """\
import sys
for name in [name for name in sys.modules if name.split(".")[0] == "metacourse"]:
    del sys.modules[name]"""


class CannotGrade(Exception):
    """There is nothing to grade, or it could not be run; the message says which."""


class Mark(NamedTuple):
    """What one exercise earned. `state` is "passed", "failed", "not attempted" or "missing"."""

    exercise: Exercise
    state: str
    report: str

    @property
    def points(self) -> int:
        return self.exercise.points if self.state == "passed" else 0


def grade(notebook: Path, *, seconds: int = 60) -> list[Mark]:
    """A mark for every exercise of the notebook's chapter. A cell is interrupted after `seconds`."""
    nb = _read(notebook)
    asked = _exercises_in(nb)
    with tempfile.TemporaryDirectory() as folder:
        marks = Path(folder) / f"{secrets.token_hex(16)}.jsonl"
        nb.cells = _learners_cells(nb) + _checks(asked, marks)
        _run(nb, notebook.parent, seconds=seconds, progress=Path(folder) / "progress")
        lines = marks.read_text(encoding="utf-8").splitlines() if marks.exists() else []
    if len(lines) < len(asked):
        raise CannotGrade("the kernel did not reach the last check: it died, or a cell would not stop")
    return [Mark(about, *json.loads(line)) for about, line in zip(asked, lines)]


def mark(place: str, id: str, answer: Any) -> None:
    """In the learner's kernel: check one answer, and append its state and report to the file at `place`."""
    chapter, name = id.split(".")
    check = getattr(sys.modules[f"metacourse.checks.{chapter}"], name)
    state, said = "passed", ""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            check(answer)
    except NotAttempted as blank:
        state, said = "not attempted", str(blank)
    except CheckFailed as failure:
        state, said = "failed", str(failure)
    if answer is None:
        state, said = "missing", f"`{name}` is not defined after the last cell"
    with open(place, "a", encoding="utf-8") as file:
        file.write(json.dumps([state, said]) + "\n")


def _read(notebook: Path) -> Any:
    import nbformat

    try:
        return nbformat.read(notebook, as_version=4)
    except FileNotFoundError:
        raise CannotGrade(f"there is no file {notebook}") from None
    except Exception as error:                            # nbformat has many ways to say so
        raise CannotGrade(f"{notebook} is not a notebook: {error}") from error


def _exercises_in(nb: Any) -> list[Exercise]:
    code = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")
    names = [chapter for chapter in CHAPTERS if f"checks.{chapter.__name__.split('.')[-1]}." in code]
    if not names:
        raise CannotGrade("no cell of this notebook calls a check, as in checks.fundamentals.interval(…)")
    return [about for chapter in names for about in exercises(chapter)]


def _learners_cells(nb: Any) -> list[Any]:
    return [cell for cell in nb.cells
            if cell.cell_type == "code" and not NOT_THE_LEARNERS & set(cell.metadata.get("tags", []))]


def _checks(asked: list[Exercise], marks: Path) -> list[Any]:
    """A cell that undoes changes to this package, and one cell for each check."""
    from nbformat.v4 import new_code_cell

    calls = [f"from metacourse.checks import grade\n"
             f"grade.mark({str(marks)!r}, {about.id!r}, globals().get({about.name!r}))" for about in asked]
    return [new_code_cell(source) for source in [FORGET_CHANGES, *calls]]


def _run(nb: Any, folder: Path, *, seconds: int, progress: Path) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    late = {"ename": "OutOfTime", "evalue": f"the cell took longer than {seconds} seconds", "traceback": []}
    client = NotebookClient(nb, kernel_name="python3", timeout=seconds, allow_errors=True,
                            interrupt_on_timeout=True, error_on_timeout=late,
                            resources={"metadata": {"path": str(folder.resolve())}})
    client.log.disabled = True                            # the table says what matters
    with contextlib.suppress(DeadKernelError):            # the missing marks will tell
        client.execute(env=os.environ | {"METACOURSE_PROGRESS": str(progress), "MPLBACKEND": "agg"},
                       stderr=subprocess.DEVNULL)         # what the kernel itself has to say
