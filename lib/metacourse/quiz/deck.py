"""Several questions on one card: one at a time, with Back and Next, and an ending."""
from collections.abc import Callable, Sequence

import ipywidgets as widgets

from metacourse.quiz import cards
from metacourse.quiz.questions import Question

Widgets = Sequence[widgets.Widget]


class Deck:
    """A card that steps through `questions`.

    `body` makes the widgets under a question's heading (once for each question, when it is first shown),
    `ending` makes those after the last one (each time it is reached).
    """

    def __init__(self, title: str, questions: Sequence[Question], body: Callable[[Question], Widgets],
                 ending: Callable[[], Widgets], *, at: int = 0, closing: str = ""):
        self.title, self.questions, self.closing = title, tuple(questions), closing
        self.body, self.ending = body, ending
        self.back = cards.button("Back")
        self.next = cards.button("Next")
        self.back.on_click(lambda _: self.show(self.at - 1))
        self.next.on_click(lambda _: self.show(self.at + 1))
        self.widget = cards.card()
        self.pages: dict[int, Widgets] = {}
        self.show(at)

    def show(self, at: int) -> None:
        """Turn to question `at`, counted from 0; behind the last one stands the ending."""
        self.at, last = at, len(self.questions)
        if at < last and at not in self.pages:
            question = self.questions[at]
            heading = cards.heading(f"{self.title} · {at + 1} of {last}", question.question)
            self.pages[at] = [heading, *self.body(question)]
        page = self.pages[at] if at < last else self.ending()
        self.back.disabled, self.next.disabled = at == 0, at == last
        self.next.description = "Finish" if at == last - 1 else "Next"
        cards.replace(self.widget, *page, widgets.HBox([self.back, self.next]))

    def restart(self) -> None:
        """Back to the first question, with every page fresh."""
        self.pages.clear()
        self.show(0)

    def __repr__(self) -> str:
        numbered = [cards.as_text(str(i), question) for i, question in enumerate(self.questions, start=1)]
        return "\n\n".join([self.title, *numbered, *filter(None, ["\n".join(cards.wrap(self.closing))])])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return cards.bundle(self.widget, repr(self))
