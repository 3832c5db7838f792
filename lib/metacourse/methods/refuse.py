"""What no inner loop can work with, each in a sentence: what came, what was wanted, what to try."""
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.func import debug_unwrap


def bad_settings(*, inner_steps: int, inner_lr: float = 1.0) -> None:
    """Raises ValueError for `inner_lr` ≤ 0 or `inner_steps` < 0."""
    if not inner_lr > 0 or inner_steps < 0:
        raise ValueError(f"inner_lr={inner_lr}, inner_steps={inner_steps}; wanted a rate > 0 and steps ≥ 0")


def bad_loss(value: Tensor, theta: Mapping[str, Tensor] | None = None) -> Tensor:
    """The value, if it is one number and depends on θ (where that is asked, inside of a gradient)."""
    if value.ndim:
        raise ValueError(f"the loss has shape {tuple(value.shape)}; wanted one number: take its mean")
    if theta and not value.requires_grad:
        raise ValueError(f"the loss depends on none of the parameters {', '.join(theta)}: compute it with "
                         "apply(theta, x), not with the module itself, and detach nothing on the way")
    return value


def explosion(losses: Sequence[Tensor], inner_lr: float | str, *, query: bool = False) -> None:
    """Raises FloatingPointError when a loss is not finite: the support loss of an inner step, or the query's.

    All losses are read at once, and also under `vmap`, which hides the values of tensors from ordinary code.
    """
    if not losses:
        return
    finite = torch.stack([debug_unwrap(value.detach()).isfinite().all() for value in losses]).tolist()
    if not all(finite):
        step = f"support loss at inner step {finite.index(False) + 1} of {len(finite)}"
        raise FloatingPointError(f"the {'query loss after adapting' if query else step} is not finite; lower "
                                 f"inner_lr={inner_lr} or take fewer inner steps")
