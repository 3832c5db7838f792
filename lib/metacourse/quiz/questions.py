"""Questions as data: read from the TOML files beside this module, and checked once."""
import string
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

TEXTS = Path(__file__).parent


class Choice(NamedTuple):
    """One answer to choose. Where the experiment decides, right if `between` holds what was measured."""

    text: str
    why: str                                              # what is right or wrong about it
    right: bool = False
    between: list[float] | None = None                    # low <= value < high


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

    def right_choices(self, value: float | None = None) -> list[str]:
        """The texts of the right choices; `value` is what was measured, where the experiment decides."""
        def is_right(choice: Choice) -> bool:
            return choice.right if choice.between is None else choice.between[0] <= value < choice.between[1]
        return [choice.text for choice in self.choices if is_right(choice)]

    def is_right(self, answer: str | float, value: float | None = None) -> bool:
        """Is this choice (its text), or this share, right?"""
        if self.choices:
            return answer in self.right_choices(value)
        truth = self.answer if value is None else value
        return abs(answer - truth) <= self.within + 1e-9

    def decided_by_value(self) -> bool:
        """Can the answer only be known by measuring?"""
        return any(choice.between for choice in self.choices) or (not self.choices and self.answer is None)


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
