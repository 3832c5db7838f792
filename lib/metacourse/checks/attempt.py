"""The learner's function, called safely: whatever goes wrong in it becomes a sentence about it."""
import copy
import inspect
import traceback
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from metacourse.checks import report
from metacourse.checks.report import CheckFailed, NotAttempted


class Attempt:
    """Call it like the learner's function, which gets copies of the arguments.

    `called` is the last call in words; `given` are the copies that it got, in the order of its arguments,
    so that a gradient can be taken in them.
    """

    def __init__(self, function: Any):
        self.function, self.called, self.given = function, "", ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not callable(self.function):
            raise CheckFailed("the check wants your function, not its result", came=self.function,
                              likely="brackets after the function's name.")
        self.called = report.call(getattr(self.function, "__name__", "your function"), args, kwargs)
        bound = self._bind(args, kwargs)
        self.given, before = bound.args, _copies(bound.arguments)
        value = self._answer(bound)
        changed = [name for name, was in before.items() if not _same(was, bound.arguments[name])]
        if changed:
            raise CheckFailed(f"your function changed its argument `{changed[0]}` in place",
                              likely="an operation that ends in `_`, a `+=`, an assignment into a slice of "
                                     "the argument, or an optimizer's `step()`: build a new tensor.")
        if value is None:
            raise CheckFailed("your function returned None", likely="a `return` is missing at its end.")
        return value

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> inspect.BoundArguments:
        try:
            return inspect.signature(self.function).bind(*_copies(args), **_copies(kwargs))
        except TypeError as error:
            raise CheckFailed("your function does not take the arguments of the exercise", came=str(error),
                              likely="the `def` line was changed: restore the one that was given.") from None
        except ValueError:
            raise CheckFailed("the check wants a function written with `def`", came=self.function) from None

    def _answer(self, bound: inspect.BoundArguments) -> Any:
        try:
            return self.function(*bound.args, **bound.kwargs)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if isinstance(error, NotImplementedError) and not error.args:    # PyTorch's own have a message
                raise NotAttempted from None
            came = _what_was_raised(error, self.function)
            raise CheckFailed("your function raised an exception", came=came) from None


def _what_was_raised(error: BaseException, function: Callable[..., Any]) -> str:
    """The exception, and the innermost line that the learner wrote."""
    what = report.shorten(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    code = getattr(inspect.unwrap(function), "__code__", None)
    home = code.co_filename if code else None
    lines = [frame for frame in traceback.extract_tb(error.__traceback__)
             if frame.filename == home or _is_cell(frame.filename)]
    return f"{what}\nin line {lines[-1].lineno} of `{lines[-1].name}`: {lines[-1].line}" if lines else what


def _is_cell(filename: str) -> bool:
    """Is this the name that a notebook kernel gives to a cell?"""
    return filename.startswith("<ipython-input") or ("ipykernel_" in filename and filename.endswith(".py"))


def _copies(value: Any) -> Any:
    """Tensors and containers copied, so that no call spoils the next; a generator is shared, and moves on."""
    if isinstance(value, Tensor):
        twin = value.detach().clone().requires_grad_(value.requires_grad)
        if value.is_leaf and value.grad is not None:
            twin.grad = value.grad.clone()
        return twin
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_copies, value))
    if isinstance(value, list | tuple):
        return type(value)(map(_copies, value))
    if isinstance(value, dict):
        return {key: _copies(part) for key, part in value.items()}
    return value if _lent(value) else copy.copy(value)


def _same(was: Any, now: Any) -> bool:
    if isinstance(was, Tensor):
        return isinstance(now, Tensor) and (was.shape, was.dtype) == (now.shape, now.dtype) and \
            torch.equal(was.nan_to_num(), now.nan_to_num())
    if isinstance(was, dict):
        return was.keys() == now.keys() and all(_same(part, now[key]) for key, part in was.items())
    if isinstance(was, list | tuple):
        return len(was) == len(now) and all(map(_same, was, now))
    return _lent(was) or was == now


def _lent(value: Any) -> bool:
    """Is this handed over as it is: a generator, an optimizer, a function, a network?"""
    return isinstance(value, torch.Generator | torch.optim.Optimizer) or callable(value)
