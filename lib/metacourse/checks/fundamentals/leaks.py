"""Exercise 1.2: three short programs, each with a leak. Name them, then write each program without it."""
from collections.abc import Iterator

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.fundamentals import split_by_character
from metacourse.checks.fundamentals.coded import repeated
from metacourse.checks.report import CheckFailed

LEAKS = {"A": "query in support", "B": "shared classes", "C": "chosen on test"}
NAMES = (*LEAKS.values(), "fixed labels", "batch statistics")
LOOK = {
    "A": "program A sees neither labels nor networks: print its two results side by side, ten times.",
    "B": "write down the characters, without their turns, of both results of program B. Compare.",
    "C": "which numbers has program C looked at before it decides what to publish?",
}
DRAWINGS, SHOT, QUERIES = 8, 3, 5                         # 3 + 5 uses every drawing there is

Rows = tuple[list[int], list[int]]                        # shown, asked


@exercise("1.2", points=1)
def name_the_leaks(answer: Attempt) -> Iterator[str]:
    """Name the leaks."""
    named = answer()
    if not isinstance(named, dict) or set(named) != set(LEAKS):
        raise CheckFailed("the answer should name a leak for A, B and C", came=named,
                          wanted='{"A": …, "B": …, "C": …}')
    for program, leak in LEAKS.items():
        name = str(named[program]).strip().lower()
        if name not in NAMES:
            raise CheckFailed(f"program {program}: no such name", came=name,
                              wanted=f"one of {', '.join(NAMES)}")
        if name != leak:
            raise CheckFailed(f"program {program} has another leak", came=name, likely=LOOK[program])
        yield f"program {program}: {leak}"


@exercise("1.2 A", points=2)
def draw_apart(answer: Attempt) -> Iterator[str]:
    """Draw support and query apart."""
    rng, again = torch.Generator().manual_seed(0), torch.Generator().manual_seed(0)
    draws = [_rows(answer, rng) for _ in range(60)]
    yield "as many drawings as asked for, and none twice on one side"
    leaks = [rows for rows in draws if set(rows[0]) & set(rows[1])]
    if leaks:
        raise CheckFailed("a drawing is both shown and asked",
                          came=f"shown {leaks[0][0]}, asked {leaks[0][1]}; {len(leaks)} of {len(draws)} leak",
                          likely="two orderings, one for each side: make one ordering, and cut it in two.")
    yield f"nothing that is asked was shown, in {len(draws)} draws"
    _random(draws, [_rows(answer, again) for _ in range(3)])
    yield "rng decides, and every drawing is shown at times and asked at times"


@exercise("1.2 B", points=2)
def split_characters(answer: Attempt) -> Iterator[str]:
    """Split by character."""
    yield from split_by_character.properties(answer)


@exercise("1.2 C", points=1)
def score_to_publish(answer: Attempt) -> Iterator[str]:
    """Choose on validation, report on test."""
    validation, test = torch.tensor([0.60, 0.72, 0.70, 0.66]), torch.tensor([0.61, 0.65, 0.74, 0.58])
    expect.number(answer(validation, test), 0.65, "the accuracy to publish", likely={
        "the best test accuracy: this is choosing on test.": 0.74,
        "the validation accuracy of the chosen checkpoint: it was used to choose, so it flatters.": 0.72,
        "chosen on test, reported on validation: the two are swapped.": 0.70,
        "the last checkpoint: the best one on validation is wanted.": 0.58,
        "the mean over all checkpoints: only one of them is published.": 0.645,
        "the number of the checkpoint: return its test accuracy.": 1.0})
    yield "checkpoint 1 is the best on validation: publish its 0.65 on test"
    validation, test = torch.tensor([0.5, 0.4, 0.9]), torch.tensor([0.8, 0.7, 0.3])
    expect.number(answer(validation, test), 0.3, "the accuracy to publish")
    yield "also where it hurts: checkpoint 2 is the best on validation, and has 0.30 on test"


def _rows(answer: Attempt, rng: torch.Generator) -> Rows:
    came = answer(DRAWINGS, shot=SHOT, queries=QUERIES, rng=rng)
    shown, asked = map(_whole_numbers, expect.parts(came, ["shown", "asked"], "the answer"))
    for rows, n, name in [(shown, SHOT, "shown"), (asked, QUERIES, "asked")]:
        if len(rows) != n:
            few = "taking out what overlaps leaves too few: cut one ordering in two." if len(rows) < n else ""
            raise CheckFailed(f"{n} drawings should be {name}", came=f"{len(rows)}: {rows}", likely=few)
        if not set(rows) <= set(range(DRAWINGS)):
            raise CheckFailed(f"a drawing that does not exist is {name}", came=rows,
                              wanted=f"0 to {DRAWINGS - 1}")
        if repeated(rows):
            raise CheckFailed(f"a drawing is {name} twice", came=rows,
                              likely="`torch.randint` draws with replacement; `torch.randperm` does not.")
    return shown, asked


def _whole_numbers(side: object) -> list[int]:
    if isinstance(side, list | tuple | range) or (isinstance(side, Tensor) and side.ndim == 1):
        return [int(row) for row in side]
    raise CheckFailed("both sides should be a list or tensor of drawing numbers", came=side)


def _random(draws: list[Rows], again: list[Rows]) -> None:
    if all(rows == draws[0] for rows in draws):
        raise CheckFailed("the same drawings come at every call", came=draws[0],
                          likely="nothing random is drawn, or a seed is set inside your function.")
    if again != draws[: len(again)]:
        raise CheckFailed("one seed should draw the same twice",
                          likely="a random call without `generator=rng`.")
    for side, name in enumerate(["shown", "asked"]):
        never = set(range(DRAWINGS)) - {row for rows in draws for row in rows[side]}
        if never:
            raise CheckFailed(f"some drawings are never {name}", came=f"never {never} in {len(draws)} draws",
                              likely="each side has its own part of the data: order all drawings at random.")
