"""What a check says about an answer."""
import pytest

from metacourse.checks import CheckFailed


def rejected(check, answer) -> str:
    """The report; it is a failure of the test when the answer is accepted."""
    with pytest.raises(CheckFailed) as failure:
        check(answer)
    return str(failure.value)


def names_the_mistake(check, answer, hint: str) -> None:
    """The hint stands in the line of the likeliest mistake, and nowhere else would do."""
    *_, last = rejected(check, answer).partition("likely: ")
    assert hint in " ".join(last.split()), rejected(check, answer)


def blank(*args, **kwargs):
    raise NotImplementedError
