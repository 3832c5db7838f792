"""What a learner reads when a check says no: the input, what came, what was wanted, the likeliest mistake."""
from types import FunctionType
from typing import Any

import torch
from torch import Tensor


class CheckFailed(Exception):
    """An answer that is not right yet. Notebooks show the report and nothing else: no traceback.

    `what` says what is wrong. The other parts are optional, and each becomes a line of the report; the
    exercise fills in `title`, and `given` where it is empty.
    """

    mark = "✗"

    def __init__(self, what: str, *, given: str = "", came: Any = "", wanted: str = "", likely: str = ""):
        super().__init__(what)
        self.what, self.given, self.wanted, self.likely = what, given, wanted, likely
        self.came = came if isinstance(came, str) else show(came)
        self.title = ""

    def __str__(self) -> str:
        parts = {"input": self.given, "came": self.came, "wanted": self.wanted, "likely": self.likely}
        head = f"{self.title}: {self.what}" if self.title else self.what
        lines = [_line(name, text) for name, text in parts.items() if text]
        return "\n".join([f"{self.mark} {head}", *lines])

    def _render_traceback_(self) -> list[str]:
        """IPython asks an exception for its own rendering before it formats a traceback."""
        return str(self).split("\n")


class NotAttempted(CheckFailed):
    """The blank is still blank."""

    mark = "○"

    def __init__(self) -> None:
        super().__init__("not attempted yet")


def show(value: Any) -> str:
    """A value in a few words: small tensors and numbers in full, large ones by dtype and shape."""
    if isinstance(value, Tensor):
        return _show_tensor(value)
    if isinstance(value, torch.Generator):
        return f"<generator, seed {value.initial_seed()}>"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return f"{type(value).__name__}({_named(value._asdict())})"
    if isinstance(value, dict):
        return shorten("{" + ", ".join(f"{key!r}: {show(part)}" for key, part in value.items()) + "}")
    if isinstance(value, list | tuple):
        inside = ", ".join(map(show, value))
        return shorten(f"[{inside}]" if isinstance(value, list) else f"({inside})")
    if isinstance(value, FunctionType):
        return value.__name__
    return shorten(_repr(value))


def call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The call as the learner would write it, with its arguments in a few words."""
    return f"{name}({', '.join([*map(show, args), *([_named(kwargs)] if kwargs else [])])})"


def shorten(text: str, longest: int = 300) -> str:
    """The beginning of a long text."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _named(parts: dict[str, Any]) -> str:
    return ", ".join(f"{name}={show(part)}" for name, part in parts.items() if part is not None)


def _show_tensor(value: Tensor) -> str:
    dtype = str(value.dtype).removeprefix("torch.")
    if value.numel() > 12:
        return f"{dtype} tensor {list(value.shape)}"
    return f"{dtype} tensor({_rounded(value.detach().cpu().tolist())})"


def _rounded(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_rounded, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception:                                     # a class of the learner's own, half-written
        return f"an object of type {type(value).__name__}"


def _line(name: str, text: str) -> str:
    return f"    {name + ':':<8}" + text.replace("\n", "\n" + " " * 12)
