"""The outer loop every method in the course shares."""
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Params
from metacourse.training import checkpoint as checkpoints
from metacourse.training.bar import bar

OPTIMIZERS = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}


class History(NamedTuple):
    """What happened on the way."""

    loss: Float[Tensor, " steps"]
    validation: list[tuple[int, float]]         # (steps done, value)
    best_step: int                              # steps done when the returned θ was saved
    seconds: float
    stopped: str                                # "done", "patience" or "interrupt"

    def __repr__(self) -> str:
        best = f", best validation {max(v for _, v in self.validation):.3f}" if self.validation else ""
        return f"History({len(self.loss)} steps, {self.stopped}{best}, θ from step {self.best_step})"


class Trained(NamedTuple):
    """The best parameters and how they came about."""

    theta: Params
    history: History

    def __repr__(self) -> str:
        return f"Trained({len(self.theta)} tensors, {self.history!r})"


def train(loss: Callable[[Params, Any], Any], theta: Params, batch: Callable[[int], Any], *, steps: int,
          outer_lr: float = 1e-3, optimizer: str = "adam", schedule: str | None = None,
          validate: Callable[[Params], Any] | None = None, validate_every: int = 100, patience: int | None = None,
          checkpoint: str | Path | None = None, resume: bool = False,
          after_step: Callable[[Params], None] | None = None, progress: bool = True) -> Trained:
    """Minimize E[loss(θ, batch)] from `theta`, which stays as it is: one optimizer step for each `batch(step)`.

    `batch(step)` draws by step number, with `reproducible.generator(seed, step)`, so that a run resumes exactly.
    `loss(theta, batch)` is a scalar, or (scalar, gradient) where the method computes its own.
    `schedule="cosine"` lets `outer_lr` fall to zero. `after_step(theta)` may change θ in place.

    Every `validate_every` steps `validate(theta)` gives a number, larger is better; the θ with the largest is
    returned. After `patience` validations without a better one training stops. An interrupt stops it too: what was
    learned is returned. At the same steps the run is saved in the file `checkpoint`; with `resume=True` it goes on
    from there, where there is one, with the same numbers as if it had never stopped (bit for bit on a CPU).

    Raises FloatingPointError where the loss is not finite, ValueError for settings that make no sense.
    """
    _check(steps, optimizer, schedule, validate, validate_every, patience, checkpoint, resume)
    settings = dict(steps=steps, outer_lr=outer_lr, optimizer=optimizer, schedule=schedule,
                    validate=validate is not None, validate_every=validate_every, patience=patience,
                    theta={name: str(list(p.shape)) for name, p in theta.items()})
    theta = {name: p.detach().clone().requires_grad_() for name, p in theta.items()}
    opt = OPTIMIZERS[optimizer](theta.values(), lr=outer_lr)
    run = checkpoints.Run()
    if resume and Path(checkpoint).exists():
        run = checkpoints.load(checkpoint, theta, opt, settings)
    recent: list[Tensor] = []                   # losses since the last look; they stay on the device
    before, started, stopped = run.seconds, time.perf_counter(), "done"
    try:
        with bar(steps, run.step, progress) as show:
            while run.step < steps and not _out_of_patience(run, patience):
                opt.param_groups[0]["lr"] = _rate(outer_lr, schedule, run.step / steps)
                recent.append(_step(loss, theta, batch(run.step), opt, after_step))
                run.step += 1
                show(run.step)
                if run.step % validate_every and run.step < steps:
                    continue
                run.losses, recent = torch.cat([run.losses, _look(recent, run.step, outer_lr)]), []
                _validate(run, theta, validate, show)
                run.seconds = before + time.perf_counter() - started
                if checkpoint is not None:
                    checkpoints.save(checkpoint, run, theta, opt, settings)
        if run.step < steps:
            stopped = "patience"
    except KeyboardInterrupt:
        stopped = "interrupt"
        run.losses = torch.cat([run.losses, *(value.reshape(1).cpu() for value in recent)])
    best = run.best if run.best else {name: p.detach() for name, p in theta.items()}
    seconds = before + time.perf_counter() - started
    return Trained(best, History(run.losses, run.validation, run.best_step or run.step, seconds, stopped))


def _step(loss: Callable, theta: Params, batch: Any, opt: torch.optim.Optimizer,
          after_step: Callable | None) -> Tensor:
    value = loss(theta, batch)                                          # ℒ(θ)
    if isinstance(value, tuple):
        value, gradient = value
        for name, p in theta.items():
            p.grad = gradient[name].detach()
    else:
        opt.zero_grad()
        value.backward()                                                # ∇_θ ℒ
    opt.step()                                                          # θ ← θ − β ∇, or what Adam makes of it
    if after_step:
        with torch.no_grad():
            after_step(theta)
    return value.detach()


def _rate(outer_lr: float, schedule: str | None, done: float) -> float:
    return outer_lr * (1 + math.cos(math.pi * done)) / 2 if schedule == "cosine" else outer_lr


def _look(recent: list[Tensor], step: int, outer_lr: float) -> Float[Tensor, " recent"]:
    """The recent losses, fetched from the device at once: the only place where the device is waited for."""
    losses = torch.stack(recent).float().cpu()
    wrong = (~losses.isfinite()).nonzero().flatten()
    if len(wrong):
        first = int(wrong[0])
        raise FloatingPointError(f"the loss is {losses[first]} at step {step - len(recent) + first}: training has "
                                 f"run away. Lower outer_lr ({outer_lr}) or the method's inner_lr.")
    return losses


def _validate(run: checkpoints.Run, theta: Params, validate: Callable | None, show: Callable) -> None:
    if validate is None:
        return
    value = float(validate({name: p.detach() for name, p in theta.items()}))
    if not run.best or value > max(v for _, v in run.validation):
        run.best, run.best_step = {name: p.detach().clone() for name, p in theta.items()}, run.step
    run.validation.append((run.step, value))
    show(run.step, f"validation {value:.3f}")


def _out_of_patience(run: checkpoints.Run, patience: int | None) -> bool:
    return patience is not None and sum(step > run.best_step for step, _ in run.validation) >= patience


def _check(steps, optimizer, schedule, validate, validate_every, patience, checkpoint, resume) -> None:
    if steps < 1 or validate_every < 1:
        raise ValueError(f"steps={steps}, validate_every={validate_every}; both must be at least 1")
    if optimizer not in OPTIMIZERS or schedule not in (None, "cosine"):
        raise ValueError(f"optimizer={optimizer!r}, schedule={schedule!r}; there are the optimizers "
                         f"{', '.join(OPTIMIZERS)} and the schedules None and 'cosine'")
    if patience is not None and validate is None:
        raise ValueError("patience counts validations without a better one; give `validate` as well")
    if resume and checkpoint is None:
        raise ValueError("resume=True needs the file to resume from: checkpoint=...")
