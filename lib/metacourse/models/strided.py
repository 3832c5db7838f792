"""Conv4 with strides in place of pools: MAML's own network for Omniglot (Finn et al., 2017, Section 5.2).

**Differs from the paper:** fewer channels where asked, and group norm unless batch norm is.
"""
from jaxtyping import Float
from torch import Tensor, nn

from metacourse.models.conv4 import channels_last, normalization


class StridedConv4(nn.Module):
    """Four times convolution with stride 2, normalization, ReLU. [n, C, H, W] -> [n, dim], or [n, way].

    A quarter of Conv4's work, since no feature map has the size of the image. `way`, `norm` and the names of
    the parameters are as in Conv4. `blocks` may differ from four.
    """

    input_dims = 3

    def __init__(self, channels: int = 64, *, in_channels: int = 1, way: int | None = None,
                 norm: str = "group", size: int = 28, blocks: int = 4):
        super().__init__()
        if size < 8 or blocks < 1:
            raise ValueError(f"size={size}, blocks={blocks}: wanted 8 × 8 pixels and 1 block at least")
        self.dim = channels * _halved(size, blocks) ** 2
        self.body = nn.Sequential(*(_block(channels if i else in_channels, channels, norm)
                                    for i in range(blocks)), nn.Flatten())
        self.head = nn.Identity() if way is None else nn.Linear(self.dim, way)

    def forward(self, x: Float[Tensor, "n channels height width"]) -> Float[Tensor, "n out"]:
        return self.head(self.body(channels_last(x)))


def _block(in_channels: int, channels: int, norm: str) -> nn.Sequential:
    convolution = nn.Conv2d(in_channels, channels, 3, stride=2, padding=1)
    return nn.Sequential(convolution, normalization(norm, channels), nn.ReLU())


def _halved(size: int, times: int) -> int:
    """The height left after `times` strides of 2, each rounding up."""
    for _ in range(times):
        size = (size + 1) // 2
    return size
