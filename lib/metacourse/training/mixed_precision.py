"""Matrix products in bfloat16, everything else in float32: half the memory traffic, on GPUs made for it.

θ, its gradient and the optimizer stay in float32. bfloat16 has the range of float32 and fewer digits, so no
loss has to be scaled. On a CPU, or with networks as small as this course's, it seldom pays: measure.
"""
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from metacourse.episode import Params


def mixed(loss: Callable[[Params, Any], Tensor]) -> Callable[[Params, Any], Tensor]:
    """The same loss, its convolutions and matrix products in bfloat16 on the device where θ lies.

        trained = train(mixed(partial(simclr.loss, embed, project)), theta, batch, steps=…)

    For losses that `train` differentiates. A method that takes gradients inside, as MAML does, loses digits
    twice: leave it in float32.
    """
    def in_bfloat16(theta: Params, batch: Any) -> Tensor:
        kind = next(iter(theta.values())).device.type
        with torch.autocast(kind, dtype=torch.bfloat16):
            value = loss(theta, batch)
        return value.float()
    return in_bfloat16
