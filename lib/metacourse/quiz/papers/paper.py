"""What a paper on the reviewer's desk is: a page, its code, and diagnostics that can be run on it."""
import inspect
import textwrap
from collections.abc import Callable
from numbers import Real
from typing import NamedTuple

from metacourse import results

RECORDED = "reviewers_desk"                     # the results file with every claim as its code gives it


class Finding(NamedTuple):
    """What a diagnostic measured: named numbers, in percent or in points, and a sentence that reads them."""

    numbers: dict[str, Real]
    says: str


class Diagnostic(NamedTuple):
    """Something a reviewer can do in less than half a minute."""

    text: str                                   # in the menu
    run: Callable[..., Finding]                 # run(seed=0); the seed is that of the paper's training


class Paper(NamedTuple):
    """A page with an inflated claim. `claim(seed=0)` runs the paper's code and gives the claimed number."""

    name: str
    title: str
    page: str                                   # paragraphs; {claimed} and {other} are recorded numbers
    unit: str                                   # of the claimed number: "%" or "points"
    claim: Callable[..., Finding]               # its first number is the claimed one, its second {other}
    code: tuple[Callable, ...]                  # printed on the page, and run for the claim
    diagnostics: tuple[Diagnostic, ...]
    flaw: int                                   # the place of the one that shows the flaw
    corrected: str                              # which of its numbers the abstract should have had
    hint: str                                   # for those who chose another diagnostic
    why: str                                    # what was wrong
    habit: str                                  # what a reviewer takes home

    def text(self) -> list[str]:
        """The paragraphs, with the numbers that the paper's code gave when it was recorded."""
        paragraphs = [" ".join(lines.split()) for lines in self.page.split("\n\n")]
        return [paragraph.format(**self.numbers()) for paragraph in paragraphs]

    def numbers(self) -> dict[str, str]:
        """{"claimed", "other"} as they are printed, or a dash where nothing is recorded yet."""
        recorded = results.load(RECORDED)
        if not recorded or self.name not in recorded["papers"]:
            return {"claimed": "–", "other": "–"}
        claimed, other = list(recorded["papers"][self.name]["claim"].values())[:2]
        return {"claimed": f"{claimed:.1f}", "other": f"{other:.1f}"}

    def source(self) -> str:
        """The code as it runs, without docstrings of its own: the page has said what it does."""
        return "\n\n".join(textwrap.dedent(inspect.getsource(function)).rstrip() for function in self.code)
