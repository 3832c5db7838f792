"""A training run on disk: written whole or not at all, resumed only under the settings it began with."""
import hashlib
import io
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from metacourse.data.cache import write_atomically
from metacourse.episode import Params

FORMAT = 2


@dataclass
class Run:
    """How far a run has come; θ and the optimizer travel beside it."""

    step: int = 0                                                       # steps done
    losses: Tensor = field(default_factory=lambda: torch.zeros(0))
    validation: list[tuple[int, float]] = field(default_factory=list)
    best: Params = field(default_factory=dict)                          # empty before the first validation
    best_step: int = 0
    seconds: float = 0.0
    memory: dict = field(default_factory=dict)                          # what else lives on between steps


def save(path: str | Path, run: Run, theta: Params, optimizer: torch.optim.Optimizer, settings: dict,
         experiment: dict | None = None) -> None:
    """Write everything that the next step depends on, or raise OSError and leave nothing half-written.

    `settings` are those of the training, `experiment` those of what it is a part of: plain values.
    """
    buffer = io.BytesIO()
    torch.save({"settings": settings, "experiment": flat(experiment or {}), "run": asdict(run),
                "optimizer": optimizer.state_dict(),
                "theta": {name: p.detach() for name, p in theta.items()}}, buffer)
    content = buffer.getvalue()
    file = {"format": FORMAT, "digest": _digest(content),
            "content": torch.frombuffer(bytearray(content), dtype=torch.uint8)}
    try:
        write_atomically(Path(path), lambda part: torch.save(file, part))
    except (OSError, RuntimeError) as error:                # torch.save has its own error for a full disk
        kept = " The one that is there is still whole." if Path(path).exists() else ""
        raise OSError(f"the checkpoint {path} cannot be written ({error}): is the disk full, the folder "
                      f"yours?{kept}") from error


def load(path: str | Path, theta: Params, optimizer: torch.optim.Optimizer, settings: dict,
         experiment: dict | None = None) -> Run:
    """Put θ and the optimizer back, in place, and return the rest.

    Raises ValueError for a file that is no checkpoint of ours, and for one from other settings.
    """
    state = _read(path)
    _refuse_others(path, state["experiment"], flat(experiment or {}))
    _refuse_others(path, state["settings"], settings)
    with torch.no_grad():
        for name, p in theta.items():
            p.copy_(state["theta"][name])
    optimizer.load_state_dict(state["optimizer"])
    run = Run(**state["run"])
    run.best = {name: p.to(theta[name].device) for name, p in run.best.items()}
    return run


def step_of(path: str | Path) -> int | None:
    """How many steps the run in this file has done; None where there is no whole file."""
    try:
        return _read(path)["run"]["step"]
    except ValueError:
        return None


def flat(settings: dict, above: str = "") -> dict:
    """{"training": {"way": 5}} as {"training.way": 5}."""
    found = {}
    for name, value in settings.items():
        found |= flat(value, f"{above}{name}.") if isinstance(value, dict) else {f"{above}{name}": value}
    return found


def _refuse_others(path: str | Path, before: dict, now: dict) -> None:
    for name in {**now, **before}:
        if now.get(name) != before.get(name):
            raise ValueError(f"{path} was written with {name}={before.get(name)!r}, this run has {name}="
                             f"{now.get(name)!r}. Use the same, or start anew, without resuming.")


def _read(path: str | Path) -> dict:
    try:
        file = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:                              # zip, pickle and end-of-file errors of many kinds
        raise ValueError(f"{path} is no readable checkpoint ({type(error).__name__}). It may be cut short: "
                         "delete it, or start anew, without resuming.") from error
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        found = file.get("format") if isinstance(file, dict) else type(file).__name__
        raise ValueError(f"{path} has checkpoint format {found!r}, this version of metacourse reads "
                         f"{FORMAT}. Start anew, without resuming.")
    content = file["content"].numpy().tobytes()
    if _digest(content) != file["digest"]:
        raise ValueError(f"{path} is damaged: its numbers are not those that were written. Delete it, or "
                         "start anew, without resuming.")
    return torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
