"""Every test of the course, step by step, each with its wall time; `--full` adds the slow ones.

The library's tests and the notebooks run two at a time, each on its share of the cores: most of their work is
one small operation after the other, which a second core hardly speeds up. The browser comes last and alone,
since its tests look at the clock. What the steps print is shown in the order of the list, whole and unmixed;
the first that is not done yet, as it comes.
"""
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LANES = 2                                                # steps at a time
PYTEST = [sys.executable, "-m", "pytest"]
NBVAL = ["--nbval-current-env", "--nbval-cell-timeout=300",
         "--nbval-sanitize-with=tests/notebooks/sanitize.cfg",
         "-o", "filterwarnings=default", "-o", "addopts=-ra --quiet"]
Steps = dict[str, list[str]]                             # what each step is called, and pytest's arguments


def notebooks(*folders: str) -> list[str]:
    return [str(path.relative_to(REPOSITORY)) for folder in folders
            for path in sorted((REPOSITORY / folder).glob("*.ipynb"))]


def side_by_side(full: bool) -> Steps:
    """The library, and the notebooks one by one (nbval's strict and its lax mode cannot share a run)."""
    each = {path.removesuffix(".ipynb"): ["--nbval", *NBVAL, path]
            for path in notebooks("chapters", "solutions")}
    blank = {"exercises, still blank": ["--nbval-lax", *NBVAL, *notebooks("exercises")]}
    return {"library and text": ["tests", "--ignore=tests/browser", *_which(full)], **each, **blank}


def alone(full: bool) -> Steps:
    return {"browser": ["tests/browser", *_which(full)]}


def _which(full: bool) -> list[str]:
    return ["-m", "not network" if full else "not slow and not network"]


def environment(home: Path, lanes: int) -> dict[str, str]:
    """Of a step that shares the machine with `lanes - 1` others, with a record of progress of its own."""
    share = max(1, (os.cpu_count() or 1) // lanes)
    return {"OMP_NUM_THREADS": str(share)} | os.environ | {
        "METACOURSE_PROGRESS": str(home / "progress"), "PYTHONUNBUFFERED": "1"}


def run(steps: Steps, lanes: int) -> list[str]:
    """Run the steps, `lanes` at a time; returns the names of those that failed."""
    failed = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(lanes) as pool:
        homes = {name: Path(folder) / str(i) for i, name in enumerate(steps)}
        for home in homes.values():
            home.mkdir()
        running = {name: pool.submit(passes, arguments, homes[name], environment(homes[name], lanes))
                   for name, arguments in steps.items()}
        try:
            for name, step in running.items():
                print(f"\n== {name}", flush=True)
                for new in arriving(homes[name] / "output", step.done):
                    sys.stdout.buffer.write(new)
                    sys.stdout.flush()
                status, seconds = step.result()
                print(f"== {name}: {'FAILED' if status else 'passed'} in {seconds:.0f} s", flush=True)
                failed += [name] if status else []
        except KeyboardInterrupt:                        # which the steps that run have got, too
            pool.shutdown(cancel_futures=True)
            raise
    return failed


def passes(arguments: list[str], home: Path, environment: Mapping[str, str]) -> tuple[int, float]:
    """One step's exit status and wall time; what it prints goes to `home`/output."""
    start, color = time.monotonic(), ["--color=yes"] if sys.stdout.isatty() else []
    with open(home / "output", "wb") as output:
        status = subprocess.run([*PYTEST, *arguments, *color], cwd=REPOSITORY, env=environment,
                                stdout=output, stderr=subprocess.STDOUT).returncode
    return status, time.monotonic() - start


def arriving(path: Path, done: Callable[[], bool], every: float = 0.3) -> Iterator[bytes]:
    """What is written to a file, as it comes, until `done`."""
    at, last = 0, False
    while not last:
        last = done()                                    # asked before looking, so that nothing is missed
        new = path.read_bytes()[at:] if path.exists() else b""
        at += len(new)
        yield new
        if not last:
            time.sleep(every)


def main(full: bool) -> int:
    start = time.monotonic()
    failed = run(side_by_side(full), min(LANES, os.cpu_count() or 1)) + run(alone(full), lanes=1)
    print(f"\nAll tests: {time.monotonic() - start:.0f} s; failed: {', '.join(failed) or 'none'}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main("--full" in sys.argv))
