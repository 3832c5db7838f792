"""A network of two parameters, a · sin(x − b): everything that it can learn is a point of one plane.

The tasks of `data.sinusoids` are points of the same plane, each at its own amplitude and phase.
"""
import math
from numbers import Real

import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Params

PLANE = {"phase": (math.pi / 2 - 3.5, math.pi / 2 + 3.5), "amplitude": (-1.0, 6.0)}    # what is worth a look


def at(*, phase: Real | Tensor, amplitude: Real | Tensor) -> Params:
    """θ at one point of the plane."""
    return {"phase": torch.tensor(float(phase)), "amplitude": torch.tensor(float(amplitude))}


def apply(theta: Params, x: Float[Tensor, "*shot 1"]) -> Float[Tensor, "*shot 1"]:
    """f_θ(x) = a · sin(x − b)."""
    return theta["amplitude"] * torch.sin(x - theta["phase"])
