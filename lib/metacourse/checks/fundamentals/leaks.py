"""Exercise 1.2: three short programs, each with a leak. Name them, then write each without it."""
from collections.abc import Iterator

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.expect import true
from metacourse.checks.fundamentals.coded import repeated

LEAKS = {"A": "query in support", "B": "shared classes", "C": "chosen on test"}
NAMES = (*LEAKS.values(), "fixed labels", "batch statistics")
EVIDENCE = {
    "A": "program A knows neither labels nor networks: print its two results side by side, ten times.",
    "B": "take the characters, without their turns, of both results of program B: what do they have in common?",
    "C": "ask which numbers program C looked at before it decided what to publish.",
}
DRAWINGS = 8
CHARACTERS = ("ka", "kha", "ga", "nga", "cha", "ja")
TURNS = (0, 90, 180, 270)


@exercise("1.2", points=1)
def name_the_leaks(answer: Attempt) -> Iterator[str]:
    """Name the leaks."""
    named = answer()
    true(isinstance(named, dict) and set(named) == set(LEAKS),
         "the answer should be a dict with a name for A, B and C", came=named,
         wanted='{"A": "…", "B": "…", "C": "…"}')
    for program, leak in LEAKS.items():
        name = str(named[program]).strip().lower()
        true(name in NAMES, f"program {program}: this is not one of the names", came=name,
             wanted=", ".join(NAMES))
        true(name == leak, f"program {program} has another leak", came=name, likely=EVIDENCE[program])
        yield f"program {program}: {leak}"


@exercise("1.2 A", points=2)
def draw_apart(answer: Attempt) -> Iterator[str]:
    """Draw support and query apart."""
    rng = torch.Generator().manual_seed(0)
    draws = [_rows(answer, rng) for _ in range(60)]
    yield "as many drawings as asked for, all of them in the data, none twice on one side"
    leaky = [draw for draw in draws if set(draw[0]) & set(draw[1])]
    true(not leaky, "a drawing is shown and asked", came=f"shown {leaky[0][0]}, asked {leaky[0][1]}; "
         f"{len(leaky)} of {len(draws)} draws leak" if leaky else "", wanted="nothing in both",
         likely="two orderings, one for each side: make one ordering and cut it in two.")
    yield f"nothing that is asked was shown, in {len(draws)} draws"
    true(any(draw != draws[0] for draw in draws), "the same drawings come at every call", came=str(draws[0]),
         likely="nothing random is drawn: cut a random ordering.")
    again = torch.Generator().manual_seed(0)
    true([_rows(answer, again) for _ in range(3)] == draws[:3], "the same seed should draw the same",
         likely="a random call without `generator=rng`.")
    for side, name in enumerate(["shown", "asked"]):
        never = sorted(set(range(DRAWINGS)) - {row for draw in draws for row in draw[side]})
        true(not never, f"some drawings are never {name}", came=f"in {len(draws)} draws never {never}",
             likely="a fixed part of the data for each side: cut a random ordering of all drawings.")
    yield "rng decides, and every drawing is sometimes shown and sometimes asked"


@exercise("1.2 B", points=2)
def split_characters(answer: Attempt) -> Iterator[str]:
    """Split by character."""
    rng = torch.Generator().manual_seed(0)
    splits = [_split(answer, rng) for _ in range(30)]
    for train, test in splits:
        shared = sorted({name for name, _ in train} & {name for name, _ in test})
        true(not shared, "training and test share characters", came=", ".join(
            f"{name} {turn}° in training" for name, turn in train if name in shared[:1]) + (f", {shared[0]} in test" if shared else ""),
            wanted="all turns of a character on one side",
             likely="turned copies are made before splitting, so one character "
            "is four classes: split the characters, then turn them.")
        _complete(train, test)
    yield "no character is on both sides, however it is turned"
    yield "2 characters are held out, and every class is there, once"
    true(any(test != splits[0][1] for _, test in splits), "the same characters are held out at every call",
         likely="nothing random is drawn: order the characters at random.")
    again = torch.Generator().manual_seed(0)
    true([_split(answer, again) for _ in range(3)] == splits[:3], "the same seed should give the same split",
         likely="a random call without `generator=rng`.")
    never = set(CHARACTERS) - {name for _, test in splits for name, _ in test}
    true(not never, "some characters are never held out", came=", ".join(sorted(never)),
         likely="only part of the list is shuffled.")
    yield "rng decides which characters are held out"


@exercise("1.2 C", points=1)
def score_to_publish(answer: Attempt) -> Iterator[str]:
    """Choose on validation, report on test."""
    validation, test = torch.tensor([0.60, 0.72, 0.70, 0.66]), torch.tensor([0.61, 0.65, 0.74, 0.58])
    likely = {
        "the best test accuracy: that is choosing on test.": 0.74,
        "this is the validation accuracy: it was used to choose, so it flatters the model too.": 0.72,
        "the validation accuracy of the best test checkpoint: the two are swapped.": 0.70,
        "this is the last checkpoint: the best on validation was wanted.": 0.58,
        "this is the mean over checkpoints: one model is published.": test.mean().item(),
        "this is the number of the checkpoint: report its test accuracy.": 1.0,
    }
    expect.number(answer(validation, test), 0.65, "the accuracy to publish", likely=likely)
    yield "checkpoint 1 is best on validation, and has 65% on test"
    expect.number(answer(test, validation), 0.70, "the accuracy to publish",
                  likely={"the answer does not follow its arguments.": 0.65})
    yield "with other checkpoints, another number"


def _rows(answer: Attempt, rng: torch.Generator, shot: int = 3, queries: int = 5) -> tuple[list[int],
                                                                                           list[int]]:
    sides = expect.parts(answer(DRAWINGS, shot=shot, queries=queries, rng=rng), ["shown", "asked"],
                         "the answer")
    shown, asked = (side.tolist() if isinstance(side, Tensor) else [int(row) for row in side]
                    for side in sides)
    for rows, n, name in [(shown, shot, "shown"), (asked, queries, "asked")]:
        true(len(rows) == n, f"{n} drawings should be {name}", came=f"{len(rows)}: {rows}",
             likely="taking out what overlaps leaves too few: cut one ordering in two." if len(rows) < n
             else "")
        true(set(rows) <= set(range(DRAWINGS)), f"there is no such drawing among those {name}",
             came=str(rows), wanted="0 … 7")
        true(not repeated(rows), f"a drawing is {name} twice", came=str(rows),
             likely="`torch.randint` draws with replacement.")
    return shown, asked


def _split(answer: Attempt, rng: torch.Generator) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    sides = expect.parts(answer(list(CHARACTERS), held_out=2, rng=rng), ["train", "test"], "the answer")
    for side in sides:
        pairs = all(isinstance(item, tuple | list) and len(item) == 2 for item in side) and len(side)
        true(pairs, "both sides should be lists of (character, turn)", came=side,
             wanted='[("ka", 0), ("ka", 90), …]')
    return tuple(sorted((str(name), int(turn)) for name, turn in side) for side in sides)


def _complete(train: list[tuple[str, int]], test: list[tuple[str, int]]) -> None:
    held_out = {name for name, _ in test}
    likely = "held_out counts characters, and each has four turns." if len(test) == 2 else \
        "training and test are swapped." if len(held_out) == len(CHARACTERS) - 2 else ""
    true(len(held_out) == 2, "2 characters should be held out for testing",
         came=f"{len(held_out)}: {sorted(held_out)}", likely=likely)
    wanted = sorted((name, turn) for name in CHARACTERS for turn in TURNS)
    missing = sorted(set(wanted) - {*train, *test})
    true(not missing, "some classes are lost", came=f"missing: {missing[:3]} …",
         likely="every character has four turns, on either side." if {name for name,
                                                                      _ in missing} <= held_out else
         "the two slices leave a gap.")
    true(not repeated([*train, *test]), "a class is there twice", came=str(repeated([*train, *test])[:3]))
