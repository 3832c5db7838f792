"""Every test of the course, step by step, each with its wall time; `--full` adds the slow ones.

A few pytest runs and not one, because nbval's strict and its lax mode cannot share a run.
"""
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
NBVAL = ["--nbval-current-env", "--nbval-cell-timeout=300",
         "--nbval-sanitize-with=tests/notebooks/sanitize.cfg",
         "-o", "filterwarnings=default", "-o", "addopts=-ra --quiet"]


def notebooks(*folders: str) -> list[str]:
    return [str(path.relative_to(REPOSITORY)) for folder in folders
            for path in sorted((REPOSITORY / folder).glob("*.ipynb"))]


def steps(full: bool) -> dict[str, list[str]]:
    """What each step is called, and pytest's arguments for it."""
    which = ["-m", "not network" if full else "not slow and not network"]
    return {
        "library and text": ["tests", "--ignore=tests/browser", *which],
        "chapters and solutions": ["--nbval", *NBVAL, *notebooks("chapters", "solutions")],
        "exercises, still blank": ["--nbval-lax", *NBVAL, *notebooks("exercises")],
        "browser": ["tests/browser", *which],
    }


def passes(name: str, arguments: list[str], environment: dict[str, str]) -> bool:
    """Run one step, and say how long it took."""
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    command = [sys.executable, "-m", "pytest", *arguments]
    status = subprocess.run(command, cwd=REPOSITORY, env=environment).returncode
    verdict = "passed" if status == 0 else "FAILED"
    print(f"== {name}: {verdict} in {time.monotonic() - start:.0f} s", flush=True)
    return status == 0


def main(full: bool) -> int:
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"METACOURSE_PROGRESS": str(Path(home) / "progress")}
        failed = [name for name, args in steps(full).items() if not passes(name, args, environment)]
    print(f"\nAll tests: {time.monotonic() - start:.0f} s; failed: {', '.join(failed) or 'none'}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main("--full" in sys.argv))
