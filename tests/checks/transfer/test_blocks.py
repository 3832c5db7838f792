"""Right and wrong choices of what moves, how fast, and when."""
import re

import pytest
import torch

from metacourse.checks import NotAttempted, transfer
from metacourse.checks.transfer.blocks import (
    ALL_AT_FIRST,
    ANYWHERE,
    BLOCKS,
    NO_DOT,
    PARAMETERS,
    REVERSED,
    theta,
)
from metacourse.methods import finetuning
from tests.checks.saying import blank, names_the_mistake, rejected


def members(theta, block):
    return [name for name in theta if name == block or name.startswith(block + ".")]


def every(theta, blocks):
    return [name for block in blocks for name in members(theta, block)]


def by_parts(theta, blocks):
    paths = [block.split(".") for block in blocks]
    return {name for name in theta if any(name.split(".")[:len(path)] == path for path in paths)}


@pytest.mark.parametrize("right", [
    every, by_parts, lambda theta, blocks: set(every(theta, blocks)),
    lambda theta, blocks: tuple(n for n in theta if (n + ".").startswith(tuple(b + "." for b in blocks))),
    lambda theta, blocks: (name for block in blocks for name in finetuning.members(theta, block)),
])
def test_every_right_list_of_names_is_accepted(right):
    transfer.moving(right)


@pytest.mark.parametrize("wrong, hint", [
    (lambda theta, blocks: [n for n in theta if n.startswith(tuple(blocks))], NO_DOT),
    (lambda theta, blocks: [n for n in theta if any(b in n for b in blocks)], ANYWHERE),
    (lambda theta, blocks: [n for n in theta if any(b + "." in n for b in blocks)], "a dot follows it"),
    (lambda theta, blocks: [n for n in theta if n not in every(theta, blocks)], "the parameters that stay"),
    (lambda theta, blocks: [n for n in every(theta, blocks) if "weight" in n], "biases are parameters, too"),
    (lambda theta, blocks: members(theta, blocks[0]), "only the first of the blocks"),
    (lambda theta, blocks: members(theta, blocks[-1]), "only the last of the blocks"),
    (lambda theta, blocks: blocks, "these are the names of blocks"),
    (lambda theta, blocks: theta, "all parameters move"),
    (lambda theta, blocks: [n for n in theta if n.split(".")[0] in blocks], "may have several parts"),
    (lambda theta, blocks: [n for n in theta if n.startswith(tuple(b + "." for b in blocks))], "block's own"),
    (lambda theta, blocks: [n for n in theta if n.split(".")[0] in blocks
                            or ".".join(n.split(".")[:2]) in blocks], "may have several parts"),
    (lambda theta, blocks: [n for n in theta if any(re.match(b + r"(\.|$)", n) for b in blocks)],
     "any character"),
    (lambda theta, blocks: [theta[name] for name in every(theta, blocks)], PARAMETERS),
    (lambda theta, blocks: every(theta, blocks) * 2, "an optimizer would refuse it"),
])
def test_every_wrong_list_of_names_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.moving, wrong, hint)


def rates(theta, blocks, *, lr, decay):
    return {name: lr / decay**back for back, block in enumerate(reversed(blocks))
            for name in members(theta, block)}


def by_loop(theta, blocks, *, lr, decay):
    found = {}
    for block in blocks[::-1]:
        found.update(dict.fromkeys(members(theta, block), torch.tensor(lr)))
        lr = lr / decay
    return found


@pytest.mark.parametrize("right", [rates, by_loop, finetuning.rates])
def test_every_right_rate_is_accepted(right):
    transfer.rates(right)


def changed(change):
    return lambda theta, blocks, *, lr, decay: {
        name: change(lr, decay, back) for back, block in enumerate(reversed(blocks))
        for name in members(theta, block)}


def by_parameter(theta, blocks, *, lr, decay):
    names = [name for name in theta if name in every(theta, blocks)]
    return {name: lr / decay**i for i, name in enumerate(reversed(names))}


@pytest.mark.parametrize("wrong, hint", [
    (lambda theta, blocks, *, lr, decay: rates(theta, blocks[::-1], lr=lr, decay=decay), REVERSED),
    (changed(lambda lr, decay, back: lr * decay**back), "`decay` times as fast"),
    (changed(lambda lr, decay, back: lr), "`decay` is not used"),
    (changed(lambda lr, decay, back: decay**-back), "`lr` is not used"),
    (changed(lambda lr, decay, back: lr / decay**(back + 1)), "the last block already"),
    (by_parameter, "a block's parameters have one rate"),
    (changed(lambda lr, decay, back: lr / max(1, back * decay)), "`decay ** i`"),
    (changed(lambda lr, decay, back: lr / decay if back else lr), "have one rate: each is slower"),
    (lambda theta, blocks, *, lr, decay: dict.fromkeys(theta, 0.0) | rates(theta, blocks, lr=lr, decay=decay),
     "leave it out"),
    (lambda theta, blocks, *, lr, decay: {"scale": lr} | rates(theta, blocks, lr=lr, decay=decay),
     "`scale` should be frozen"),
])
def test_every_wrong_rate_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.rates, wrong, hint)


@pytest.mark.parametrize("wrong, said", [
    (lambda theta, blocks, *, lr, decay: [lr], "a dict of names and rates"),
    (lambda theta, blocks, *, lr, decay: dict.fromkeys(every(theta, blocks), float("nan")), "is not right"),
    (lambda theta, blocks, *, lr, decay: dict.fromkeys(every(theta, blocks), "fast"), "one number"),
])
def test_other_rates_are_rejected_with_a_sentence(wrong, said):
    assert said in rejected(transfer.rates, wrong)


def thawing(count):
    """`count` blocks from the end, none left out."""
    def answer(theta, blocks, step, *, every, lr):
        return rates(theta, blocks[len(blocks) - min(count(step, every), len(blocks)):], lr=lr, decay=1.0)
    return answer


def by_library(theta, blocks, step, *, every, lr):
    return finetuning.unfreezing(theta, blocks, every=every, lr=lr)(step)


@pytest.mark.parametrize("right", [thawing(lambda step, every: 1 + step // every), by_library])
def test_every_right_schedule_is_accepted(right):
    transfer.unfreezing(right)


@pytest.mark.parametrize("wrong, hint", [
    (lambda theta, b, step, *, every, lr: rates(theta, b[-(step // every):], lr=lr, decay=1.0), ALL_AT_FIRST),
    (lambda theta, b, step, *, every, lr: rates(theta, b[:1 + step // every], lr=lr, decay=1.0),
     "next to the input thaw first"),
    (lambda theta, b, step, *, every, lr: rates(theta, b[-(1 + step // every):][:1], lr=lr, decay=1.0),
     "is frozen again"),
    (thawing(lambda step, every: 1 if step < every else 99), "everything thaws at once"),
    (thawing(lambda step, every: 1 + max(step - 1, 0) // every), "a step too late"),
    (thawing(lambda step, every: 1 + step), "one more block in every step"),
    (thawing(lambda step, every: 1 + step // every if step < 99 else 0), "nothing moves"),
    (thawing(lambda step, every: 1 + step // 10), "`every` is not used"),
    (lambda theta, b, step, *, every, lr: rates(theta, b[len(b) - 1 - step // every:], lr=lr, decay=1.0),
     "goes below the beginning"),
])
def test_every_wrong_schedule_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.unfreezing, wrong, hint)


def test_names_of_one_block_begin_like_anothers():
    assert {"body.1.0.weight", "body.10.0.weight"} < set(theta()) and {"body.1", "body.10"} < set(BLOCKS)


@pytest.mark.parametrize("check", [transfer.moving, transfer.rates, transfer.unfreezing])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
