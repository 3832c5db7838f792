"""The relation module g: two convolutional blocks and two linear layers, from a pair of maps to one number.

Of relation networks (Sung et al., 2018): a learned comparison where others write a distance down.

**Differs from the paper:**
- pools round up, so that maps of any size will do, also those of 2 × 2 that `StridedConv4` ends with;
- group norm unless batch norm is asked for: a pair is judged alone, and queries do not see each other;
- convolutions are padded, in the embedding as well.
"""
from jaxtyping import Float
from torch import Tensor, nn

from metacourse.models.conv4 import GROUPS, channels_last, normalization


class RelationHead(nn.Module):
    """How much two stacks of maps belong together. [n, 2 · channels, h, w] -> [n], from 0 to 1.

    `size` is the height and width of a map, `hidden` the width of the first linear layer.
    """

    input_dims = 3

    def __init__(self, channels: int = 64, *, size: int = 7, hidden: int = 8, norm: str = "group"):
        super().__init__()
        if size < 1 or channels < 1:
            raise ValueError(f"size={size}, channels={channels}; wanted 1 or more of each")
        if norm == "group" and channels * (-(-size // 2))**2 <= GROUPS:
            raise ValueError(f"size={size}, channels={channels}: a group of one number is always normalized "
                             "to zero; take more channels, larger maps or norm='none'")
        left = -(-size // 4)                                                 # halved twice, rounding up
        self.body = nn.Sequential(_block(2 * channels, channels, norm), _block(channels, channels, norm),
                                  nn.Flatten())
        self.head = nn.Sequential(nn.Linear(channels * left**2, hidden), nn.ReLU(), nn.Linear(hidden, 1),
                                  nn.Sigmoid())

    def forward(self, pairs: Float[Tensor, "n both height width"]) -> Float[Tensor, " n"]:
        return self.head(self.body(channels_last(pairs))).squeeze(-1)


class Maps(nn.Module):
    """A network with its flattened output made maps again. [n, C, H, W] -> [n, channels, h, w]."""

    input_dims = 3

    def __init__(self, embed: nn.Module, channels: int):
        super().__init__()
        self.embed, self.channels = embed, channels
        self.size = round((embed.dim / channels) ** 0.5)                     # h and w
        if channels * self.size**2 != embed.dim:
            raise ValueError(f"{embed.dim} numbers are not {channels} square maps; wanted the number of "
                             "channels that the network ends with")

    def forward(self, x: Float[Tensor, "n channels height width"]) -> Float[Tensor, "n maps h w"]:
        return self.embed(x).unflatten(-1, (self.channels, self.size, self.size))


def _block(in_channels: int, channels: int, norm: str) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(in_channels, channels, 3, padding=1), normalization(norm, channels),
                         nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True))
