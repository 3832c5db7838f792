"""The notebooks there are, and their parts."""
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.address import REPOSITORY

EXECUTED = sorted([*(REPOSITORY / "chapters").glob("*.ipynb"), *(REPOSITORY / "solutions").glob("*.ipynb")])
BLANK = sorted((REPOSITORY / "exercises").glob("*.ipynb"))


def name(path: Path) -> str:
    """`chapters/01_fundamentals`, as pytest shows it."""
    return f"{path.parent.name}/{path.stem}"


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code(nb: NotebookNode) -> list[NotebookNode]:
    """The code cells that hold something."""
    return [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]


def outputs(nb: NotebookNode) -> Iterator[NotebookNode]:
    for cell in code(nb):
        yield from cell.outputs


def written(nb: NotebookNode) -> Iterator[str]:
    """Everything in a notebook that a person may read: sources, and outputs that are text."""
    for cell in nb.cells:
        yield cell.source
    for output in outputs(nb):
        yield output.get("text", "")
        yield from output.get("traceback", [])
        yield from (str(value) for kind, value in output.get("data", {}).items() if "image" not in kind)


def images_without_alt(nb: NotebookNode) -> list[str]:
    """Pictures that say nothing to those who cannot see them, in outputs and in the prose."""
    silent = [kind for output in outputs(nb) for kind in output.get("data", {}) if kind.startswith("image/")
              and not output.metadata.get(kind, {}).get("alt", "").strip()]
    for text in written(nb):
        silent += re.findall(r"!\[\s*\]\([^)]*\)", text)
        silent += re.findall(r"<img\b(?![^>]*\balt=['\"][^'\"])[^>]*>", text)
    return silent
