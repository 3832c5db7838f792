"""The residual network that stands for "deeper" in few-shot papers since Oreshkin et al. (2018).

Differs from the paper (here Lee et al., 2019, Section 4.1, whose channels are the usual ones):
- no DropBlock, so that the network is a function of θ and x alone;
- group norm instead of batch norm, unless asked for.
"""
from collections.abc import Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from metacourse.models.conv4 import channels_last, normalization


class ResNet12(nn.Module):
    """Four residual blocks, then the mean over positions. [n, C, H, W] -> [n, dim], or [n, way].

    Without `way` the output is an embedding of `channels[-1]` numbers. Images may have any size from 16 × 16
    pixels on. `norm` as in `Conv4`.
    """

    input_dims = 3

    def __init__(self, way: int | None = None, *, in_channels: int = 3, norm: str = "group",
                 channels: Sequence[int] = (64, 160, 320, 640)):
        super().__init__()
        self.dim = channels[-1]
        self.body = nn.Sequential(*(ResidualBlock(i, o, norm) for i, o in pairwise([in_channels, *channels])))
        self.head = nn.Identity() if way is None else nn.Linear(self.dim, way)

    def forward(self, x: Float[Tensor, "n channels height width"]) -> Float[Tensor, "n out"]:
        return self.head(self.body(channels_last(x)).mean(dim=(2, 3)))


class ResidualBlock(nn.Module):
    """LeakyReLU(three convolutions of x + a 1 × 1 convolution of x), halved in height and width."""

    def __init__(self, in_channels: int, channels: int, norm: str):
        super().__init__()
        self.long = nn.Sequential(*_convolution(in_channels, channels, 3, norm), nn.LeakyReLU(0.1),
                                  *_convolution(channels, channels, 3, norm), nn.LeakyReLU(0.1),
                                  *_convolution(channels, channels, 3, norm))
        self.short = nn.Sequential(*_convolution(in_channels, channels, 1, norm))
        self.end = nn.Sequential(nn.LeakyReLU(0.1), nn.MaxPool2d(2))

    def forward(self, x: Float[Tensor, "n in_channels height width"]) -> Float[Tensor, "n out_channels h w"]:
        return self.end(self.long(x) + self.short(x))


def _convolution(in_channels: int, channels: int, size: int, norm: str) -> tuple[nn.Module, nn.Module]:
    return (nn.Conv2d(in_channels, channels, size, padding=size // 2, bias=norm == "none"),
            normalization(norm, channels))
