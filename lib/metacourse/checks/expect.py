"""What a check may expect of an answer. Each function returns it in one plain form, or raises CheckFailed.

`likely` maps a mistake, in words, to the value or shape that it leads to; the mistake that came is reported.
"""
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from metacourse.checks.report import CheckFailed, show

Shapes = Mapping[str, Sequence[int]]


def number(came: Any, wanted: float, what: str, *, likely: Mapping[str, float] | None = None,
           tolerance: float = 1e-3) -> float:
    """A number: Python's, NumPy's, or a tensor with one element; right within `tolerance` of its size."""
    value = _as_float(came)
    if value is None:
        raise CheckFailed(f"{what} should be one number", came=_with_type(came), wanted=show(float(wanted)))
    if not _close(value, wanted, tolerance):
        mistakes = [mistake for mistake, wrong in (likely or {}).items() if _close(value, wrong, tolerance)]
        raise CheckFailed(f"{what} is not right", came=value, wanted=show(float(wanted)),
                          likely="".join(mistakes[:1]))
    return value


def tensor(came: Any, what: str, *, shape: Sequence[int], axes: str, likely: Shapes | None = None) -> Tensor:
    """A tensor of exactly this shape, on the CPU; `axes` names its axes."""
    wanted = f"a tensor [{axes}] = {list(shape)}"
    if not isinstance(came, Tensor):
        raise CheckFailed(f"{what} should be a tensor", came=_with_type(came), wanted=wanted)
    if tuple(came.shape) != tuple(shape):
        mistakes = [mistake for mistake, wrong in (likely or {}).items() if tuple(came.shape) == tuple(wrong)]
        raise CheckFailed(f"{what} has the wrong shape", came=str(list(came.shape)), wanted=wanted,
                          likely="".join(mistakes[:1]))
    return came.detach().cpu()


def labels(came: Any, what: str, *, shape: Sequence[int], axes: str, likely: Shapes | None = None) -> Tensor:
    """A tensor of class labels: int64, which `cross_entropy` and `nll_loss` ask for."""
    value = tensor(came, what, shape=shape, axes=axes, likely=likely)
    if value.dtype != torch.int64:
        raise CheckFailed(f"{what} has the wrong dtype", came=str(value.dtype), wanted="torch.int64",
                          likely="labels are class numbers, and `cross_entropy` wants them as int64: "
                                 "`torch.arange(way)` makes such numbers.")
    return value


def parts(came: Any, names: Sequence[str], what: str) -> tuple[Any, ...]:
    """A tuple or list of these parts, in this order."""
    wanted = f"{len(names)} parts: {', '.join(names)}"
    if not isinstance(came, tuple | list):
        raise CheckFailed(f"{what} should have {len(names)} parts", came=_with_type(came), wanted=wanted)
    if len(came) != len(names):
        raise CheckFailed(f"{what} should have {len(names)} parts", came=f"{len(came)} parts", wanted=wanted)
    return tuple(came)


def _with_type(value: Any) -> str:
    return f"{show(value)}, of type {type(value).__name__}"


def _as_float(value: Any) -> float | None:
    if isinstance(value, Tensor) and value.numel() != 1:
        return None
    try:
        return float(value.detach() if isinstance(value, Tensor) else value)
    except (TypeError, ValueError):
        return None


def _close(value: float, wanted: float, tolerance: float) -> bool:
    return abs(value - wanted) <= tolerance * max(abs(wanted), 1e-3)
