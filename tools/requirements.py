"""Pin every package for every platform: `python -m tools.requirements`, or `--upgrade` to the newest.

What is pinned stays pinned while pyproject.toml admits it; `--upgrade` starts afresh.
"""
import shutil
import subprocess
import sys
from pathlib import Path

from tools.address import REPOSITORY

PINS = REPOSITORY / "requirements.txt"
UV = shutil.which("uv") or str(REPOSITORY / ".uv" / "bin" / "uv")
FOR_EVERYONE = ["--universal", "--python-version", "3.11", "--extra", "lab", "--extra", "test"]
WITHOUT_ADDRESSES = ["--no-emit-index-url", "--no-header", "--no-annotate"]


def pin(output: Path, *, upgrade: bool = False) -> None:
    """Write the pins that follow from pyproject.toml to `output`, keeping the pins it already holds."""
    options = ["--quiet", "--output-file", str(output), *(["--upgrade"] if upgrade else [])]
    subprocess.run([UV, "pip", "compile", "pyproject.toml", *FOR_EVERYONE, *WITHOUT_ADDRESSES, *options],
                   cwd=REPOSITORY, check=True)


if __name__ == "__main__":
    pin(PINS, upgrade="--upgrade" in sys.argv)
