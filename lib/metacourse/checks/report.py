"""What a learner reads when a check says no: what was tried, what came, what was wanted, the likeliest mistake."""
from typing import Any

import torch
from torch import Tensor


class CheckFailed(Exception):
    """An answer that is not right yet. Notebooks show the report and nothing else: no traceback.

    `what` is the property in words; the other parts are optional, and each becomes one line of the report.
    """

    mark = "✗"

    def __init__(self, what: str, *, given: str = "", came: str = "", wanted: str = "", likely: str = ""):
        super().__init__(what)
        self.what, self.given, self.came, self.wanted, self.likely = what, given, came, wanted, likely
        self.title = ""

    def __str__(self) -> str:
        parts = {"input": self.given, "came": self.came, "wanted": self.wanted, "likely": self.likely}
        lines = [_line(name, text) for name, text in parts.items() if text]
        head = f"{self.title}: {self.what}" if self.title else self.what
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
    """A value in a few words: small tensors and numbers in full, large ones by shape and dtype."""
    if isinstance(value, Tensor):
        return _show_tensor(value)
    if isinstance(value, torch.Generator):
        return f"a generator seeded with {value.initial_seed()}"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return f"{type(value).__name__}({_named(value._asdict())})"
    if isinstance(value, dict):
        return _shorten("{" + ", ".join(f"{key!r}: {show(part)}" for key, part in value.items()) + "}")
    if isinstance(value, list | tuple):
        ends = "[]" if isinstance(value, list) else "()"
        return _shorten(ends[0] + ", ".join(map(show, value)) + ends[1])
    return _shorten(_repr(value))


def call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """The call as the learner would write it, with its arguments in a few words."""
    return f"{name}({', '.join([*map(show, args), *([_named(kwargs)] if kwargs else [])])})"


def _named(parts: dict[str, Any]) -> str:
    return ", ".join(f"{name}={show(part)}" for name, part in parts.items() if part is not None)


def _show_tensor(value: Tensor) -> str:
    dtype = str(value.dtype).removeprefix("torch.")
    if value.numel() > 12 or value.is_meta:
        return f"{dtype} tensor {list(value.shape)}"
    return f"{dtype} tensor {_rounded(value.detach().cpu().tolist())}"


def _rounded(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_rounded, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception:                                    # a class of the learner's own, half-written
        return f"an object of type {type(value).__name__}"


def _shorten(text: str, longest: int = 200) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _line(name: str, text: str) -> str:
    indent = "\n" + " " * 12
    return f"    {name + ':':<8}" + text.replace("\n", indent)
