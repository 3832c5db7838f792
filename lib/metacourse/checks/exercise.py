"""An exercise: what is asked, what it is worth, and the check that answers back.

A check is a generator. It calls the learner's function, and yields a sentence for every property that holds:

    @exercise("1.3", points=2)
    def interval(answer):
        \"\"\"The 95% interval.\"\"\"
        mean, half = answer(torch.tensor([0.2, 0.4]))
        expect.number(mean, 0.3, "the mean")
        yield "the mean of 0.2 and 0.4 is 0.3"
"""
import functools
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from metacourse import progress
from metacourse.checks import time_limit
from metacourse.checks.attempt import Attempt
from metacourse.checks.report import CheckFailed, NotAttempted

SECONDS = 15.0                                            # for a whole check, which needs a fraction of one


class Exercise(NamedTuple):
    """`name` is the learner's function in the notebook, and its check in `checks.<chapter>`."""

    chapter: str
    number: str
    name: str
    title: str
    points: int
    further: bool                                         # ◇, outside the core path

    @property
    def id(self) -> str:
        return f"{self.chapter}.{self.name}"


def exercise(number: str, *, points: int, further: bool = False,
             warm_up: Callable[[], Any] | None = None) -> Callable[[Callable], Callable]:
    """Turn a generator of sentences into a check, which prints a ✓ for each or raises CheckFailed.

    The first line of its docstring is the exercise's title. `warm_up` is called before the clock starts:
    what PyTorch loads the first time.
    """
    def decorate(properties: Callable[[Attempt], Iterator[str]]) -> Callable[[Any], None]:
        chapter, title = properties.__module__.split(".")[2], properties.__doc__.split("\n")[0].rstrip(".")
        about = Exercise(chapter, number, properties.__name__, title, points, further)

        @functools.wraps(properties)
        def check(function: Any) -> None:
            answer = Attempt(function)

            def tell() -> None:
                for sentence in properties(answer):
                    print(f"✓ {sentence}")

            if warm_up:
                warm_up()
            try:
                time_limit.call(tell, seconds=SECONDS)
            except time_limit.OutOfTime as late:
                raise _report(_endless(late), about, answer) from None
            except CheckFailed as failure:
                raise _report(failure, about, answer) from None
            except Exception as error:                    # ours: an answer that nobody thought of
                raise _report(_unreadable(error), about, answer) from None
            _remember(about, points)
            print(f"{number} {title}: done, {points} point{'s' * (points != 1)}.")

        check.exercise = about
        return check
    return decorate


def exercises(chapter: ModuleType) -> list[Exercise]:
    """The exercises whose checks live in a chapter's module, in the order of their numbers."""
    found = [getattr(check, "exercise", None) for check in vars(chapter).values()]
    return sorted((about for about in found if isinstance(about, Exercise)), key=lambda about: about.number)


def _report(failure: CheckFailed, about: Exercise, answer: Attempt) -> CheckFailed:
    failure.title = f"{about.number} {about.title}"
    if not isinstance(failure, NotAttempted):
        failure.given = failure.given or answer.called
        _remember(about, 0)
    return failure.with_traceback(None)


def _endless(late: time_limit.OutOfTime) -> CheckFailed:
    stuck = "" if late.stopped else " It could not be stopped either: restart the kernel."
    return CheckFailed(f"your function did not finish within {late.seconds:g} seconds",
                       likely=f"a loop whose condition never becomes false.{stuck}")


def _unreadable(error: Exception) -> CheckFailed:
    return CheckFailed("the check could not read this answer", came=f"{type(error).__name__}: {error}",
                       likely="another type or shape than the docstring asks for.")


def _remember(about: Exercise, points: int) -> None:
    """Keep the best result: what was solved once stays solved."""
    before = progress.read("exercise").get(about.id, {})
    if points >= before.get("points", 0):
        progress.record("exercise", about.id, {"points": points, "of": about.points})
