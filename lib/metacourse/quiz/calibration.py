"""Were you right as often as you were sure? (Brier, 1950, for the score.)"""
import html
from typing import NamedTuple

from metacourse import progress
from metacourse.quiz.cards import percent

ENOUGH = 5                                            # predictions below which a table would say nothing


def calibration() -> "Calibration":
    """How sure the learner was against how often right, over all predictions whose answer was revealed."""
    judged = progress.read("judged").values()
    return Calibration(tuple((judgement["sure"], judgement["right"]) for judgement in judged))


class Calibration(NamedTuple):
    """Pairs (how sure, right?) of predictions; shown as a table."""

    judged: tuple[tuple[float, bool], ...]

    def brier(self) -> float:
        """Mean (sureness − rightness)²: 0 is perfect, and always saying 50 % gives 0.25."""
        return sum((sure - right) ** 2 for sure, right in self.judged) / len(self.judged)

    def rows(self) -> list[tuple[float, float, int]]:
        """(how sure, share right, how many) for each level of sureness used."""
        levels = sorted({sure for sure, _ in self.judged})
        groups = [(sure, [right for s, right in self.judged if s == sure]) for sure in levels]
        return [(sure, sum(rights) / len(rights), len(rights)) for sure, rights in groups]

    def _few(self) -> str:
        return (f"{len(self.judged)} predictions with a known answer so far. From {ENOUGH} on, this shows "
                "whether you were right as often as you were sure.")

    def _reading(self) -> str:
        sure = sum(sure for sure, _ in self.judged) / len(self.judged)
        right = sum(right for _, right in self.judged) / len(self.judged)
        return (f"On average you were {percent(sure)} sure, and {percent(right)} right. Brier score "
                f"{self.brier():.2f}: 0 is perfect, and always saying {percent(0.5)} gives 0.25.")

    def __repr__(self) -> str:
        if len(self.judged) < ENOUGH:
            return self._few()
        lines = [f"{percent(sure):>8}  {percent(right):>6}  {n:>11}" for sure, right, n in self.rows()]
        return "\n".join(["you said   right  predictions", *lines, self._reading()])

    def _repr_html_(self) -> str:
        if len(self.judged) < ENOUGH:
            return f"<p>{self._few()}</p>"
        cells = "".join(f"<tr><td>{percent(sure)}</td><td>{percent(right)}</td><td>{count}</td></tr>"
                        for sure, right, count in self.rows())
        return ("<table><thead><tr><th>you said</th><th>right</th><th>predictions</th></tr></thead>"
                f"<tbody>{cells}</tbody></table><p>{html.escape(self._reading())}</p>")
