"""Eight ways to fit a network to a few drawings, each with four trials on validation scripts."""
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from metacourse.episode import Loss, Params
from metacourse.experiments.transfer_parts import RATES
from metacourse.methods import finetuning, low_rank
from metacourse.training.reproducible import generator

RANK = 4                                        # of a low-rank update; kernels have 32 rows
Fit = tuple[Loss, Params, finetuning.Rates | Callable[[int], finetuning.Rates]]


class Strategy(NamedTuple):
    """What moves and how: `prepare(loss, theta, fresh, steps, number, **trial)` gives loss, start and rates.

    `theta` is pretrained, `fresh` is not; their heads are the same. `finish` makes θ of what was fitted.
    """

    prepare: Callable[..., Fit]
    trials: tuple[dict, ...] = tuple({"lr": lr} for lr in RATES)
    finish: Callable[[Params, Params], Params] = lambda theta, fitted: fitted


def scratch(loss: Loss, theta: Params, fresh: Params, steps: int, number: int, *, lr: float) -> Fit:
    """Everything moves, from a network that has seen nothing."""
    return loss, fresh, finetuning.rates(fresh, finetuning.blocks(fresh), lr=lr)


def last_blocks(loss: Loss, theta: Params, fresh: Params, steps: int, number: int, *, lr: float,
                blocks: int | None, decay: float = 1.0) -> Fit:
    """The last so many blocks move, or all of them; each one before the last `decay` times as slowly."""
    names = finetuning.blocks(theta)
    return loss, theta, finetuning.rates(theta, names[-blocks:] if blocks else names, lr=lr, decay=decay)


def gradual(loss: Loss, theta: Params, fresh: Params, steps: int, number: int, *, lr: float) -> Fit:
    """The head alone at first, and one more block after every eighth of the steps."""
    names = finetuning.blocks(theta)
    return loss, theta, finetuning.unfreezing(theta, names, every=max(1, steps // 8), lr=lr)


def pulled(loss: Loss, theta: Params, fresh: Params, steps: int, number: int, *, lr: float,
           pull: float) -> Fit:
    """Everything moves, and is pulled back to where it was pretrained to."""
    rates = finetuning.rates(theta, finetuning.blocks(theta), lr=lr)
    return finetuning.toward_start(loss, theta, pull=pull), theta, rates


def low_rank_update(loss: Loss, theta: Params, fresh: Params, steps: int, number: int, *, lr: float) -> Fit:
    """The head moves, and a product of two thin matrices beside every kernel but the first, a thin one."""
    kernels = [name for name, p in theta.items() if p.ndim == 4][1:]
    update = low_rank.start(theta, kernels, rank=min(RANK, *(len(theta[name]) for name in kernels)),
                            rng=generator(number))
    moving = {**update, **{name: theta[name] for name in finetuning.members(theta, "head")}}
    return low_rank.updating(loss, theta), moving, dict.fromkeys(moving, lr)


def merged(theta: Params, fitted: Params) -> Params:
    """θ with its update inside, and the new head."""
    head = {name: fitted[name] for name in finetuning.members(theta, "head")}
    return {**low_rank.merged(theta, fitted), **head}


STRATEGIES = {
    "scratch": Strategy(scratch),
    "head": Strategy(partial(last_blocks, blocks=1)),
    "last": Strategy(partial(last_blocks, blocks=2)),
    "all": Strategy(partial(last_blocks, blocks=None)),
    "layerwise": Strategy(partial(last_blocks, blocks=None, decay=finetuning.DECAY)),
    "gradual": Strategy(gradual),
    "l2sp": Strategy(pulled, tuple({"lr": lr, "pull": pull} for lr in (3e-3, 1e-2) for pull in (0.01, 0.1))),
    "low_rank": Strategy(low_rank_update, finish=merged),
}
