"""The runner of all tests: what it shows, in which order, and that no failure gets lost."""
import os
import sys
from pathlib import Path

import pytest

from tools import run_tests


@pytest.fixture
def python(monkeypatch):
    """Steps are lines of Python here, so that a test takes no pytest of its own."""
    monkeypatch.setattr(run_tests, "PYTEST", [sys.executable, "-c"])


def test_steps_are_shown_in_order_and_a_failure_is_named(python, capfdbinary):
    steps = {"slow": ["import time; print('a', flush=True); time.sleep(0.5); print('b')"],
             "red": ["raise SystemExit('one is not two')"], "skip": ["print('SKIPPED: no GPU here')"]}
    assert run_tests.run(steps, lanes=2) == ["red"]
    shown = capfdbinary.readouterr().out.decode()
    places = [shown.index(part) for part in ("== slow\n", "a\n", "b\n", "== slow: passed", "== red\n",
                                             "one is not two", "== red: FAILED", "== skip\n",
                                             "SKIPPED: no GPU here", "== skip: passed")]
    assert places == sorted(places)


def test_every_step_has_its_share_of_the_cores_and_a_record_of_its_own(tmp_path, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    shared, own = run_tests.environment(tmp_path / "a", 2), run_tests.environment(tmp_path / "b", 1)
    assert (shared["OMP_NUM_THREADS"], own["OMP_NUM_THREADS"]) == ("4", "8")
    assert shared["METACOURSE_PROGRESS"] != own["METACOURSE_PROGRESS"]
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert run_tests.environment(tmp_path, 2)["OMP_NUM_THREADS"] == "3"


def test_every_notebook_and_every_folder_of_tests_is_in_a_step():
    steps = run_tests.side_by_side(full=False) | run_tests.alone(full=False)
    given = [argument for arguments in steps.values() for argument in arguments]
    for folder in ("chapters", "solutions", "exercises"):
        paths = {path.relative_to(run_tests.REPOSITORY).as_posix()
                 for path in (run_tests.REPOSITORY / folder).glob("*.ipynb")}
        assert paths and paths <= set(given)
    assert {"tests", "tests/browser", "--ignore=tests/browser"} <= set(given)


def test_what_arrives_is_given_once(tmp_path):
    path, answers = Path(tmp_path / "output"), iter([False, False, True])

    def done() -> bool:
        with open(path, "ab") as output:
            output.write("φ.".encode())
        return next(answers)
    assert b"".join(run_tests.arriving(path, done, every=0)).decode() == "φ.φ.φ."
