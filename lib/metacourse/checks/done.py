"""What has been done: the exercises of every chapter with their points, read from the local progress store."""
from typing import NamedTuple

from metacourse import progress as store
from metacourse.checks import fundamentals
from metacourse.checks.exercise import Exercise, exercises

CHAPTERS = [fundamentals]


class Done(NamedTuple):
    """Every exercise with the points it earned so far; None where it was never tried. Shown as a table."""

    exercises: tuple[tuple[Exercise, int | None], ...]

    def __repr__(self) -> str:
        core = [(about, points) for about, points in self.exercises if not about.further]
        total = f"{_sum(core)} of {sum(about.points for about, _ in core)} points on the core path"
        extra = _sum(self.exercises) - _sum(core)
        rows = [_row(about, points) for about, points in self.exercises]
        return "\n".join([*rows, total + (f", and {extra} for going further." if extra else ".")])


def progress() -> Done:
    """The table of exercises. Solved ones stay solved; the store is described in `metacourse.progress`."""
    records = store.read("exercise")
    rows = [(about, records.get(about.id, {}).get("points")) for chapter in CHAPTERS
            for about in exercises(chapter)]
    return Done(tuple(rows))


def _sum(rows: tuple | list) -> int:
    return sum(points or 0 for _, points in rows)


def _row(about: Exercise, points: int | None) -> str:
    mark, how = ("○", "not attempted yet") if points is None else ("✓",
                                                                   "") if points == about.points else ("✗",
                                                                                                       "tried")
    return f"{mark} {about.number:<6} {about.title:<44} {points or 0} of {about.points} {how}".rstrip()
