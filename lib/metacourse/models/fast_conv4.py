"""Conv4 for a CPU: the same function of the same parameters, with fewer passes over large feature maps.

Where Conv4 waits, it waits for memory: normalization, ReLU and pool move a map of all pixels many times, and
batch norm's second derivative moves it most. What is different here:
- Pool first. Maxima commute with increasing maps, so normalization and ReLU see a quarter of the numbers.
  Where γ < 0 the map decreases; flipping the sign of γ and of the channel's convolution makes it increase.
- The first convolution is a matrix product of 3 × 3 patches. Mean and variance of what comes out follow from
  the mean and covariance of the patches, which are 9 numbers wide instead of 64.

At γ = 0 exactly, where the maximum has a kink in γ, the two networks may choose different slopes.
"""
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from metacourse.models.conv4 import Conv4


class FastConv4(Conv4):
    """Conv4 with the same arguments, parameter names, outputs and derivatives. Each can use the other's θ."""

    def forward(self, x: Float[Tensor, "n channels height width"]) -> Float[Tensor, "n out"]:
        for i, (convolution, norm, *_) in enumerate(self.body[:4]):
            x = _block(x, convolution, norm, _patches_times if i == 0 else _convolve)
        return self.head(x.flatten(1))


def _block(x, convolution: nn.Conv2d, norm: nn.Module, convolve) -> Float[Tensor, "n c h w"]:
    """Convolution and pool, then normalization and ReLU of what is left: relu(a + b · pooled) per channel."""
    if isinstance(norm, nn.Identity):
        h, *_ = convolve(x, convolution.weight, 1)
        return F.relu(F.max_pool2d(h, 2) + convolution.bias[:, None, None])
    sign = 1 - 2 * (norm.weight < 0).to(norm.weight)
    weight, bias = sign[:, None, None, None] * convolution.weight, sign * convolution.bias
    if isinstance(norm, nn.GroupNorm):                                  # one mean for each image and group
        h, mean, var = convolve(x, weight, len(x))
        mean, var = _of_groups(sign * (mean + bias), var, norm.num_groups)
        mean = sign * mean
    else:                                                               # one for all images
        h, mean, var = convolve(x, weight, 1)
        mean = mean + bias
    b = norm.weight.abs() * torch.rsqrt(var + norm.eps)                 # ≥ 0: that is what the signs are for
    a = norm.bias + b * (bias - mean)
    return F.relu(torch.addcmul(a[..., None, None], b[..., None, None], F.max_pool2d(h, 2)))


def _of_groups(mean: Float[Tensor, "n c"], var: Float[Tensor, "n c"],
               groups: int) -> tuple[Float[Tensor, "n c"], Float[Tensor, "n c"]]:
    """Mean and variance of each channel's group, by the law of total variance: that of the means adds."""
    of_channel, within = (part.unflatten(1, (groups, -1)) for part in (mean, var))
    of_group = of_channel.mean(-1, keepdim=True)
    var = (within + (of_channel - of_group).square()).mean(-1, keepdim=True)
    return tuple(part.expand_as(within).flatten(1) for part in (of_group, var))


def _patches_times(x: Float[Tensor, "n k h w"], weight: Float[Tensor, "c k 3 3"], parts: int):
    """As `_convolve`; the moments, wᵀE[p] and wᵀCov(p)w, are those of the patches p."""
    height, width = x.shape[-2:]
    patches, weight = F.unfold(x, 3, padding=1).mT.contiguous(), weight.flatten(1)
    h = (patches @ weight.T).unflatten(1, (height, width)).movedim(-1, 1)
    patches = patches.view(parts, -1, patches.shape[-1])
    mean = patches.mean(1)
    centered = patches - mean[:, None]
    covariance = centered.mT @ centered / patches.shape[1]
    return h, mean @ weight.T, (weight @ covariance * weight).sum(-1)


def _convolve(x: Float[Tensor, "n k h w"], weight: Float[Tensor, "c k 3 3"], parts: int):
    """(x ∗ w, and its mean and variance [parts, c] in each of so many equal parts of the images)."""
    h = F.conv2d(x, weight, padding=1)
    pixels = h.movedim(1, -1).reshape(parts, -1, h.shape[1])            # a view: channels come last in memory
    mean = pixels.mean(1)
    return h, mean, (pixels - mean[:, None]).square().mean(1)
