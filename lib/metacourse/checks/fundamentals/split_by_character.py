"""Exercise 1.2 B: is no character on both sides of the split, however it is turned?"""
from collections.abc import Iterator

import torch

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.fundamentals.coded import repeated
from metacourse.checks.report import CheckFailed

CHARACTERS = ("ka", "kha", "ga", "nga", "cha", "ja")
TURNS = (0, 90, 180, 270)
HELD_OUT = 2

Classes = list[tuple[str, int]]                           # (character, turn), sorted


def properties(answer: Attempt) -> Iterator[str]:
    """The sentences of the check."""
    rng, again = torch.Generator().manual_seed(0), torch.Generator().manual_seed(0)
    splits = [_split(answer, rng) for _ in range(30)]
    for train, test in splits:
        _nothing_shared(train, test)
    yield "no character is on both sides, however it is turned"
    for train, test in splits:
        _nothing_lost(train, test)
    yield f"{HELD_OUT} characters are held out, and every character is there in its four turns"
    _random(splits, [_split(answer, again) for _ in range(3)])
    yield "rng decides which characters are held out"


def _split(answer: Attempt, rng: torch.Generator) -> tuple[Classes, Classes]:
    came = answer(list(CHARACTERS), held_out=HELD_OUT, rng=rng)
    sides = expect.parts(came, ["train", "test"], "the answer")
    return _classes(sides[0], "train"), _classes(sides[1], "test")


def _classes(side: object, name: str) -> Classes:
    try:
        return sorted((str(character), int(turn)) for character, turn in side)
    except (TypeError, ValueError):
        raise CheckFailed(f"{name} should be a list of (character, turn)", came=side,
                          wanted='[("ka", 0), ("ka", 90), …]') from None


def _nothing_shared(train: Classes, test: Classes) -> None:
    shared = sorted({character for character, _ in train} & {character for character, _ in test})
    if not shared:
        return
    turns = [[turn for character, turn in side if character == shared[0]] for side in (train, test)]
    turned = "the copies are made before the split, so each turn of a character goes its own way: " \
             "split the characters, then turn them."
    raise CheckFailed("training and test share a character",
                      came=f"{shared[0]} turned by {turns[0]} in training, by {turns[1]} in test",
                      likely="the two slices overlap." if set(train) & set(test) else turned)


def _nothing_lost(train: Classes, test: Classes) -> None:
    held_out = {character for character, _ in test}
    if len(held_out) != HELD_OUT:
        swapped = len({character for character, _ in train}) == HELD_OUT
        raise CheckFailed(f"{HELD_OUT} characters should be held out for testing", came=sorted(held_out),
                          likely="training and test are swapped." if swapped else "")
    missing = sorted({(character, turn) for character in CHARACTERS for turn in TURNS} - {*train, *test})
    if missing:
        gap = {character for character, _ in train} | held_out != set(CHARACTERS)
        raise CheckFailed("some classes are lost", came=f"missing: {missing}",
                          likely="the two slices leave a gap." if gap else "four turns for every character, "
                                                                           "in training and in test.")
    if repeated(train) or repeated(test):
        raise CheckFailed("a class is there twice", came=repeated(train) + repeated(test))


def _random(splits: list[tuple[Classes, Classes]], again: list[tuple[Classes, Classes]]) -> None:
    if all(split == splits[0] for split in splits):
        raise CheckFailed("the same characters are held out at every call", came=splits[0][1],
                          likely="nothing random is drawn, or a seed is set inside your function.")
    if again != splits[: len(again)]:
        raise CheckFailed("one seed should give one split", likely="a random call without `generator=rng`.")
    never = sorted(set(CHARACTERS) - {character for _, test in splits for character, _ in test})
    if never:
        raise CheckFailed("some characters are never held out", came=f"never {', '.join(never)}",
                          likely="only a part of the characters is shuffled.")
