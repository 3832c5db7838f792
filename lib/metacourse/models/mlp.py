"""A multi-layer perceptron: the network of the sinusoid experiments (Finn et al., 2017, Section 5.1)."""
from collections.abc import Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn


class MLP(nn.Module):
    """Linear layers with ReLU between; MLP([1, 40, 40, 1]) has two hidden layers. [n, in] -> [n, out]."""

    input_dims = 1

    def __init__(self, sizes: Sequence[int]):
        super().__init__()
        if len(sizes) < 2:
            raise ValueError(f"sizes={list(sizes)}; wanted two sizes at least, as [1, 40, 1]")
        layers = [layer for i, o in pairwise(sizes) for layer in (nn.Linear(i, o), nn.ReLU())]
        self.layers = nn.Sequential(*layers[:-1])           # no ReLU after the last

    def forward(self, x: Float[Tensor, "n inputs"]) -> Float[Tensor, "n outputs"]:
        return self.layers(x)
