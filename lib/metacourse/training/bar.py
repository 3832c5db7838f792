"""A progress bar for somebody who is watching. It leaves nothing behind in a saved notebook."""
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

WIDTH = 30                                                  # characters
EVERY = 0.2                                                 # seconds between two drawings


@contextmanager
def bar(steps: int, start: int = 0, progress: bool = True) -> Iterator[Callable]:
    """show(step, note="") redraws the bar. In scripts without a terminal and in executed notebooks it is silent."""
    draw, clear = (_notebook() if _watched_notebook() else _terminal(steps, start)) if progress else _silent()
    began, last, kept = time.perf_counter(), 0.0, ""

    def show(step: int, note: str = "") -> None:
        nonlocal last, kept
        kept, now = note or kept, time.perf_counter()
        if now - last > EVERY:
            last = now
            left = (now - began) / max(1, step - start) * (steps - step)
            draw(step, steps, f"{step} of {steps} steps, about {left:.0f} s left" + (f", {kept}" if kept else ""))
    try:
        yield show
    finally:
        clear()


def _watched_notebook() -> bool:
    """Is a person running this cell? A front end can ask its user for input; nbclient, nbval and CI cannot."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return bool(getattr(getattr(shell, "kernel", None), "_allow_stdin", False))


def _notebook() -> tuple[Callable, Callable]:
    from IPython.display import display
    handle = display({"text/plain": ""}, raw=True, display_id=True)

    def draw(step: int, steps: int, text: str) -> None:
        full = WIDTH * step // steps
        handle.update({"text/plain": "█" * full + "░" * (WIDTH - full) + "  " + text}, raw=True)
    return draw, lambda: handle.update({}, raw=True)        # an output without data: nothing is shown or printed


def _terminal(steps: int, start: int) -> tuple[Callable, Callable]:
    line = tqdm(total=steps, initial=start, leave=False, disable=not sys.stderr.isatty())

    def draw(step: int, steps: int, text: str) -> None:
        line.update(step - line.n)
    return draw, line.close


def _silent() -> tuple[Callable, Callable]:
    return lambda *_: None, lambda: None
