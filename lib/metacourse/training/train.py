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
from metacourse.training import parallel
from metacourse.training.bar import bar

OPTIMIZERS = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}
SCHEDULES = {None: lambda done: 1.0, "cosine": lambda done: (1 + math.cos(math.pi * done)) / 2}


class History(NamedTuple):
    """What happened on the way to θ."""

    loss: Float[Tensor, " steps"]
    validation: list[tuple[int, float]]         # (steps done, value)
    best_step: int                              # steps done when θ was as it is returned
    seconds: float
    stopped: str                                # "done", "patience", "stop" or "interrupt"

    def __repr__(self) -> str:
        best = f", best validation {max(v for _, v in self.validation):.3f}" if self.validation else ""
        return f"History({len(self.loss)} steps, {self.stopped}{best}, θ from step {self.best_step})"


class Trained(NamedTuple):
    """The best parameters, and how they came about."""

    theta: Params
    history: History

    def __repr__(self) -> str:
        return f"Trained(θ of {len(self.theta)} tensors, {self.history!r})"


def train(loss: Callable[[Params, Any], Any], theta: Params, batch: Callable[[int], Any], *, steps: int,
          outer_lr: float = 1e-3, optimizer: str = "adam", schedule: str | None = None,
          validate: Callable[[Params], Any] | None = None, validate_every: int = 100,
          patience: int | None = None, checkpoint: str | Path | None = None, resume: bool = False,
          after_step: Callable[[Params], None] | None = None, stop: Callable[[], bool] | None = None,
          memory: Any = None, experiment: dict | None = None, progress: bool = True) -> Trained:
    """Minimize E[loss(θ, batch)] from a copy of `theta`: one step of the optimizer for each `batch(step)`.

    `batch(step)` draws with `reproducible.generator(seed, step)`, so that a run can be taken up where it
    stopped. `loss(theta, batch)` is a scalar, or (scalar, gradient) where the method computes its own.
    `schedule="cosine"` lets `outer_lr` fall to 0. `after_step(theta)` may change θ in place.

    Every `validate_every` steps `validate(theta)` gives a number, larger is better, and the θ with the
    largest is returned; training stops after `patience` validations in a row without a better one, or after
    the step at which `stop()` is true. An interrupt stops it too, and keeps what was learned. At validations
    and after `stop()` the run is saved in the file `checkpoint`; with `resume=True` it goes on from that
    file, if there is one, and gives the numbers of a run that never stopped (bit for bit on a CPU). What else
    lives on between steps, as MoCo's queue, is the `memory`: its `state_dict()` is saved as well, and given
    to its `load_state_dict`. A run that is resumed must have the same settings, and the same `experiment`:
    plain values that `train` has no name for.

    Under torchrun each rank takes its share of every meta-batch (`metacourse.training.parallel`), and θ is
    the same on all of them. A `memory` of what is in meta-batches would know rank 0's tasks only.

    Raises FloatingPointError for a loss that is not finite, ValueError for settings that make no sense.
    """
    settings = dict(steps=steps, outer_lr=outer_lr, optimizer=optimizer, schedule=schedule,
                    validate=validate is not None, validate_every=validate_every, patience=patience)
    _check(**settings, resume=resume, checkpoint=checkpoint)
    theta = {name: p.detach().clone().requires_grad_() for name, p in theta.items()}
    opt = OPTIMIZERS[optimizer](theta.values(), lr=outer_lr)
    settings |= {f"shape of {name}": list(p.shape) for name, p in theta.items()}
    run = checkpoints.Run()
    if resume and Path(checkpoint).exists():
        run = checkpoints.load(checkpoint, theta, opt, settings, experiment)
        if memory is not None:
            memory.load_state_dict(run.memory)
    _check_ranks_agree(run.step, checkpoint)
    parallel.same(theta)
    recent: list[Tensor] = []                   # losses since the last look: they stay on the device
    started, stopped = time.perf_counter() - run.seconds, "done"
    try:
        with bar(steps, run.step, progress and parallel.rank() == 0) as show:
            for step in range(run.step, steps):
                if _out_of_patience(run, patience):
                    stopped = "patience"
                    break
                opt.param_groups[0]["lr"] = outer_lr * SCHEDULES[schedule](step / steps)
                part, weight = parallel.share(batch(step))
                recent.append(_step(loss, theta, part, weight, opt, after_step))
                run.step = step + 1
                show(run.step)
                due = run.step % validate_every == 0 or run.step == steps
                ends = stop is not None and parallel.first(stop())
                if not due and not ends:
                    continue
                run.losses, recent = torch.cat([run.losses, _look(recent, step, outer_lr)]), []
                if due and validate is not None:
                    show(run.step, f"validation {_validate(validate, run, theta):.3f}")
                run.seconds = time.perf_counter() - started
                if checkpoint is not None and parallel.rank() == 0:
                    run.memory = {} if memory is None else memory.state_dict()
                    checkpoints.save(checkpoint, run, theta, opt, settings, experiment)
                if ends and run.step < steps:
                    stopped = "stop"
                    break
    except KeyboardInterrupt:
        stopped = "interrupt"
        run.losses = torch.cat([run.losses, *(value.cpu().reshape(1) for value in recent)])
    best = run.best or {name: p.detach() for name, p in theta.items()}
    seconds = time.perf_counter() - started
    return Trained(best, History(run.losses, run.validation, run.best_step or run.step, seconds, stopped))


def _step(loss: Callable, theta: Params, part: Any, weight: float, opt: torch.optim.Optimizer,
          after_step: Callable | None) -> Tensor:
    value = loss(theta, part)                                       # ℒ(θ)
    if isinstance(value, tuple):
        value, given = value
        gradient = {name: given[name].detach() for name in theta}
    else:
        _check_loss(value)
        opt.zero_grad()
        value.backward()                                            # ∇_θ ℒ
        gradient = {name: p.grad for name, p in theta.items()}
    value, gradient = parallel.mean(value.detach(), gradient, weight)
    for name, p in theta.items():
        p.grad = gradient[name]
    opt.step()                                                      # θ ← θ − β ∇, or what Adam makes of it
    if after_step is not None:
        with torch.no_grad():
            after_step(theta)
    return value


def _look(recent: list[Tensor], step: int, outer_lr: float) -> Float[Tensor, " recent"]:
    """The recent losses, fetched at once: the only place where the loop waits for the device."""
    losses = torch.stack(recent).cpu()
    wrong = (~losses.isfinite()).nonzero().flatten().tolist()
    if wrong:
        first = step + 1 - len(recent) + wrong[0]
        raise FloatingPointError(f"the loss is {losses[wrong[0]]} at step {first}: lower outer_lr={outer_lr} "
                                 "or the method's inner_lr")
    return losses


def _validate(validate: Callable, run: checkpoints.Run, theta: Params) -> float:
    value = parallel.first(float(validate({name: p.detach() for name, p in theta.items()})))
    if not run.best or value > max(v for _, v in run.validation):
        run.best, run.best_step = {name: p.detach().clone() for name, p in theta.items()}, run.step
    run.validation.append((run.step, value))
    return value


def _out_of_patience(run: checkpoints.Run, patience: int | None) -> bool:
    return patience is not None and sum(step > run.best_step for step, _ in run.validation) >= patience


def _check_ranks_agree(step: int, checkpoint: str | Path | None) -> None:
    if step != (there := parallel.first(step)):
        raise ValueError(f"rank {parallel.rank()} finds step {step} in {checkpoint}, rank 0 step {there}: "
                         "every machine must see the same folder (METACOURSE_CACHE)")


def _check_loss(value: Tensor) -> None:
    if value.ndim:
        raise ValueError(f"the loss has shape {list(value.shape)}; wanted one number: take its mean")
    if not value.requires_grad:
        raise ValueError("the loss does not depend on θ: was something detached on the way?")


def _check(*, steps, optimizer, schedule, validate, validate_every, patience, resume, checkpoint, **_):
    if steps < 1 or validate_every < 1:
        raise ValueError(f"steps={steps}, validate_every={validate_every}; both must be at least 1")
    if optimizer not in OPTIMIZERS or schedule not in SCHEDULES:
        raise ValueError(f"optimizer={optimizer!r}, schedule={schedule!r}; wanted one of {list(OPTIMIZERS)} "
                         f"and one of {list(SCHEDULES)}")
    if patience is not None and not validate:
        raise ValueError("patience counts validations without a better one; give `validate`, too")
    if resume and checkpoint is None:
        raise ValueError("resume=True needs the file to go on from: checkpoint=...")
