"""Adaptive batch norm: the network of the source, with the mean and variance of the target (Li et al., 2016).

Batch norm subtracts a mean and divides by a deviation that belong to the images it was trained on. Images
that are brighter or noisier have others. Measure those anew, on unlabeled target images, and change nothing
else. Before any other method gets the credit, see how far this one goes.

Differs from the paper:
- the statistics of several batches are averaged, where the paper's algorithm also adds how far the batches'
  means lie apart; with large batches there is no difference to speak of.
"""
import copy
from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from metacourse.episode import Params


@torch.no_grad()
def adapt(module: nn.Module, theta: Params, batches: Iterable[Float[Tensor, "image ..."]]) -> nn.Module:
    """A copy of the module with parameters θ, whose batch norm has the statistics of these images, for good.

        embed, theta = functional(adabn.adapt(network, theta, [target_x]))      # of the target
        embed, theta = functional(adabn.adapt(network, theta, [source.x]))      # source only, to compare

    The images of a batch are normalized by their own statistics on the way, so that a deep layer is measured
    on what it will see. Layers that kept no statistics (Conv4's `norm="batch"`) get them. θ may hold
    parameters of other networks, too.
    Raises ValueError for a module without batch norm, no batch, or one with fewer than two images.
    """
    module = copy.deepcopy(module).eval()
    _take(module, theta)
    layers = [layer for layer in module.modules() if isinstance(layer, _BatchNorm)]
    if not layers:
        raise ValueError(f"{type(module).__name__} has no batch norm, and so no statistics to adapt: build "
                         "it with norm='batch'")
    for layer in layers:
        _count_anew(layer)
    seen = 0
    for x in batches:
        if len(x) < 2:
            raise ValueError(f"a batch of {len(x)} images; wanted 2 or more: one has no variance")
        module(x)
        seen += 1
    if not seen:
        raise ValueError("the target is empty; wanted one batch of images or more")
    return module.eval()


def _take(module: nn.Module, theta: Params) -> None:
    own = dict(module.named_parameters())
    missing = [name for name in own if name not in theta]
    if missing:
        raise ValueError(f"theta has no {missing[0]}; wanted all parameters of {type(module).__name__}: take "
                         "the θ that was trained with it")
    for name, p in own.items():
        p.copy_(theta[name])


def _count_anew(layer: _BatchNorm) -> None:
    """Running averages that weigh every batch alike, from none."""
    if layer.running_mean is None:
        device = None if layer.weight is None else layer.weight.device
        layer.track_running_stats = True
        layer.running_mean, layer.running_var = torch.zeros(2, layer.num_features, device=device).unbind()
        layer.num_batches_tracked = torch.tensor(0, device=device)
    layer.reset_running_stats()
    layer.momentum = None                                            # torch's word for a plain average
    layer.train()
