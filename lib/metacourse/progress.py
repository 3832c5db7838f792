"""What the learner has done, kept in small files on this machine; nothing is sent anywhere.

One record is one JSON file, `folder()/kind/id.json`, replaced in one step: several notebooks can be open
at once, and no write loses another's record. Delete the folder to start afresh.
"""
import contextlib
import html
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from metacourse.data.cache import write_atomically

HERE_ONLY = "Kept in files on this machine only. Nothing is sent anywhere."

_unwritten: dict[tuple[str, str], Any] = {}       # records of this session that could not be put on disk


def folder() -> Path:
    """Where the records lie: the environment variable METACOURSE_PROGRESS, or the platform's data folder."""
    if chosen := os.environ.get("METACOURSE_PROGRESS"):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "metacourse" / "progress"


def record(kind: str, id: str, value: Any) -> None:
    """Keep `value` (anything JSON can hold) as the record `id` of its kind; an earlier one is replaced.

    Where the folder cannot be written, a warning says so and the record lasts until this kernel stops.
    Raises ValueError for an id that is empty or begins with a dot, TypeError for a value JSON cannot hold.
    """
    if not id or id.startswith("."):
        raise ValueError(f"a progress record needs an id that does not begin with a dot, not {id!r}")
    text = json.dumps(value, ensure_ascii=False)
    try:
        write_atomically(_path(kind, id), lambda new: new.write_text(text, encoding="utf-8"))
        _unwritten.pop((kind, id), None)
    except OSError as error:
        _unwritten[kind, id] = value
        warnings.warn(f"your progress lasts only until this kernel stops: {error}. "
                      "Set METACOURSE_PROGRESS to a folder that you may write to.", stacklevel=2)


def read(kind: str) -> dict[str, Any]:
    """All records of one kind by id. A file that is not JSON is kept aside, with a warning, and left out."""
    records = {}
    for path in sorted((folder() / quote(kind, safe="")).glob("[!.]*.json")):      # a dot: half-written
        with contextlib.suppress(FileNotFoundError):          # another notebook set it aside first
            try:
                records[unquote(path.stem)] = json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                _set_aside(path, error)
    return records | {id: value for (of, id), value in _unwritten.items() if of == kind}


def summary() -> "Summary":
    """Exercises and quizzes with their points, predictions committed, and those whose answer is known."""
    return Summary(read("exercise"), read("quiz"), read("prediction"), read("judged"))


class Summary(NamedTuple):
    """What is done so far; shown as a table. Points are records of the form {"points": 2, "of": 3}."""

    exercises: dict[str, Any]
    quizzes: dict[str, Any]
    predictions: dict[str, Any]
    judged: dict[str, Any]                        # id -> {"sure": 0.8, "right": True}, written by quiz.reveal

    def rows(self) -> list[tuple[str, str, str]]:
        """(what, which, how far) for each line of the table."""
        rows = [("exercise", id, _points(value)) for id, value in self.exercises.items()]
        rows += [("quiz", id, _points(value)) for id, value in self.quizzes.items()]
        if self.predictions:
            right = sum(judged["right"] for judged in self.judged.values())
            rows.append(("predictions", f"{len(self.predictions)} committed",
                         f"{right} of {len(self.judged)} revealed were right"))
        return rows

    def __repr__(self) -> str:
        rows = self.rows() or [("nothing yet", "", "")]
        width = max(len(which) for _, which, _ in rows)
        lines = [f"{what:<12} {which:<{width}}  {far}".rstrip() for what, which, far in rows]
        return "\n".join([*lines, HERE_ONLY])

    def _repr_html_(self) -> str:
        rows = self.rows() or [("nothing yet", "", "")]
        cells = [[f"<td style='text-align: left'>{html.escape(cell)}</td>" for cell in row] for row in rows]
        body = "".join(f"<tr>{''.join(row)}</tr>" for row in cells)
        return f"<table><tbody>{body}</tbody></table><p><small>{HERE_ONLY}</small></p>"


def _points(value: Any) -> str:
    """`{"points": 2, "of": 3}` as "2 of 3 points"; anything else as it is."""
    if isinstance(value, dict) and {"points", "of"} <= set(value):
        return f"{value['points']} of {value['of']} points"
    return str(value)


def _path(kind: str, id: str) -> Path:
    return folder() / quote(kind, safe="") / (quote(id, safe=" ") + ".json")


def _set_aside(path: Path, error: ValueError) -> None:
    kept = path.with_suffix(".corrupt")
    os.replace(path, kept)
    warnings.warn(f"the progress record {path.parent.name}/{path.name} cannot be read ({error}); it is kept "
                  f"as {kept.name}, and the record starts afresh.", stacklevel=3)
