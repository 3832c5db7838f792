"""Exercise 3.4: a prototypical network with three bugs, of which two cost no accuracy and one adds some."""
import re
from collections.abc import Iterator, Mapping
from typing import Any

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.report import CheckFailed

BUGS = {                                                  # name -> the lines that can be blamed for it
    "not squared": "B",
    "temperature upside down": "C",
    "labels through the order": "EF",
}
NOT_THERE = {
    "softmax over queries": "line C: `-1` is the last axis. What does it count?",
    "mean over classes": "line D takes the support mean: what does axis 1 of [way, shot, dim] count?",
    "wrong sign": "line C: where does the nearest prototype get the largest number?",
    "stale labels": "line H compares with the episode's own labels, in the same order as its queries.",
}
LOOK = {
    "not squared": "accuracy cannot tell. Give `class_log_probs` a query with prototypes 1 and 2 away, and "
                   "compare the probabilities with a pencil.",
    "temperature upside down": "accuracy cannot tell. Call `class_log_probs` with a temperature of 10: are "
                               "the probabilities softer, as the docstring says?",
    "labels through the order": "call `classify` twice, the second time with its queries shuffled. Does "
                                "every query keep its class? What could know where a query stands?",
}


@exercise("3.4", points=2)
def name_the_bugs(answer: Attempt) -> Iterator[str]:
    """Find the bugs."""
    yield from judged(answer(), BUGS, NOT_THERE, LOOK)


def judged(named: Any, bugs: Mapping[str, str], not_there: Mapping[str, str],
           look: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each bug that is named with its line. `bugs` gives the lines, `look` where to look."""
    if not isinstance(named, dict) or not named:
        raise CheckFailed("the answer should name the bugs and their lines", came=named,
                          wanted=f"{{name: line, …}}, {len(bugs)} of them")
    as_given = {name.lower(): name for name in (*bugs, *not_there)}
    named = {str(name).strip().lower(): _letters(line) for name, line in named.items()}
    named = {as_given.get(name, name): lines for name, lines in named.items()}
    for name in named:
        if name in not_there:
            raise CheckFailed(f"{name!r} is not among the bugs", came=f"line {named[name]}",
                              likely=not_there[name])
        if name not in bugs:
            raise CheckFailed("there is no such name", came=repr(name),
                              wanted=f"one of {', '.join([*bugs, *not_there])}")
    for name, lines in bugs.items():
        if name not in named:
            raise CheckFailed("a bug is still hidden", came=f"{len(named)} bugs of {len(bugs)}",
                              likely=look[name])
        if not named[name] or not set(named[name]) <= set(lines):
            raise CheckFailed(f"{name!r} is in another line", came=f"line {named[name] or '?'}",
                              likely=look[name])
        yield f"{name}: line {' or '.join(named[name])}"


def _letters(line: object) -> str:
    """The letters of "e", "EF", "E, F", ("E", "F") or "line E", in upper case."""
    text = "".join(map(str, line)) if isinstance(line, list | tuple | set | frozenset) else str(line)
    return "".join(sorted(letter for letter in re.sub("LINES?|AND|OR", "", text.upper())
                          if letter not in " ,/+&"))
