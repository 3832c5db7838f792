"""What every experiment shares: the command line, the clock, and a results file that says how it was made.

An experiment is a module with a frozen dataclass of settings, a function from settings to payload, and

    if __name__ == "__main__":
        runner.run("protonet_glyphs", Settings(), experiment, smoke=SMOKE)

On several GPUs, or several processes of a CPU (ranks):

    torchrun --nproc-per-node 8 -m metacourse.experiments.protonet_glyphs

Each rank does the same, but for its share of every meta-batch and evaluation. Rank 0 writes, and speaks.
"""
import dataclasses
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from metacourse import results
from metacourse.data import cache
from metacourse.episode import Params
from metacourse.experiments import command_line
from metacourse.experiments.code_hash import code_hash
from metacourse.experiments.recording import commit, machine, refuse_to_replace, results_in, save
from metacourse.training import Trained, parallel, train
from metacourse.training.checkpoint import step_of
from metacourse.training.ranks import ranks
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
    settings: dict = field(default_factory=dict)            # those of the experiment, kept in checkpoints
    code: str = ""                                          # its fingerprint, kept there, too
    before: list[float] = field(default_factory=list)       # seconds of training done before it was resumed
    checkpoints: list[Path] = field(default_factory=list)   # of the trainings so far

    def train(self, label: str, loss: Callable, theta: Params, batch: Callable, **settings) -> Trained:
        """`training.train` on this run's device, with a checkpoint of its own and within its minutes.

        An interrupt ends the whole experiment; `--resume` goes on from the checkpoint.
        """
        began = time.perf_counter()
        self.checkpoints.append(self._checkpoint(label))

        def late() -> bool:
            return time.perf_counter() - began > 60 * self.minutes
        theta = {name: p.to(self.device) for name, p in theta.items()}
        trained = train(loss, theta, batch, checkpoint=self.checkpoints[-1], resume=self.resume,
                        stop=None if self.minutes is None else late, experiment=self._must_agree(label),
                        **settings)
        if trained.history.stopped == "interrupt":
            raise KeyboardInterrupt
        self.before.append(max(0.0, trained.history.seconds - (time.perf_counter() - began)))
        self.say(f"{label}: {trained.history}")
        return trained

    def say(self, text: str) -> None:
        """A line for whoever watches, with the minutes since the start."""
        if parallel.rank() == 0:
            print(f"{(time.perf_counter() - self.started) / 60:6.1f} min  {text}", flush=True)

    def minutes_of_work(self) -> float:
        """Since the start and before it, without what other processes took from this one on a busy CPU."""
        passed = time.perf_counter() - self.started
        worked = min(passed, time.process_time()) if self.device.type == "cpu" else passed
        return (worked + sum(self.before)) / 60

    def how_to_go_on(self) -> str:
        """What is safe on disk, and the command that goes on from there."""
        whole = ((step, path) for path in reversed(self.checkpoints) if (step := step_of(path)) is not None)
        step, path = next(whole, (None, None))
        if path is None:
            return f"There is no checkpoint yet; start again: {command_line.again(self.name)}"
        return (f"The checkpoint of step {step}, {path}, is whole; go on from it: "
                f"{command_line.again(self.name, '--resume')}")

    def _must_agree(self, label: str) -> dict:
        """What is the same when a training is resumed: seeds, too, where its label does not name one.

        The code, too: an old checkpoint could hold the numbers of an older experiment.
        """
        settings = {name: value for name, value in self.settings.items()
                    if name != "seeds" or "seed" not in label}
        return {**settings, "--data": self.data and self.data.resolve().name, "code": self.code}

    def _checkpoint(self, label: str) -> Path:
        return cache.folder() / "checkpoints" / (self.name + ("_smoke" if self.smoke else "")) / f"{label}.pt"


def run(name: str, settings: Any, experiment: Callable[[Any, Run], dict], *, smoke: Any,
        arguments: Sequence[str] | None = None) -> results.Result:
    """Obey the command line, run the experiment and write NAME.json, whole or not at all; return its content.

    `settings` and `smoke` (the same, but done in seconds) are dataclasses with a field `seeds`. Raises
    SystemExit for a command line that makes no sense and after an interrupt, RuntimeError for a device that
    is not there, ValueError where a part of a run would replace a result of other settings.
    """
    asked = command_line.parse(name, arguments)
    settings = smoke if asked.smoke else settings
    if asked.seed is not None:
        settings = dataclasses.replace(settings, seeds=(asked.seed,))
    chosen = device(asked.device)
    here = Run(name, chosen, asked.data, asked.minutes, asked.resume, asked.smoke,
               settings=dataclasses.asdict(settings), code=code_hash(name))
    with (ranks(chosen, here.how_to_go_on), _saying_how_to_go_on(here),
          results_in(asked.out, throw_away=asked.smoke)):
        limit = {} if here.minutes is None else {"--minutes": here.minutes}
        if asked.resume or limit or asked.seed is not None:
            refuse_to_replace(name, {**here.settings, **limit})
        code = commit()                                     # as it is now: it may change before the end
        payload = experiment(settings, here)
        save(name, settings={**here.settings, **limit}, seeds=list(settings.seeds), device=machine(chosen),
              versions=versions(), commit=code, minutes=round(here.minutes_of_work(), 2), payload=payload)
        here.say(f"wrote {results.folder() / name}.json")
        return results.load(name)


@contextmanager
def _saying_how_to_go_on(run: Run) -> Iterator[None]:
    """An interrupt, or SIGTERM, of a single process ends it with one sentence; ranks have their own."""
    alone, main = parallel.world() == 1, threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if alone and main else None
    try:
        yield
    except KeyboardInterrupt:
        if not alone:
            raise
        print(f"\ninterrupted. {run.how_to_go_on()}", file=sys.stderr, flush=True)
        raise SystemExit(130) from None
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
