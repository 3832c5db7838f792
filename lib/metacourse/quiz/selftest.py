"""Self-tests: every wrong choice is explained when it is made; the first answer to a question counts."""
import string
from typing import NamedTuple

import ipywidgets as widgets

from metacourse import progress
from metacourse.quiz import cards
from metacourse.quiz.deck import Deck
from metacourse.quiz.questions import TEXTS, Question, load


class Score(NamedTuple):
    """Questions answered right at the first try."""

    points: int
    of: int

    def __repr__(self) -> str:
        return f"{self.points} of {self.of} points"


def ask(name: str) -> Deck:
    """A self-test on one card, such as "fundamentals" or "briefs". Raises KeyError where there is none."""
    questions = _questions(name)
    answered = _first_answers(name)
    at = next((i for i, id in enumerate(questions) if id not in answered), len(questions))
    deck = Deck(f"Quiz: {name}", tuple(questions.values()), lambda question: _page(name, question),
                lambda: _ending(name, deck), at=0 if at == len(questions) else at,
                closing="Run this cell to answer; every choice is then explained.")
    if at == len(questions):
        deck.show(at)
    return deck


def score(name: str, answers: str | None = None) -> Score:
    """Points of a self-test: of the first answers kept in progress, or of `answers`, letters such as "bacd".

    Raises KeyError for an unknown name, ValueError where there are not as many letters as questions.
    """
    questions = _questions(name)
    given = _first_answers(name) if answers is None else _spelled_out(questions, answers)
    points = sum(question.is_right(given.get(id, "")) for id, question in questions.items())
    return Score(points, len(questions))


def _questions(name: str) -> dict[str, Question]:
    files = [path.stem for path in sorted(TEXTS.glob("*.toml"))]
    available = {stem.removeprefix("selftest_"): stem for stem in files
                 if not stem.startswith(("predictions_", "concepts"))}
    if name not in available:
        raise KeyError(f"there is no quiz {name!r}; there are: {', '.join(available)}")
    return load(available[name])


def _first_answers(name: str) -> dict[str, str]:
    """Question id -> the text chosen first, from the learner's progress."""
    return {id.removeprefix(f"{name}/"): first for id, first in progress.read("answer").items()
            if id.startswith(f"{name}/")}


def _spelled_out(questions: dict[str, Question], letters: str) -> dict[str, str]:
    letters = [letter for letter in letters.lower() if letter in string.ascii_lowercase]
    if len(letters) != len(questions):
        raise ValueError(f"there are {len(questions)} questions, and {len(letters)} letters were given")
    chosen = {id: dict(zip(string.ascii_lowercase, question.choices)).get(letter)
              for (id, question), letter in zip(questions.items(), letters)}
    return {id: choice.text for id, choice in chosen.items() if choice}


def _page(name: str, question: Question) -> list[widgets.Widget]:
    """Choices, a button to check them, and a line that explains the choice."""
    choices, status = cards.choices(question), cards.status()
    check = cards.button("Check", button_style="primary", disabled=True)
    tried = []

    def ready(_change) -> None:
        check.disabled = choices.value is None

    def judge(_button) -> None:
        choice = question.choices[choices.value]
        if not tried:
            progress.record("answer", f"{name}/{question.id}", choice.text)
            progress.record("quiz", name, score(name)._asdict())
        tried.append(choice)
        verdict = "✓ Right." if choice.right else "✗ Not this one."
        again = "" if choice.right else " Choose again."
        status.value = cards.said(f"{verdict} {choice.why}{again}", "right" if choice.right else "wrong")
        choices.disabled = check.disabled = choice.right

    choices.observe(ready, "value")
    check.on_click(judge)
    return [choices, check, status]


def _ending(name: str, deck: Deck) -> list[widgets.Widget]:
    """The score, and a button for another round."""
    again = cards.button("Start over")
    again.on_click(lambda _: deck.restart())
    return [widgets.HTML(cards.said(f"Right at the first try: {score(name)}. {progress.HERE_ONLY}")), again]
