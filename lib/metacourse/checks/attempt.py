"""The learner's function, called safely: whatever goes wrong in it becomes a sentence about it."""
import copy
import inspect
import traceback
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from metacourse.checks import report, time_limit
from metacourse.checks.report import CheckFailed, NotAttempted

SECONDS = 10.0                                            # for one call; the exercises need milliseconds


class Attempt:
    """Call it like the learner's function. It gets copies of the arguments, and `called` remembers the last call."""

    def __init__(self, function: Callable[..., Any], *, seconds: float = SECONDS):
        self.function, self.seconds, self.called = function, seconds, ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.called = report.call(_name(self.function), args, kwargs)
        args, kwargs = _copies(args), _copies(kwargs)
        self._fits(args, kwargs)
        before = _copies(args), _copies(kwargs)
        value = self._answer(args, kwargs)
        for name, was, now in _by_name(self.function, before, (args, kwargs)):
            if not _same(was, now):
                raise CheckFailed(f"your function changed its argument `{name}` in place",
                                  wanted="arguments left as they were",
                                  likely="an operation ending in `_`, `+=`, or an assignment into a slice of the argument: "
                                         "build a new tensor instead.")
        if value is None:
            raise CheckFailed("your function returned None", came="None",
                              likely="a `return` is missing at its end.")
        return value

    def _fits(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            inspect.signature(self.function).bind(*args, **kwargs)
        except TypeError as error:
            raise CheckFailed("your function cannot be called with the arguments of the exercise",
                              came=str(error),
                              likely="the `def` line was changed: restore the one the exercise gives.") from None
        except ValueError:                                # a built-in without a signature: the call will tell
            return

    def _answer(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return time_limit.call(lambda: self.function(*args, **kwargs), seconds=self.seconds)
        except time_limit.OutOfTime as late:
            restart = "" if late.stopped else " It could not be stopped either: restart the kernel."
            raise CheckFailed(f"your function did not finish within {late.seconds:g} seconds",
                              likely="a loop whose condition never becomes false." + restart) from None
        except NotImplementedError:
            raise NotAttempted from None
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise CheckFailed("your function raised an exception", came=_what_was_raised(error,
                                                                                         self.function)) from None


def _name(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _what_was_raised(error: BaseException, function: Any) -> str:
    """The exception, and the innermost line that the learner wrote."""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    theirs = getattr(inspect.unwrap(function), "__code__", None)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_cell(frame.filename)
              or (theirs is not None and frame.filename == theirs.co_filename)]
    return f"{what}\nin line {frames[-1].lineno} of `{frames[-1].name}`: {frames[-1].line}" if frames else what


def _is_cell(filename: str) -> bool:
    """Is this the name that a notebook kernel gives to a cell?"""
    return filename.startswith("<ipython-input") or ("ipykernel_" in filename
                                                     and "site-packages" not in filename)


def _copies(value: Any) -> Any:
    """Tensors and containers copied, so that no call can spoil the next; a generator is shared, and moves on."""
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_copies, value))
    if isinstance(value, list | tuple):
        return type(value)(map(_copies, value))
    if isinstance(value, dict):
        return {key: _copies(part) for key, part in value.items()}
    return value if isinstance(value, torch.Generator) or callable(value) else copy.copy(value)


def _same(was: Any, now: Any) -> bool:
    if isinstance(was, Tensor):
        return was.shape == now.shape and was.dtype == now.dtype and torch.equal(was.nan_to_num(),
                                                                                 now.nan_to_num())
    if isinstance(was, dict):
        return was.keys() == now.keys() and all(_same(was[key], now[key]) for key in was)
    if isinstance(was, list | tuple):
        return len(was) == len(now) and all(map(_same, was, now))
    return isinstance(was, torch.Generator) or callable(was) or was == now


def _by_name(function: Any, before: tuple[tuple, dict], after: tuple[tuple, dict]) -> list[tuple[str, Any,
                                                                                                 Any]]:
    """Every argument as (name, before the call, after it)."""
    signature = inspect.signature(function)
    was, now = signature.bind(*before[0], **before[1]).arguments, signature.bind(*after[0],
                                                                                 **after[1]).arguments
    return [(name, was[name], now[name]) for name in was]
