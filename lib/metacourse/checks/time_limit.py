"""Call a function, and give up when it takes too long: on every platform, and also for `while True: pass`.

The function runs in a thread of its own, so that the caller always gets an answer. A signal would be simpler,
but Windows has none that does it.
"""
import contextvars
import ctypes
import threading
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 4.0                                            # seconds in which a late function may be ended


class OutOfTime(Exception):
    """The function took longer than `seconds`; `stopped` says whether it could be ended."""

    def __init__(self, seconds: float, stopped: bool):
        super().__init__(f"no answer within {seconds:g} seconds")
        self.seconds, self.stopped = seconds, stopped


class _Stop(SystemExit):
    """Raised inside the late thread: `except Exception` lets it pass, and a thread ends with it silently."""


def call(function: Callable[[], Any], *, seconds: float) -> Any:
    """`function()`, or OutOfTime. What it raises is raised here, with its own traceback."""
    outcome: dict[str, Any] = {}
    context = contextvars.copy_context()                  # a notebook routes printed text by context

    def work() -> None:
        try:
            outcome["value"] = context.run(function)
        except BaseException as error:                    # SystemExit too: it is the caller's business
            outcome["error"] = error

    thread = threading.Thread(target=work, daemon=True)   # a thread that cannot be stopped may not block exit
    thread.start()
    try:
        thread.join(seconds)
    except KeyboardInterrupt:
        _stop(thread)
        raise
    if thread.is_alive():
        raise OutOfTime(seconds, stopped=_stop(thread))
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def _stop(thread: threading.Thread) -> bool:
    """Raise _Stop in a running thread, again and again: a bare `except:` swallows most of them."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Stop))
        thread.join(0.005)
        if not thread.is_alive():
            return True
    return False
