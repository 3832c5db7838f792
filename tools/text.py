"""From the text of a notebook, in MyST Markdown, to the notebook: one direction, never back.

Chapters and solutions are written in `source/`. What all notebooks share is stamped on here: the link to
Colab, the set-up cell, the kernel, and ids of cells that depend on nothing but what the cells hold.
"""
import hashlib
from pathlib import Path

import jupytext
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tools.address import PROJECT, RELEASE, REPOSITORY, WHEEL, in_colab

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
          "language_info": {"name": "python"}}
SETUP = f"""\
# Does nothing where metacourse is installed. Elsewhere, in Colab for example, it installs the library.
import importlib.util
import os

if importlib.util.find_spec("metacourse") is None:
    release = "{RELEASE}"
    wheel = os.environ.get("METACOURSE_WHEEL", f"{{release}}/{WHEEL}")
    %pip install --quiet --no-deps $wheel {" ".join(PROJECT["tool"]["metacourse"]["colab-lacks"])}"""


def texts(folder: str) -> list[Path]:
    """The sources of the notebooks in `chapters` or `solutions`, in reading order."""
    return sorted((REPOSITORY / folder / "source").glob("*.md"))


def notebook(text: Path, *, name: str) -> NotebookNode:
    """The notebook that `text` describes, not executed. `name` is its place: `chapters/01_fundamentals`."""
    nb = jupytext.read(text, fmt="md:myst")
    nb.metadata = NotebookNode(KERNEL)
    stamp(nb, name)
    name_cells(nb)
    return nb


def stamp(nb: NotebookNode, name: str) -> None:
    """Put the link to Colab under the title, and the set-up cell where the text has one, else after it."""
    title, _, rest = nb.cells[0].source.partition("\n")
    nb.cells[0].source = f"{title}\n\n[Open this notebook in Colab]({in_colab(name)})\n{rest}".rstrip()
    if not any("setup" in tags(cell) for cell in nb.cells):
        nb.cells.insert(1, new_code_cell(metadata={"tags": ["setup"]}))
    for cell in nb.cells:
        if "setup" in tags(cell):
            cell.source = SETUP


def name_cells(nb: NotebookNode) -> None:
    """Give each cell an id made from its text, so that a change in one cell leaves the others' ids alone."""
    seen: dict[str, int] = {}
    for cell in nb.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def matter(nb: NotebookNode) -> list[tuple[str, str, tuple[str, ...]]]:
    """What two forms of one notebook must share, cell by cell: kind, source and tags."""
    return [(cell.cell_type, cell.source, tuple(tags(cell))) for cell in nb.cells]
