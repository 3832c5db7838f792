"""Where an experiment's result goes, what it must not replace, and how it says how it was made."""
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import torch

from metacourse import results
from metacourse.training import parallel
from metacourse.training.checkpoint import flat


def refuse_to_replace(name: str, settings: dict) -> None:
    """Raises ValueError where a result of other settings, or of more seeds, would be lost to this run."""
    try:
        recorded = results.load(name)
    except ValueError:                                      # not readable: nothing is lost
        return
    if not recorded:
        return
    before, now = flat(recorded["settings"]), flat(json.loads(json.dumps(settings)))
    if set(before.get("seeds", [])) <= set(now.get("seeds", [])):
        before["seeds"] = now.get("seeds")
    for key in {**now, **before}:
        if now.get(key) != before.get(key):
            raise ValueError(f"{results.folder() / name}.json is of {key}={before.get(key)!r}, this run has "
                             f"{key}={now.get(key)!r} and would replace it: say --out FOLDER, or delete it")


def save(name: str, **content) -> None:
    try:
        results.save(name, **content)
    except OSError as error:
        raise OSError(f"{results.folder() / name}.json cannot be written ({error}): is the disk full, the "
                      "folder yours? The trainings are kept: go on with --resume.") from error


@contextmanager
def results_in(folder: Path | None, *, throw_away: bool) -> Iterator[None]:
    """Results are read and written in `folder`; by ranks other than 0 in a copy, which goes away."""
    before = os.environ.get("METACOURSE_RESULTS")
    with ExitStack() as stack:
        if folder is None and throw_away:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if parallel.rank() > 0:
            folder = stack.enter_context(_copy_of(folder or results.folder()))
        if folder is not None:
            os.environ["METACOURSE_RESULTS"] = str(folder)
        try:
            yield
        finally:
            os.environ.pop("METACOURSE_RESULTS", None)
            if before is not None:
                os.environ["METACOURSE_RESULTS"] = before


@contextmanager
def _copy_of(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as copy:
        for file in (*folder.glob("*.json"), *folder.glob("*.safetensors")):
            (Path(copy) / file.name).symlink_to(file.resolve())        # which a new file replaces, here only
        yield Path(copy)


def machine(device: torch.device) -> str:
    many = f", {parallel.world()} ranks" if parallel.world() > 1 else ""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device) + many
    return f"{device.type}, {platform.machine()}, {torch.get_num_threads()} thread(s){many}"


def commit() -> str:
    """The commit of the code, with a + where files of the library differ from it."""
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True,
                              check=True).stdout.strip()
    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", "..", ":!../results")
        return git("rev-parse", "--short=10", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
