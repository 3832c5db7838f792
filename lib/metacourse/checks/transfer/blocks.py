"""Exercise 4.1: which parameters move, how fast, and when: by their names."""
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed, show
from metacourse.episode import Params

BLOCKS = ("body.0", "body.1", "body.10", "head")          # from input to output
NO_DOT = "`body.10` begins with `body.1`, too, and is another block: a dot must follow the block's name."
ANYWHERE = "a name counts that holds the block's name anywhere: it must begin with it."
ALL_AT_FIRST = ("all blocks move in step 0, and only the last one should. (`blocks[-0:]` is `blocks[0:]`, "
                "and so all of them.)")
REVERSED = "the first block gets the largest rate. What it knows serves many tasks: it is the slowest one."
PARAMETERS = "these are the parameters themselves: their names are wanted."


def theta() -> Params:
    """Parameters in no useful order; some names begin like a block's, or hold it, and belong to another."""
    names = ("head.weight", "head.bias", "header.weight", "body.10.0.weight", "body.10.0.bias",
             "body.1.0.weight", "body.1.0.bias", "body.1.1.weight", "body.0.0.weight", "body.0.0.bias",
             "aux.head.weight", "body_1.weight", "scale")
    return {name: torch.zeros(1) for name in names}


def members(names: Iterable[str], block: str) -> list[str]:
    """Written apart from the library, so that the two can disagree."""
    return [name for name in names if f"{name}.".startswith(f"{block}.")]


@exercise("4.1 a", points=1)
def moving(answer: Attempt) -> Iterator[str]:
    """Parameters by their names."""
    _names(answer, ["head"])
    yield "the block `head`: its weight and its bias, and nobody else's"
    _names(answer, ["body.0", "head", "body.1"])
    yield "`body.0`, `head` and `body.1`: `body.10` is another block"
    _names(answer, ["body"])
    yield "`body` is a block of blocks"
    _names(answer, ["body.1.0"])
    yield "and `body.1.0` a block inside of a block"
    _names(answer, ["scale"])
    yield "a parameter that stands alone is a block of its own"


def _names(answer: Attempt, blocks: list[str]) -> None:
    came = _read(against.ask(answer, theta(), blocks))
    wanted, wrong = right_names(blocks), wrong_names(blocks)
    if set(came) == wanted:
        if len(came) > len(wanted):
            raise CheckFailed("a name comes twice", came=came, likely="an optimizer would refuse it.")
        return
    named = [mistake for mistake, names in wrong.items() if names == set(came)]
    raise CheckFailed("these are not the parameters of the blocks", came=show(sorted(came)),
                      wanted=show(sorted(wanted)), likely="".join(named[:1]))


def _read(came: Any) -> list[str]:
    came = list(came) if isinstance(came, Iterable) and not isinstance(came, str | Tensor) else came
    if not isinstance(came, list) or not all(isinstance(name, str) for name in came):
        tensors = isinstance(came, list) and any(isinstance(part, Tensor) for part in came)
        raise CheckFailed("the answer should be a list of names", came=came,
                          likely=PARAMETERS if tensors else "")
    return came


def right_names(blocks: Sequence[str]) -> set[str]:
    return {name for block in blocks for name in members(theta(), block)}


def wrong_names(blocks: Sequence[str]) -> dict[str, set[str]]:
    """What mistakes make of the names in these blocks."""
    names, right = list(theta()), right_names(blocks)
    return {
        "a parameter whose name is the block's own belongs to it: `name == block`, or it begins with it and "
        "a dot.": {n for n in names if n.startswith(tuple(f"{b}." for b in blocks))},
        NO_DOT: {name for name in names if name.startswith(tuple(blocks))},
        ANYWHERE: {name for name in names if any(block in name for block in blocks)},
        "in a regular expression a dot stands for any character: `re.escape`, or `startswith`.":
            {name for name in names if any(re.match(rf"{block}(\.|$)", name) for block in blocks)},
        f"{ANYWHERE} (And a dot follows it.)": {n for n in names if any(f"{b}." in n for b in blocks)},
        "these are the parameters that stay: the others are wanted.": set(names) - right,
        "biases are parameters, too.": {name for name in right if name.endswith("weight")},
        "only the first of the blocks counts: is a `return` inside the loop?": set(members(names, blocks[0])),
        "only the last of the blocks counts: add each block's names to those before.":
            set(members(names, blocks[-1])),
        "these are the names of blocks: the names of their parameters are wanted.": set(blocks),
        "all parameters move: only those of the blocks should.": set(names),
        "a block's name may have several parts: compare the beginning of the name, and not its first word.":
            {name for name in names if name.split(".")[0] in blocks},
    }


@exercise("4.1 b", points=1)
def rates(answer: Attempt) -> Iterator[str]:
    """Layer-wise rates."""
    for blocks, lr, decay in ((["head"], 0.5, 2.0), (["body.10", "head"], 0.1, 1.0),
                              (["body.0", "body.1", "head"], 0.09, 3.0)):
        came = against.ask(answer, theta(), blocks, lr=lr, decay=decay)
        _rates(came, right_rates(blocks, lr, decay), wrong_rates(blocks, lr, decay))
        shown = ", ".join(f"{lr / decay**back:g}" for back in reversed(range(len(blocks))))
        yield f"{', '.join(blocks)}: {shown}; everything else is frozen"


def right_rates(blocks: Sequence[str], lr: float, decay: float) -> dict[str, float]:
    return {name: lr / decay**back for back, block in enumerate(reversed(blocks))
            for name in members(theta(), block)}


def wrong_rates(blocks: Sequence[str], lr: float, decay: float) -> dict[str, dict[str, float]]:
    """What mistakes make of the rates."""
    right, names = right_rates(blocks, lr, decay), right_names(blocks)
    ordered = [name for name in theta() if name in names]
    back = {name: i for i, block in enumerate(reversed(blocks)) for name in members(theta(), block)}
    return {
        REVERSED: right_rates(blocks[::-1], lr, decay),
        f"{REVERSED} (Here each block before the last is `decay` times as fast.)":
            {name: lr * decay**i for name, i in back.items()},
        "`decay` is not used: each block before the last is slower.": dict.fromkeys(names, lr),
        "`lr` is not used.": {name: rate / lr for name, rate in right.items()},
        "the last block already is divided by `decay`: it gets `lr` itself.":
            {name: rate / decay for name, rate in right.items()},
        "every parameter is slower than the next one: a block's parameters have one rate.":
            {name: lr / decay**i for i, name in enumerate(reversed(ordered))},
        "divided by 1, decay, 2 · decay and so on: each block is divided by `decay` once more than the next "
        "one, `decay ** i`.": {name: lr / max(1, i * decay) for name, i in back.items()},
        "all blocks before the last have one rate: each is slower than the next one.":
            {name: lr / decay if i else lr for name, i in back.items()},
        "a frozen parameter has no rate: leave it out, instead of a rate of 0.":
            {**dict.fromkeys(theta(), 0.0), **right},
    }


def _rates(came: Any, wanted: Mapping[str, float], mistakes: Mapping[str, Mapping[str, float]]) -> None:
    if not isinstance(came, Mapping) or not all(isinstance(name, str) for name in came):
        raise CheckFailed("the answer should be a dict of names and rates", came=came, wanted="{name: rate}")
    came = {name: expect.number(rate, 0.0, f"the rate of {name}", tolerance=float("inf"))
            for name, rate in came.items()}
    if _equal(came, wanted):
        return
    named = [mistake for mistake, wrong in mistakes.items() if _equal(came, wrong)]
    extra = [name for name in came if name not in wanted]
    raise CheckFailed("these are not the rates", came=show(came), wanted=show(dict(wanted)),
                      likely=named[0] if named else NO_DOT if extra == ["body.10.0.weight", "body.10.0.bias"]
                      else f"`{extra[0]}` should be frozen." if extra else "")


def _equal(came: Mapping[str, float], wanted: Mapping[str, float]) -> bool:
    return came.keys() == wanted.keys() and all(abs(rate - wanted[name]) <= 1e-5 * abs(wanted[name])
                                                for name, rate in came.items())


@exercise("4.1 c", points=1)
def unfreezing(answer: Attempt) -> Iterator[str]:
    """Gradual unfreezing."""
    for step, moves in ((0, 1), (9, 1), (10, 2), (25, 3), (39, 4), (40, 4), (1000, 4)):
        _unfrozen(answer, BLOCKS, step, moves, every=10, lr=0.2)
        yield f"one more every 10 steps: in step {step}, {', '.join(BLOCKS[-moves:])}"
    for step, moves in ((2, 1), (3, 2), (6, 2)):
        _unfrozen(answer, BLOCKS[::3], step, moves, every=3, lr=0.5)
    yield f"{' and '.join(BLOCKS[::3])}, one every 3 steps"


def _unfrozen(answer: Attempt, blocks: Sequence[str], step: int, moves: int, *, every: int,
              lr: float) -> None:
    came = against.ask(answer, theta(), list(blocks), step, every=every, lr=lr)
    _rates(came, right_rates(blocks[-moves:], lr, 1.0), wrong_unfreezing(blocks, step, every, lr))


def wrong_unfreezing(blocks: Sequence[str], step: int, every: int, lr: float) -> dict[str, dict[str, float]]:
    """What mistakes make of the rates in a step."""
    n = min(1 + step // every, len(blocks))
    return ({} if step else {ALL_AT_FIRST: right_rates(blocks, lr, 1.0)}) | {
        "`every` is not used: 10 is written in.": right_rates(blocks[-(1 + step // 10):], lr, 1.0),
        "after the last block has thawed, the count from the end goes below the beginning: all go on.":
            right_rates(blocks[len(blocks) - 1 - step // every:], lr, 1.0),
        "the blocks next to the input thaw first: the last one does, which knows least of the new task.":
            right_rates(blocks[:n], lr, 1.0),
        "a block moves for some steps and is frozen again: what is thawed stays so.":
            right_rates(blocks[len(blocks) - n:len(blocks) - n + 1], lr, 1.0),
        "everything thaws at once: one more block after `every` steps each.":
            right_rates(blocks if step >= every else blocks[-1:], lr, 1.0),
        "a step too late: `step` counts from 0, and in step `every` the next block moves.":
            right_rates(blocks[-min(1 + max(step - 1, 0) // every, len(blocks)):], lr, 1.0),
        "one more block in every step: after `every` steps each, `step // every`.":
            right_rates(blocks[-min(1 + step, len(blocks)):], lr, 1.0),
        "nothing moves: after the last block has thawed, all of them go on.": {},
    }
