"""Ruff finds nothing in the library, the tools, the tests and the notebooks."""
import subprocess
import sys


def test_ruff_finds_nothing(repository):
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", repository]
    ruff = subprocess.run(command, capture_output=True, text=True)
    assert ruff.returncode == 0, ruff.stdout + ruff.stderr
