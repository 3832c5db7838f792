"""What a notebook has measured, and how a sentence shows it: by unit, as in "{after}" or "{lost:points}"."""
import math
from numbers import Real

from metacourse.quiz.cards import NO_BREAK, percent
from metacourse.quiz.questions import fields

Measured = dict[str, Real | str]


def check(came: Real | str, name: str, unit: str) -> None:
    """Raises ValueError where this is not a measurement in this unit."""
    if unit == "word":
        return
    if unit == "" and not 0 <= came <= 1:
        raise ValueError(f"{name} wants shares in [0, 1], not {came}; divide percentages by 100")
    if not math.isfinite(came):
        raise ValueError(f"{name} wants a finite number, not {came}")


def filled(sentences: tuple[str, ...], measured: Measured) -> str:
    """The sentences all of whose fields were measured, with the numbers in their places."""
    known = {name: came if isinstance(came, str) else _Number(came) for name, came in measured.items()}
    return " ".join(text.format(**known) for text in sentences if fields(text) <= set(known))


class _Number(float):
    def __format__(self, unit: str) -> str:
        return {"": percent, "points": _points, "number": _number}[unit](float(self))


def _points(difference: float) -> str:
    """0.021 as "2.1 points", a difference between two shares."""
    return f"{_signed(100 * difference, '.1f')}{NO_BREAK}points"


def _number(value: float) -> str:
    """Three digits at most, and no exponent: 0.0312, 2.68, 140."""
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    text = _signed(value, f".{min(digits, 6)}f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(value: float, form: str) -> str:
    return f"{value:{form}}".replace("-", "−")
