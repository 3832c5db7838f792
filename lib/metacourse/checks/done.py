"""What has been done: the exercises of every chapter with their points, from the local progress store."""
from typing import NamedTuple

from metacourse import progress as store
from metacourse.checks import fundamentals
from metacourse.checks.exercise import Exercise, exercises

CHAPTERS = (fundamentals,)


class Done(NamedTuple):
    """Every exercise with the points it earned so far; None where it was never tried. Shown as a table."""

    exercises: tuple[tuple[Exercise, int | None], ...]

    def __repr__(self) -> str:
        core = [(about, points) for about, points in self.exercises if not about.further]
        extra = _sum(self.exercises) - _sum(core)
        total = f"{_sum(core)} of {sum(about.points for about, _ in core)} points on the core path"
        rows = [_row(about, points) for about, points in self.exercises]
        return "\n".join([*rows, total + (f", and {extra} for going further" if extra else "") + "."])


def progress() -> Done:
    """The table of exercises. What was solved once stays solved. It is kept by `metacourse.progress`."""
    records = store.read("exercise")
    return Done(tuple((about, records.get(about.id, {}).get("points"))
                      for chapter in CHAPTERS for about in exercises(chapter)))


def _sum(rows: tuple | list) -> int:
    return sum(points or 0 for _, points in rows)


def _row(about: Exercise, points: int | None) -> str:
    mark = "○" if points is None else "✓" if points == about.points else "✗"
    name = f"{about.number}{' ◇' * about.further} {about.title}"
    return f"{mark} {name:<42} {points or 0} of {about.points}"
