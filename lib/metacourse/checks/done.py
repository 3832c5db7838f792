"""What has been done: the exercises of every chapter with their points, from the local progress store."""
from itertools import groupby
from typing import NamedTuple

from metacourse import progress as store
from metacourse.checks import few_shot, fundamentals, maml, transfer
from metacourse.checks.exercise import Exercise, exercises

CHAPTERS = (fundamentals, maml, few_shot, transfer)


class Done(NamedTuple):
    """Every exercise with the points it earned so far; None where it was never tried. Shown as a table."""

    exercises: tuple[tuple[Exercise, int | None], ...]

    def __repr__(self) -> str:
        chapters = groupby(self.exercises, key=lambda row: row[0].number.split(".")[0])
        return "\n\n".join(_chapter(number, list(rows)) for number, rows in chapters)


def progress() -> Done:
    """The table of exercises. What was solved once stays solved. It is kept by `metacourse.progress`."""
    records = store.read("exercise")
    return Done(tuple((about, records.get(about.id, {}).get("points"))
                      for chapter in CHAPTERS for about in exercises(chapter)))


def _chapter(number: str, rows: list) -> str:
    """The rows of a chapter and their sum; one line where nothing in it was tried."""
    core = [(about, points) for about, points in rows if not about.further]
    possible, extra = sum(about.points for about, _ in core), _sum(rows) - _sum(core)
    if all(points is None for _, points in rows):
        return f"Chapter {number}: not begun, {possible} points on the core path."
    total = f"Chapter {number}: {_sum(core)} of {possible} points on the core path"
    beside = f", and {extra} for going further" if extra else ""
    return "\n".join([*(_row(about, points) for about, points in rows), total + beside + "."])


def _sum(rows: tuple | list) -> int:
    return sum(points or 0 for _, points in rows)


def _row(about: Exercise, points: int | None) -> str:
    mark = "○" if points is None else "✓" if points == about.points else "✗"
    name = f"{about.number}{' ◇' * about.further} {about.title}"
    return f"{mark} {name:<42} {points or 0} of {about.points}"
