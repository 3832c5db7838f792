"""Twelve questions about the whole course, the same before it and after it."""
import ipywidgets as widgets

from metacourse import progress
from metacourse.quiz import cards
from metacourse.quiz.deck import Deck
from metacourse.quiz.questions import Choice, Question, load

DO_NOT_KNOW = Choice("I do not know yet.", "")


def concepts(when: str) -> Deck:
    """The concept questions, "before" the course (no feedback) or "after" it (then with a comparison)."""
    if when not in ("before", "after"):
        raise ValueError(f"concepts are asked 'before' or 'after' the course, not {when!r}")
    questions = [q._replace(choices=(*q.choices, DO_NOT_KNOW)) for q in load("concepts").values()]
    ending = _thanks if when == "before" else _comparison
    return Deck(f"Concepts, {when} the course", questions, lambda question: _page(when, question),
                lambda: ending(questions), closing="Run this cell to answer.")


def _page(when: str, question: Question) -> list[widgets.Widget]:
    """The choices; every change is kept, and nothing is said about it."""
    choices = cards.choices(question)
    texts = [choice.text for choice in question.choices]
    earlier = progress.read(f"concepts {when}").get(question.id)
    if earlier in texts:
        choices.value = texts.index(earlier)

    def keep(change: dict) -> None:
        progress.record(f"concepts {when}", question.id, texts[change["new"]])

    choices.observe(keep, "value")
    return [choices]


def _thanks(questions: list[Question]) -> list[widgets.Widget]:
    answered = len(progress.read("concepts before"))
    thanks = (f"Thank you: {answered} of {len(questions)} answers noted. The same questions come again at "
              f"the end of chapter 4, and then the answers. {progress.HERE_ONLY}")
    return [widgets.HTML(cards.said(thanks))]


def _comparison(questions: list[Question]) -> list[widgets.Widget]:
    """How many were right before and after, and every question with its explanations, folded."""
    before, after = progress.read("concepts before"), progress.read("concepts after")
    counts = [f"{sum(q.is_right(answers.get(q.id, '')) for q in questions)} of {len(questions)} right {when}"
              for when, answers in (("before", before), ("after", after)) if answers]
    folded = "".join(_explained(q, before.get(q.id), after.get(q.id)) for q in questions)
    result = f"{', '.join(counts) or 'No answers yet'}. {progress.HERE_ONLY}"
    return [widgets.HTML(cards.said(result) + folded)]


def _explained(question: Question, before: str | None, after: str | None) -> str:
    marks = " → ".join(_mark(question, answer) for answer in (before, after))
    explanations = cards.paragraphs(cards.explained(question, question.right_choices()))
    return f"<details><summary>{marks} {cards.rich(question.question)}</summary>{explanations}</details>"


def _mark(question: Question, answer: str | None) -> str:
    return "–" if answer is None else "✓" if question.is_right(answer) else "✗"
