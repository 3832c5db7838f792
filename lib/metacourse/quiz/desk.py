"""The reviewer's desk: a paper, a menu of diagnostics, and the number that the abstract should have had.

    quiz.desk("steady scores")

The page is a paper that claims too much, with its code. The reviewer chooses a diagnostic, runs it, and
reports the corrected number. Everything is computed when it is asked for.
"""
import html
import re
from numbers import Real
from typing import NamedTuple

import ipywidgets as widgets

from metacourse import progress
from metacourse.quiz import cards, papers
from metacourse.quiz.papers.paper import Finding, Paper

NEAR = 0.6                                      # percent or points: how a reported number may be rounded
CODE = ("<pre style='background: var(--jp-layout-color2, rgba(128, 128, 128, .12)); color: inherit; "
        "padding: 8px 12px; margin: 8px 0; overflow-x: auto; line-height: 1.4; font-size: 90%'>{}</pre>")
PAGE = ("<div style='border: 1px solid var(--jp-border-color2, rgba(128, 128, 128, .45)); "
        "padding: 10px 18px; margin: 4px 0 10px'>{}</div>")


class Verdict(NamedTuple):
    """What a reviewer's report is worth."""

    right: bool
    says: str


def desk(name: str) -> "Desk":
    """The paper of this name on the desk, such as "steady scores". Raises KeyError where there is none."""
    return Desk(papers.paper(name))


def judge(paper: Paper, chosen: int, finding: Finding, reported: float) -> Verdict:
    """Does the chosen diagnostic show the flaw, and is the reported number the one it corrects to?"""
    if chosen != paper.flaw:
        return Verdict(False, f"This diagnostic does not show the flaw. {finding.says} So the claim stands "
                              f"as far as this goes: choose another. Hint: {paper.hint}")
    wanted = finding.numbers[paper.corrected]
    if abs(reported - wanted) <= NEAR:
        return Verdict(True, f"This diagnostic shows the flaw, and {reported:g} {paper.unit} is the "
                             f"corrected number. {paper.why} **{paper.habit}**")
    near = [name for name, value in finding.numbers.items() if abs(reported - value) <= NEAR]
    what = f"{reported:g} is “{near[0]}”" if near else f"{reported:g} is none of its numbers"
    return Verdict(False, f"This diagnostic shows the flaw, but {what}. Wanted: the claimed number again, as "
                          "it comes out when the flaw is gone.")


class Desk:
    """A card with the page, the menu, the finding, and a place for the corrected number."""

    def __init__(self, paper: Paper):
        self.paper, self.finding = paper, None
        self.tried: set[int] = set()
        self.menu = widgets.RadioButtons(options=[(d.text, i) for i, d in enumerate(paper.diagnostics)],
                                         value=None, layout=widgets.Layout(width="auto"))
        self.menu.add_class("metacourse-choices")
        self.run = cards.button("Run the diagnostic", button_style="primary", disabled=True,
                                layout=widgets.Layout(width="auto"))
        self.found = widgets.HTML()
        self.number = widgets.Text(description=f"Corrected, in {paper.unit}:", placeholder="a number",
                                   style={"description_width": "initial"})
        self.report = cards.button("Report")
        self.reporting = widgets.HBox([self.number, self.report])
        self.reporting.layout.display = "none"
        self.status = cards.status()
        self.widget = cards.card(
            widgets.HTML(page(paper)), cards.heading("Reviewer", "Which one diagnostic do you run?"),
            self.menu, self.run, self.found, self.reporting, self.status)
        self.menu.observe(self._ready, "value")
        self.run.on_click(lambda _: self._run())
        self.report.on_click(lambda _: self._report())

    def _ready(self, _change) -> None:
        self.run.disabled = self.menu.value is None

    def _run(self) -> None:
        """Compute what was chosen; up to half a minute, in which nothing else can be pressed."""
        diagnostic = self.paper.diagnostics[self.menu.value]
        self.found.value, self.status.value = "", cards.said("Running, half a minute at most …")
        self.run.disabled = self.menu.disabled = True
        try:
            self.finding, self.chosen = diagnostic.run(), self.menu.value
            self.found.value = numbers(self.finding)
            self.reporting.layout.display = None
            self.status.value = cards.said("")
        finally:
            self.run.disabled = self.menu.disabled = False

    def _report(self) -> None:
        number = as_number(self.number.value)
        if number is None:
            self.status.value = cards.said("Wanted: the corrected number, such as 61.3.")
            return
        self.tried.add(self.chosen)
        verdict = judge(self.paper, self.chosen, self.finding, number)
        mark, tone = ("✓", "right") if verdict.right else ("✗", "wrong")
        self.status.value = cards.said(f"{mark} {verdict.says}", tone)
        if verdict.right:
            progress.record("desk", self.paper.name, {"diagnostics": len(self.tried)})
            solved = len(set(progress.read("desk")) & set(papers.NAMES))
            progress.record("quiz", "desk", {"points": solved, "of": len(papers.NAMES)})

    def __repr__(self) -> str:
        paper = self.paper
        text = [line for paragraph in paper.text() for line in [*cards.wrap(paragraph), ""]]
        code = [f"    {line}" for line in paper.source().splitlines()]
        menu = [line for diagnostic in paper.diagnostics
                for line in cards.wrap(f"( ) {diagnostic.text}", indent="  ", hang="      ")]
        return "\n".join([*cards.wrap(paper.title), "", *text, *code, "",
                          "Reviewer. Which one diagnostic do you run? Run this cell to choose.", *menu])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return cards.bundle(self.widget, repr(self))


def as_number(text: str) -> float | None:
    """What a reviewer wrote: "61.3", "61,3 %" or "−1.5 points"."""
    found = re.match(r"[+-]?\d+([.,]\d+)?", text.strip().replace("−", "-"))
    return float(found[0].replace(",", ".")) if found else None


def page(paper: Paper) -> str:
    """HTML of the paper: title, text and code."""
    title = f"<p class='metacourse-question' style='font-size: 115%'>{cards.rich(paper.title)}</p>"
    code = CODE.format(html.escape(paper.source()))
    return PAGE.format(title + cards.paragraphs(paper.text()) + code)


def numbers(finding: Finding) -> str:
    """HTML of what a diagnostic measured: names and numbers, and the sentence that reads them."""
    rows = "".join(f"<tr><td style='padding: 1px 18px 1px 0'>{cards.rich(name)}</td>"
                   f"<td style='text-align: right'>{written(value)}</td></tr>"
                   for name, value in finding.numbers.items())
    return f"<table style='margin: 8px 0'>{rows}</table><p>{cards.rich(finding.says)}</p>"


def written(value: Real) -> str:
    """A count as it is, anything else with one digit."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.1f}".replace("-", "−")
