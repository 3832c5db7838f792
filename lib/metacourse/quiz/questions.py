"""Questions as data: read from the TOML files beside this module, and checked once."""
import string
import tomllib
from functools import cache
from numbers import Real
from pathlib import Path
from typing import NamedTuple

TEXTS = Path(__file__).parent


class Choice(NamedTuple):
    """One answer to choose. Where the experiment decides, right if what was measured is as it says."""

    text: str
    why: str                                              # what is right or wrong about it
    right: bool = False
    between: list[float] | None = None                    # low <= value < high
    when: list[str] | None = None                         # the value is a word, and one of these

    def is_right(self, value: Real | str | None) -> bool:
        """Does this choice hold, given what was measured?"""
        if self.when is not None:
            return value in self.when
        return self.right if self.between is None else self.between[0] <= value < self.between[1]


class Question(NamedTuple):
    """A multiple-choice question, or (without choices) a share to estimate on a slider."""

    id: str
    question: str
    choices: tuple[Choice, ...] = ()
    answer: float | None = None                           # of a share, where a pencil can find it
    within: float = 0.05                                  # an estimate this near counts as right
    why: str = ""                                         # of a share: the explanation
    measured: tuple[str, ...] = ()                        # sentences with {fields} that the notebook fills in

    def texts(self) -> list[str]:
        """The choices with their letters: "a) ..."."""
        return [f"{letter}) {choice.text}" for letter, choice in zip(string.ascii_lowercase, self.choices)]

    def right_choices(self, value: Real | str | None = None) -> list[str]:
        """The texts of the right choices; `value` is what was measured, where the experiment decides."""
        return [choice.text for choice in self.choices if choice.is_right(value)]

    def is_right(self, answer: str | float, value: Real | str | None = None) -> bool:
        """Is this choice (its text), or this share, right?"""
        if self.choices:
            return answer in self.right_choices(value)
        truth = self.answer if value is None else value
        return abs(answer - truth) <= self.within + 1e-9

    def decided_by_value(self) -> bool:
        """Can the answer only be known by measuring?"""
        return bool(self.decides()) or (not self.choices and self.answer is None)

    def decides(self) -> list[str]:
        """The values that decide: "0 to 0.1", or words."""
        spans = [f"{low:g} to {high:g}" for low, high in filter(None, (c.between for c in self.choices))]
        return spans + [word for choice in self.choices for word in choice.when or ()]

    def units(self) -> dict[str, str]:
        """What reveal can be given, with its unit: "" (a share), "points", "number" or "word"."""
        units = {field: unit for sentence in self.measured
                 for _, field, unit, _ in string.Formatter().parse(sentence) if field}
        if any(choice.when for choice in self.choices):
            return units | {"value": "word"}
        return {"value": "number"} | units if self.decides() else units


@cache
def load(name: str) -> dict[str, Question]:
    """The questions of quiz/NAME.toml by id, in the order of the file."""
    tables = tomllib.loads((TEXTS / f"{name}.toml").read_text(encoding="utf-8"))
    return {id: _question(id, table) for id, table in tables.items()}


def _question(id: str, table: dict) -> Question:
    choices = tuple(Choice(**choice) for choice in table.get("choices", ()))
    measured = tuple(table.get("measured", ()))
    return Question(id, **{**table, "choices": choices, "measured": measured})


def fields(sentence: str) -> set[str]:
    """The names in braces: {"alone"} for "One by one: {alone}."."""
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}


def predictions() -> dict[str, Question]:
    """The predictions of all chapters."""
    return {id: question for path in sorted(TEXTS.glob("predictions_*.toml"))
            for id, question in load(path.stem).items()}


def find(questions: dict[str, Question], id: str) -> Question:
    """The question of this id; raises KeyError with the ids there are."""
    if id not in questions:
        raise KeyError(f"there is no question {id!r}; there are: {', '.join(questions)}")
    return questions[id]
