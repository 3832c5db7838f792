"""What every experiment shares: the command line, the clock, and a results file that says how it was made.

An experiment is a module with a frozen dataclass of settings, a function from settings to payload, and

    if __name__ == "__main__":
        runner.run("protonet_glyphs", Settings(), experiment, smoke=SMOKE)
"""
import argparse
import dataclasses
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from metacourse import results
from metacourse.data import cache
from metacourse.episode import Params
from metacourse.training import Trained, train
from metacourse.training.reproducible import device, versions


@dataclass(frozen=True)
class Run:
    """What the command line decided, and what an experiment may ask for."""

    name: str
    device: torch.device
    data: Path | None = None                                # folder of real data sets
    minutes: float | None = None                            # every training stops after so many
    resume: bool = False
    smoke: bool = False
    started: float = field(default_factory=time.perf_counter)
    before: list[float] = field(default_factory=list)       # seconds of training done before it was resumed

    def train(self, label: str, loss: Callable, theta: Params, batch: Callable, *,
              after_step: Callable[[Params], None] | None = None, **settings) -> Trained:
        """`training.train` on this run's device, with a checkpoint of its own and within its minutes.

        An interrupt ends the whole experiment; `--resume` goes on from the checkpoint.
        """
        began = time.perf_counter()
        end = None if self.minutes is None else began + 60 * self.minutes

        def stop_in_time(theta: Params) -> None:
            if after_step is not None:
                after_step(theta)
            if end is not None and time.perf_counter() > end:
                raise KeyboardInterrupt
        theta = {name: p.to(self.device) for name, p in theta.items()}
        trained = train(loss, theta, batch, checkpoint=self._checkpoint(label), resume=self.resume,
                        after_step=stop_in_time, **settings)
        if trained.history.stopped == "interrupt" and (end is None or time.perf_counter() < end):
            raise KeyboardInterrupt
        self.before.append(max(0.0, trained.history.seconds - (time.perf_counter() - began)))
        self.say(f"{label}: {trained.history}")
        return trained

    def say(self, text: str) -> None:
        """A line for whoever watches, with the minutes since the start."""
        print(f"{(time.perf_counter() - self.started) / 60:6.1f} min  {text}", flush=True)

    def minutes_of_work(self) -> float:
        """Since the start and before it, without what other processes took from this one on a busy CPU."""
        passed = time.perf_counter() - self.started
        worked = min(passed, time.process_time()) if self.device.type == "cpu" else passed
        return (worked + sum(self.before)) / 60

    def _checkpoint(self, label: str) -> Path:
        return cache.folder() / "checkpoints" / (self.name + ("_smoke" if self.smoke else "")) / f"{label}.pt"


def run(name: str, settings: Any, experiment: Callable[[Any, Run], dict], *, smoke: Any,
        arguments: Sequence[str] | None = None) -> results.Result:
    """Obey the command line, run the experiment and write NAME.json, whole or not at all; return its content.

    `settings` and `smoke` (the same, but done in seconds) are dataclasses with a field `seeds`. Raises
    SystemExit for a command line that makes no sense, RuntimeError for a device that is not there.
    """
    asked = _parse(name, arguments)
    settings = smoke if asked.smoke else settings
    if asked.seed is not None:
        settings = dataclasses.replace(settings, seeds=(asked.seed,))
    with _results_in(asked.out, throw_away=asked.smoke):
        here = Run(name, device(asked.device), asked.data, asked.minutes, asked.resume, asked.smoke)
        code = commit()                                     # as it is now: it may change before the end
        payload = experiment(settings, here)
        results.save(name, settings=dataclasses.asdict(settings), seeds=list(settings.seeds),
                     device=_machine(here.device), versions=versions(), commit=code,
                     minutes=round(here.minutes_of_work(), 2), payload=payload)
        here.say(f"wrote {results.folder() / name}.json")
        return results.load(name)


def _parse(name: str, arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m metacourse.experiments.{name}",
                                     description=f"Make results/{name}.json.")
    parser.add_argument("--device", help="cuda, mps or cpu; the best there is, where left out")
    parser.add_argument("--data", type=Path, default=os.environ.get("METACOURSE_DATA"), metavar="FOLDER",
                        help="real data sets; METACOURSE_DATA, where left out")
    parser.add_argument("--seed", type=int, help="one training seed in place of the settings' seeds")
    parser.add_argument("--minutes", type=float, help="stop every training after so many")
    parser.add_argument("--resume", action="store_true", help="go on from a stopped run's checkpoints")
    parser.add_argument("--smoke", action="store_true", help="be done in seconds; kept only with --out")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where results go; the library, else")
    asked = parser.parse_args(arguments)
    if asked.data is not None and not asked.data.is_dir():
        parser.error(f"--data {asked.data}: there is no such folder")
    if asked.minutes is not None and not asked.minutes > 0:
        parser.error(f"--minutes {asked.minutes}: wanted more than 0")
    return asked


@contextmanager
def _results_in(folder: Path | None, *, throw_away: bool) -> Iterator[None]:
    before = os.environ.get("METACOURSE_RESULTS")
    with ExitStack() as stack:
        if folder is None and throw_away:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
        if folder is not None:
            os.environ["METACOURSE_RESULTS"] = str(folder)
        try:
            yield
        finally:
            os.environ.pop("METACOURSE_RESULTS", None)
            if before is not None:
                os.environ["METACOURSE_RESULTS"] = before


def _machine(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, {platform.machine()}, {torch.get_num_threads()} thread(s)"


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
