"""Exercise 2.5: a training loop with five bugs. Which are they, and in which lines?"""
from collections.abc import Iterator

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.report import CheckFailed

BUGS = {                                                  # name -> the lines that can be blamed for it
    "one function": "A",
    "not restored": "BG",
    "last task only": "C",
    "support gradient added": "DF",
    "first-order": "DE",
}
NOT_THERE = {
    "uphill": "what is the sign in line E?",
    "judged at θ": "line F runs after line E: which weights does the network have by then?",
    "adapts to queries": "which x and which y does line D take?",
}
LOOK = {
    "one function": "make the tasks of two waves, and call both with the same x.",
    "not restored": "keep `network.state_dict()`, change a weight in place, then look at what you kept.",
    "last task only": "follow one `.grad` through two tasks with a pencil: what is left of the first one?",
    "support gradient added": "two lines call `backward()` between two calls of `zero_grad()`: what does "
                              "`.grad` hold after the second?",
    "first-order": "the outer gradient needs to know how φ follows θ. Which line makes φ out of θ, and does "
                   "autograd see it?",
}


@exercise("2.5", points=2)
def name_the_bugs(answer: Attempt) -> Iterator[str]:
    """Find the bugs."""
    named = answer()
    if not isinstance(named, dict) or not named:
        raise CheckFailed("the answer should name the bugs and their lines", came=named,
                          wanted='{name: line, …}, five of them')
    named = {str(name).strip().lower(): str(line).strip().upper() for name, line in named.items()}
    for name in named:
        if name in NOT_THERE:
            raise CheckFailed(f"{name!r} is not among the bugs", came=f"line {named[name]}",
                              likely=NOT_THERE[name])
        if name not in BUGS:
            raise CheckFailed("there is no such name", came=repr(name),
                              wanted=f"one of {', '.join([*BUGS, *NOT_THERE])}")
    for name, lines in BUGS.items():
        if name not in named:
            raise CheckFailed("a bug is still hidden", came=f"{len(named)} bugs of 5", likely=LOOK[name])
        if len(named[name]) != 1 or named[name] not in lines:
            raise CheckFailed(f"{name!r} is in another line", came=f"line {named[name]}", likely=LOOK[name])
        yield f"{name}: line {named[name]}"
