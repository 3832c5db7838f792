"""What no method can work with, each in a sentence: what came, what was wanted, what to try."""
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.func import debug_unwrap

from metacourse.episode import Examples


def bad_settings(*, inner_steps: int, inner_lr: float | None = None) -> None:
    """Raises ValueError for `inner_lr` ≤ 0 or `inner_steps` < 0."""
    if inner_lr is not None and not inner_lr > 0:
        raise ValueError(f"inner_lr={inner_lr}; wanted a rate > 0; the minus sign is in the method")
    if inner_steps < 0:
        raise ValueError(f"inner_steps={inner_steps}; wanted 0 or more; with 0 it is joint training")


def bad_loss(value: Tensor, theta: Mapping[str, Tensor] | None = None) -> Tensor:
    """The value, if it is one number and depends on θ (where that is asked, inside of a gradient)."""
    if value.ndim:
        raise ValueError(f"the loss has shape {tuple(value.shape)}; wanted one number: take its mean")
    if theta and not value.requires_grad:
        raise ValueError(f"the loss depends on none of the parameters {', '.join(theta)}: compute it with "
                         "apply(theta, x), not with the module itself, and detach nothing on the way")
    return value


def explosion(losses: Sequence[Tensor], rates: Sequence[Mapping[str, float | Tensor]]) -> None:
    """Raises FloatingPointError when the support loss of an inner step is not finite.

    A GPU would have to stop and tell. So in training there, what is not finite goes on into the query loss,
    and `train` says it when it next looks at its losses; `predict` checks on every device.
    """
    for i, finite in enumerate(_finite(losses)):
        if not finite:
            raise FloatingPointError(f"the support loss at inner step {i + 1} of {len(losses)} is not "
                                     f"finite; lower {_named(rates)} or take fewer inner steps")


def explosion_after(value: Tensor, inner_lr: float | None = None) -> Tensor:
    """The query loss, if it is finite; FloatingPointError otherwise. On a GPU: see `explosion`."""
    if not all(_finite([value])):
        raise FloatingPointError(f"the query loss after adapting is not finite; lower {_named(inner_lr)} or "
                                 "take fewer inner steps")
    return value


def maps(z: Tensor, x: Tensor, *, leading: int = 2) -> Tensor:
    """The embeddings of x, if each is a vector; the first `leading` axes of x say which example it is."""
    if z.ndim != leading + 1 or z.shape[:leading] != x.shape[:leading]:
        raise ValueError(f"embed(theta, x) has shape {tuple(z.shape)} for x of shape {tuple(x.shape)}; "
                         f"wanted {(*x.shape[:leading], 'dim')}, a vector for each: end the network with "
                         "nn.Flatten()")
    return z


def vectors(z: Tensor, x: Tensor, *, leading: int = 2) -> Tensor:
    """The embeddings of x, if each is a stack of maps."""
    if z.ndim != leading + 3 or z.shape[:leading] != x.shape[:leading]:
        raise ValueError(f"embed(theta, x) has shape {tuple(z.shape)} for x of shape {tuple(x.shape)}; "
                         f"wanted {(*x.shape[:leading], 'channels', 'h', 'w')}, maps for each: unflatten the "
                         "network's output, as models.relation_head.Maps does")
    return z


def missing_class(support: Examples) -> Examples:
    """The support set, if every class has a shot."""
    way, shot = support.x.shape[:2]
    shots = [shot] * way if support.mask is None else debug_unwrap(support.mask).sum(-1).flatten().tolist()
    if 0 in shots or not shots:
        raise ValueError(f"the classes of the support set have {shots} shots; wanted one class or more, and "
                         "one shot or more of each: leave a class without shots out, or show one")
    return support


def unequal_shots(support: Examples, because: str) -> Examples:
    """The support set, if it has no mask."""
    if support.mask is not None:
        raise ValueError("the support set has a mask, for unequal shots; wanted equal ones, because "
                         f"{because}: leave shots out until their numbers are the same")
    return support


def cold(temperature: float) -> float:
    """The temperature, if it is above 0."""
    if not temperature > 0:
        raise ValueError(f"temperature={temperature}; wanted a number > 0: it divides the scores")
    return temperature


def _finite(losses: Sequence[Tensor]) -> list[bool]:
    """All are read at once, and also under `vmap`, which hides the values of tensors from ordinary code."""
    if not losses or (losses[0].device.type != "cpu" and torch.is_grad_enabled()):
        return []
    return torch.stack([debug_unwrap(value.detach()).isfinite().all() for value in losses]).tolist()


def _named(rates) -> str:
    """"inner_lr=0.1" where there is one rate, fixed; "the inner learning rates" where they are learned."""
    if not isinstance(rates, float | int | None):
        rates = next(iter(rates[0].values()))
    return f"inner_lr={rates}" if isinstance(rates, float | int) else "the inner learning rates"
