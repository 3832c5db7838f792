"""A prediction that the learner commits to before the experiment, and the answer after it."""
from numbers import Real

import ipywidgets as widgets

from metacourse import progress
from metacourse.quiz import cards
from metacourse.quiz.measured import Measured, check, filled
from metacourse.quiz.questions import Question, find, predictions

_revealed: dict[str, "Reveal"] = {}              # answers already on the page when the learner commits


def predict(id: str) -> "Prediction":
    """Ask for the prediction `id`, for example "1.1 scratch". Raises KeyError where there is none."""
    return Prediction(find(predictions(), id))


def reveal(id: str, **measured: Real | str) -> "Reveal":
    """Show the answer of prediction `id`, every choice explained, beside what the learner had said.

    `measured` is what the notebook has just measured: shares in [0, 1], unless the question gives a unit. It
    fills the sentences of the question that name it; `value` also decides which choice is right, where only
    the experiment can.
    Raises KeyError for an unknown id, ValueError for a number that the question has no place for, or needs.
    """
    question = find(predictions(), id)
    units = question.units()
    if unknown := set(measured) - set(units):
        raise ValueError(f"reveal({id!r}) has no place for {', '.join(sorted(unknown))}; "
                         f"it takes {', '.join(sorted(units)) or 'no numbers'}")
    for name, came in measured.items():
        check(came, f"reveal({id!r}, {name}=...)", units[name])
    if question.decided_by_value() and "value" not in measured:
        what = "the measured share" if units["value"] == "" else f"the measured {units['value']}"
        raise ValueError(f"only the experiment can answer {id!r}: give reveal {what}, value=...")
    if question.choices and not question.right_choices(measured.get("value")):
        raise ValueError(f"reveal({id!r}): value={measured['value']!r} makes no choice right; "
                         f"it decides by {', '.join(question.decides())}")
    return Reveal(question, measured)


class Prediction:
    """A card with the choices (or a slider) and how sure the learner is; it locks when committed."""

    def __init__(self, question: Question):
        self.question = question
        self.answer = cards.choices(question) if question.choices else _slider()
        self.sure = widgets.ToggleButtons(options=_sureness(question), value=None)
        self.sure.style.button_width = "5.4em"
        self.commit = cards.button("Commit", button_style="primary", disabled=True)
        self.status = cards.status()
        heading = cards.heading(f"Predict · {question.id}", question.question)
        how_sure = widgets.HTML(f"<p>{_how_sure(question)}</p>")
        self.widget = cards.card(heading, self.answer, how_sure, self.sure, self.commit, self.status)
        self.answer.observe(self._ready, "value")
        self.sure.observe(self._ready, "value")
        self.commit.on_click(lambda _: self._commit())
        if earlier := kept(question):
            self._lock(f"Noted earlier: {describe(question, earlier)}")

    def _ready(self, _change) -> None:
        self.commit.disabled = self.answer.value is None or self.sure.value is None

    def _commit(self) -> None:
        chosen = self.answer.value
        said = self.question.choices[chosen].text if self.question.choices else round(chosen, 2)
        progress.record("prediction", self.question.id, {"answer": said, "sure": self.sure.value})
        self._lock("Noted. Run the next cells to see.")
        if shown := _revealed.get(self.question.id):
            shown.refresh()

    def _lock(self, message: str) -> None:
        self.answer.disabled = self.sure.disabled = True
        self.commit.layout.display = "none"
        self.status.value = cards.said(message)

    def __repr__(self) -> str:
        levels = ", ".join(label for label, _ in _sureness(self.question))
        ending = f"{_how_sure(self.question)} {levels}."
        return cards.as_text(f"Predict ({self.question.id})", self.question, ending)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return cards.bundle(self.widget, repr(self))


class Reveal:
    """A card with the answer; it is refreshed when the learner commits after it was shown."""

    def __init__(self, question: Question, measured: Measured):
        self.question, self.measured = question, measured
        self.text = widgets.HTML()
        self.widget = cards.card(self.text)
        _revealed[question.id] = self
        self.refresh()

    def refresh(self) -> None:
        """Read what the learner said, judge it, and show both."""
        self.text.value = (f"<p class='metacourse-kind'>Answer · {cards.rich(self.question.id)}</p>"
                           f"{self._verdict()}{cards.paragraphs(self._lines())}")

    def _verdict(self) -> str:
        """What the learner had said, judged (HTML)."""
        question, said = self.question, kept(self.question)
        if said is None:
            return ""
        right = question.is_right(said["answer"], self.measured.get("value"))
        progress.record("judged", question.id, {"sure": said["sure"], "right": right})
        mark, tone = ("✓", "right") if right else ("✗", "wrong")
        return cards.said(f"{mark} {describe(question, said)}", tone)

    def _lines(self) -> list[str]:
        """The answer, what was measured, and each choice with its explanation. Nothing of the learner's."""
        question, value = self.question, self.measured.get("value")
        measured = list(filter(None, [filled(question.measured, self.measured)]))
        if question.choices:
            return [*measured, *cards.explained(question, question.right_choices(value))]
        truth = question.answer if question.answer is not None else value
        return [*measured, f"**The answer: {cards.percent(truth)}.** {question.why}"]

    def __repr__(self) -> str:
        lines = [line for text in self._lines() for line in cards.wrap(text, indent="  ", hang="     ")]
        return "\n".join([f"Answer ({self.question.id})", *lines])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return cards.bundle(self.widget, repr(self))


def kept(question: Question) -> dict | None:
    """The learner's {"answer": ..., "sure": ...}, or None if none fits the question as it is now."""
    match progress.read("prediction").get(question.id):
        case {"answer": str(answer), "sure": float()} as said if answer in [c.text for c in question.choices]:
            return said
        case {"answer": float(), "sure": float()} as said if not question.choices:
            return said
    return None


def describe(question: Question, said: dict) -> str:
    """What the learner said, in a sentence."""
    lettered = {choice.text: text for choice, text in zip(question.choices, question.texts())}
    answer = lettered[said["answer"]] if question.choices else cards.percent(said["answer"])
    return f"You said {answer} ({cards.percent(said['sure'])} sure)"


def _slider() -> widgets.FloatSlider:
    return widgets.FloatSlider(0.5, min=0, max=1, step=0.01, readout_format=".0%", description="Estimate",
                               layout=widgets.Layout(width="100%"))


def _how_sure(question: Question) -> str:
    if question.choices:
        return "How sure are you?"
    return f"How sure are you that the answer lies within {100 * question.within:g} points of yours?"


def _sureness(question: Question) -> list[tuple[str, float]]:
    """How sure one can be, from a guess to 99 %. A guess among n choices is right once in n."""
    n = len(question.choices)
    guess = [("a guess", round(1 / n, 4))] if n > 2 else []
    return guess + [(cards.percent(share), share) for share in cards.SURENESS]
