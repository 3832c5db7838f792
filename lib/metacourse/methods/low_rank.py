"""Low-rank updates, "LoRA": W stays, and a product of two thin matrices is added to it (Hu et al., 2022).

A matrix of out × in numbers moves by B A, with A of rank × in and B of out × rank numbers. B begins as zero,
so that the network begins as it was. Only A and B are trained, and kept: a small file for every task.

Differs from the paper:
- also kernels of convolutions, as matrices of out × (in · height · width);
- `scale` multiplies B A as it is; the paper writes it α / r, so that α may stay when the rank changes;
- A is drawn with variance 1 / in.
"""
from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from metacourse.episode import Examples, Loss, Params

DOWN, UP = ".down", ".up"                       # the names of A and B begin with that of their W


def start(theta: Params, names: Sequence[str], *, rank: int, rng: torch.Generator) -> Params:
    """A at random and B = 0 for each weight that is named: an update that changes nothing yet.

    Raises ValueError for a name that θ does not have, a parameter that is no matrix, or a rank that saves
    nothing.
    """
    update = {}
    for name in names:
        rows, columns = _shape(theta, name)
        if not 1 <= rank <= min(rows, columns):
            raise ValueError(f"rank={rank}; {name} is a matrix of {rows} × {columns}: wanted 1 to "
                             f"{min(rows, columns)}")
        down = torch.randn(rank, columns, generator=rng) / columns**0.5
        update[name + DOWN] = down.to(theta[name])                           # A
        update[name + UP] = theta[name].new_zeros(rows, rank)                # B
    if not update:
        raise ValueError(f"no weight is named; wanted one or more of {', '.join(theta)}")
    return update


def merged(theta: Params, update: Params, *, scale: float = 1.0) -> Params:
    """θ with W + scale · B A in place of each updated W: an ordinary network again, as fast as before."""
    names = [name.removesuffix(UP) for name in update if name.endswith(UP)]
    moved = {name: theta[name] + scale * (update[name + UP] @ update[name + DOWN]).view_as(theta[name])
             for name in names}
    return {**theta, **moved}


def updating(loss: Loss, theta: Params, *, scale: float = 1.0) -> Loss:
    """The loss as a function of the update alone, θ held fixed.

        trained = train(updating(loss, theta), start(theta, names, rank=4, rng=rng), batch, steps=…)

    Other parameters may stand beside A and B, a new head for instance: they take the place of θ's.
    """
    held = {name: p.detach() for name, p in theta.items()}

    def of_update(update: Params, examples: Examples) -> Tensor:
        others = {name: p for name, p in update.items() if not name.endswith((UP, DOWN))}
        return loss({**merged(held, update, scale=scale), **others}, examples)
    return of_update


def _shape(theta: Params, name: str) -> tuple[int, int]:
    if name not in theta:
        raise ValueError(f"θ has no parameter {name!r}; it has {', '.join(theta)}")
    if theta[name].ndim < 2:
        raise ValueError(f"{name} has shape {list(theta[name].shape)}; wanted a matrix or a kernel: train "
                         "vectors as they are")
    return len(theta[name]), prod(theta[name].shape[1:])
