"""The Colab drill: `python -m tools.colab [NAME...]` runs each notebook alone, as a reader on Colab meets it.

An environment with the versions that Colab ships (listed in pyproject.toml) and without metacourse; an empty
folder with nothing but the .ipynb; and the set-up cell, which installs the wheel of dist/. Downloads 5 GB.
Colab's Python is taken where uv can find or fetch it, else the one that runs this.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tools import text
from tools.address import PROJECT, REPOSITORY, WHEEL
from tools.requirements import UV

SHIPPED = PROJECT["tool"]["metacourse"]["colab"]
BROUGHT = PROJECT["tool"]["metacourse"]["colab-lacks"]


def uv(*arguments: str) -> bool:
    return subprocess.run([UV, *arguments]).returncode == 0


def environment(folder: Path) -> Path:
    """A virtual environment with what Colab ships; returns its Python."""
    python = SHIPPED["python"]
    if not uv("venv", "--quiet", "--seed", "--python", python, str(folder)):
        print(f"Python {python} cannot be had here; the drill goes on with {sys.version.split()[0]}.")
        uv("venv", "--quiet", "--seed", "--python", sys.executable, str(folder))
    packages = [f"{name}=={version}.*" if version else name
                for name, version in SHIPPED.items() if name != "python"]
    if not uv("pip", "install", "--quiet", "--python", str(folder), *packages):
        sys.exit("Colab's versions could not be installed")
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def offer_kernel(python: Path, folder: Path) -> None:
    """Let Jupyter find a kernel named `colab` that runs `python`."""
    kernel = folder / "kernels" / "colab"
    kernel.mkdir(parents=True)
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Colab", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    os.environ["JUPYTER_PATH"] = str(folder)


def run_alone(path: Path) -> NotebookNode:
    """Run a copy of the notebook in an empty folder; raises CellExecutionError where a cell fails."""
    with tempfile.TemporaryDirectory() as empty:
        nb = nbformat.read(shutil.copy(path, empty), as_version=4)
        alone = {"metadata": {"path": empty}}
        NotebookClient(nb, kernel_name="colab", timeout=900, resources=alone).execute()
    return nb


def seconds(cell: NotebookNode) -> float:
    """How long a cell took."""
    times = cell.metadata.execution
    start, end = (datetime.fromisoformat(times[f"iopub.status.{when}"]) for when in ("busy", "idle"))
    return (end - start).total_seconds()


def main(wanted: list[str]) -> None:
    with tempfile.TemporaryDirectory() as home:
        python = environment(Path(home) / "colab")
        offer_kernel(python, Path(home))
        os.environ["METACOURSE_WHEEL"] = str(REPOSITORY / "dist" / WHEEL)
        os.environ["METACOURSE_PROGRESS"] = str(Path(home) / "progress")
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"              # an old ipykernel's warning
        for source in text.texts("chapters") + text.texts("solutions"):
            name = f"{source.parent.parent.name}/{source.stem}.ipynb"
            if not wanted or source.stem in wanted:
                nb = run_alone(REPOSITORY / name)
                setup = next(cell for cell in nb.cells if "setup" in text.tags(cell))
                print(f"{name} ran alone; its set-up cell took {seconds(setup):.1f} s", flush=True)
                uv("pip", "uninstall", "--quiet", "--python", str(python), "metacourse", *BROUGHT)


if __name__ == "__main__":
    main(sys.argv[1:])
