"""`python -m metacourse.checks grade NOTEBOOK [--json]`: points per exercise. `progress`: what is done."""
import argparse
import json
import sys
from pathlib import Path

from metacourse.checks.done import progress
from metacourse.checks.grade import CannotGrade, Mark, grade

MARKS = {"passed": "✓", "failed": "✗", "not attempted": "○", "missing": "○"}


def table(marks: list[Mark]) -> str:
    """One line for each exercise, with the reason where it earned nothing; then the sum."""
    core, further = _split(marks)
    total = f"{_earned(core)} of {_possible(core)} points"
    extra = f", and {_earned(further)} of {_possible(further)} for going further" if further else ""
    return "\n".join([*map(_row, marks), total + extra])


def as_json(notebook: Path, marks: list[Mark]) -> str:
    """The same for a program: points of the core path and beside it, and each exercise with its report."""
    each = [{"id": mark.exercise.id, "number": mark.exercise.number, "title": mark.exercise.title,
             "state": mark.state, "points": mark.points, "of": mark.exercise.points,
             "further": mark.exercise.further, "report": mark.report} for mark in marks]
    core, further = _split(marks)
    return json.dumps({"notebook": notebook.name, "points": _earned(core), "of": _possible(core),
                       "further": _earned(further), "exercises": each}, ensure_ascii=False, indent=1)


def main(arguments: list[str] | None = None) -> int:
    """0 when the notebook could be graded, whatever the points; 2 when it could not."""
    parser = argparse.ArgumentParser(prog="python -m metacourse.checks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("progress", help="what was solved on this machine")
    grading = commands.add_parser("grade", help="points for a learner's notebook")
    grading.add_argument("notebook", type=Path)
    grading.add_argument("--json", action="store_true", help="for a program")
    grading.add_argument("--seconds", type=int, default=60, help="the most that a cell may take (default 60)")
    chosen = parser.parse_args(arguments)
    if chosen.command == "progress":
        print(progress())
        return 0
    try:
        marks = grade(chosen.notebook, seconds=chosen.seconds)
    except CannotGrade as error:
        print(f"cannot grade: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"cannot grade: {error}; install nbclient and ipykernel", file=sys.stderr)
        return 2
    print(as_json(chosen.notebook, marks) if chosen.json else table(marks))
    return 0


def _split(marks: list[Mark]) -> tuple[list[Mark], list[Mark]]:
    """The core path, and what lies beside it."""
    return [m for m in marks if not m.exercise.further], [m for m in marks if m.exercise.further]


def _earned(marks: list[Mark]) -> int:
    return sum(mark.points for mark in marks)


def _possible(marks: list[Mark]) -> int:
    return sum(mark.exercise.points for mark in marks)


def _row(mark: Mark) -> str:
    about = mark.exercise
    name = f"{about.number}{' ◇' * about.further} {about.title}"
    reason = mark.report.split("\n")[0].partition(": ")[2] or mark.report or mark.state
    return f"{MARKS[mark.state]} {name:<42} {mark.points} of {about.points}  {reason}"


if __name__ == "__main__":
    sys.exit(main())
