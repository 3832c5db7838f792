"""A progress bar for somebody who is watching. It leaves nothing behind in a saved notebook."""
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WIDTH = 30                                      # characters
EVERY = 0.2                                     # seconds between two drawings


@contextmanager
def bar(steps: int, start: int = 0, progress: bool = True) -> Iterator[Callable]:
    """show(step, note="") draws the bar anew, a few times a second; at the end it is wiped away.

    It is silent where nobody watches: in a script without a terminal, in a notebook that a tool executes.
    """
    draw, wipe = _screen() if progress else _nowhere()
    began, last, kept = time.perf_counter(), 0.0, ""

    def show(step: int, note: str = "") -> None:
        nonlocal last, kept
        kept, now = note or kept, time.perf_counter()
        if now - last > EVERY:
            last, left = now, (now - began) / max(1, step - start) * (steps - step)
            full = WIDTH * step // steps
            draw("█" * full + "░" * (WIDTH - full) + f"  {step} of {steps} steps, {left:.0f} s left  {kept}")
    try:
        yield show
    finally:
        wipe()


def _screen() -> tuple[Callable[[str], None], Callable[[], None]]:
    if _watched_notebook():
        return _notebook()
    return _terminal() if sys.stderr.isatty() else _nowhere()


def _watched_notebook() -> bool:
    """A front end with a person before it may ask for input; nbclient, nbconvert and nbval may not."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return bool(getattr(getattr(shell, "kernel", None), "_allow_stdin", False))


def _notebook() -> tuple[Callable[[str], None], Callable[[], None]]:
    from IPython.display import display
    handle = display({"text/plain": ""}, raw=True, display_id=True)
    # An output without data shows nothing, on the screen and in the saved file. Clearing the cell's outputs
    # instead would also take away what the cell has printed.
    return lambda text: handle.update({"text/plain": text}, raw=True), lambda: handle.update({}, raw=True)


def _terminal() -> tuple[Callable[[str], None], Callable[[], None]]:
    def write(text: str) -> None:
        sys.stderr.write("\r\x1b[K" + text)     # back to the start of the line, which is emptied
        sys.stderr.flush()
    return write, lambda: write("")


def _nowhere() -> tuple[Callable[[str], None], Callable[[], None]]:
    return lambda text: None, lambda: None
