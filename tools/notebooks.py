"""Chapters and solutions from their text, executed: `python -m tools.notebooks [NAME...]`, or all.

A notebook is written only when every cell ran. Whatever differs from run to run although nothing changed
(times, the kernel's version, the random names of widgets) is left out: a difference in git means something.
"""
import hashlib
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tools import text
from tools.address import REPOSITORY

NEVER_SET = ("_view_count", "tabbable", "tooltip")               # empty entries of every widget


def execute(nb: NotebookNode, folder: Path) -> NotebookNode:
    """Run all cells in `folder` with a fresh kernel and a fresh record of the learner's progress."""
    client = NotebookClient(nb, kernel_name="python3", timeout=600, record_timing=False,
                            coalesce_streams=True, store_widget_state=True,
                            resources={"metadata": {"path": str(folder)}})
    with tempfile.TemporaryDirectory() as progress:
        client.execute(env=os.environ | {"METACOURSE_PROGRESS": progress, "MPLBACKEND": "agg"})
    return nb


def widget_states(nb: NotebookNode) -> dict:
    """The state of each widget by its id, in order of creation."""
    kinds = nb.metadata.get("widgets", {})
    return kinds.get("application/vnd.jupyter.widget-state+json", {}).get("state", {})


def tidy(nb: NotebookNode, name: str) -> NotebookNode:
    """Leave out what differs between two runs; widgets are named by the order in which they were made.

    Of layouts and styles what was set is kept: the rest, some forty empty entries each, is the default.
    """
    states = widget_states(nb)
    for widget in states.values():
        bare = widget["model_name"].endswith(("LayoutModel", "StyleModel"))
        widget["state"] = {key: value for key, value in widget["state"].items()
                           if value is not None or not (bare or key in NEVER_SET)}
    nb.metadata = NotebookNode(text.KERNEL | ({"widgets": nb.metadata.widgets} if states else {}))
    stable = {widget: hashlib.sha256(f"{name} {number}".encode()).hexdigest()[:32]
              for number, widget in enumerate(states)}
    written = re.sub(r"[0-9a-f]{32}", lambda match: stable.get(match[0], match[0]), nbformat.writes(nb))
    return nbformat.reads(written, as_version=4)


def write(nb: NotebookNode, path: Path) -> None:
    """Replace the notebook at `path` in one step."""
    nbformat.validate(nb)
    draft = path.with_suffix(".draft")
    draft.write_text(nbformat.writes(nb) + "\n", encoding="utf-8", newline="\n")
    draft.replace(path)


def build(source: Path, folder: str) -> None:
    start, name = time.monotonic(), f"{folder}/{source.stem}"
    nb = execute(text.notebook(source, name=name), REPOSITORY / folder)
    write(tidy(nb, name), REPOSITORY / f"{name}.ipynb")
    print(f"{name}.ipynb in {time.monotonic() - start:.0f} s", flush=True)


def main(wanted: list[str]) -> None:
    for folder in ("chapters", "solutions"):
        for source in text.texts(folder):
            if not wanted or source.stem in wanted or f"{folder}/{source.stem}" in wanted:
                build(source, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
