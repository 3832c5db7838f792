"""A network as a function of its parameters: the only bridge from `nn.Module` to the methods."""
import copy
import math
import threading
from collections.abc import Callable

from torch import Tensor, nn
from torch.func import functional_call

from metacourse.episode import Params


def functional(module: nn.Module, *, buffers: bool = False):
    """(apply, theta) such that apply(theta, x) is `module(x)` with parameters θ: f_θ(x).

    `x` may have any axes in front: [way, shot, C, H, W] gives [way, shot, out]. They are flattened for the module
    and restored, as far as the module tells the rank of one input by an attribute `input_dims` (3 for an image,
    1 for a vector); a module without it gets its inputs, one or several, as they come.

    θ is a detached copy, the module is copied too: no call changes it, and changing it later changes nothing here.
    Buffers are held fixed. With `buffers=True` they are handed out instead: (apply, theta, buffers), where
    apply(theta, buffers, x) returns (out, new buffers).

    Raises ValueError for batch norm in training mode with running averages, which cannot be held fixed.
    """
    dims = getattr(module, "input_dims", None)
    theta = {name: p.detach().clone() for name, p in module.named_parameters()}
    held = {name: b.detach().clone() for name, b in module.named_buffers()}
    call = _one_copy_per_thread(module)
    if buffers:
        def apply_with_buffers(theta: Params, buffers: Params, *inputs: Tensor) -> tuple[Tensor, Params]:
            new = {name: b.clone() for name, b in buffers.items()}          # the module writes into these
            return _over_leading_axes(lambda *x: call({**theta, **new}, x), inputs, dims), new
        return apply_with_buffers, theta, held
    _refuse_running_averages(module)

    def apply(theta: Params, *inputs: Tensor) -> Tensor:
        fixed = {name: b.to(inputs[0]) if b.is_floating_point() else b.to(inputs[0].device)
                 for name, b in held.items()}
        return _over_leading_axes(lambda *x: call({**theta, **fixed}, x), inputs, dims)
    return apply, theta


def _one_copy_per_thread(module: nn.Module) -> Callable:
    """`functional_call` lends θ to the module while it runs, so two threads must not share one module."""
    original, local = copy.deepcopy(module), threading.local()

    def call(parameters: Params, inputs: tuple[Tensor, ...]):
        if not hasattr(local, "module"):
            local.module = copy.deepcopy(original)
        return functional_call(local.module, parameters, inputs)
    return call


def _over_leading_axes(f: Callable, inputs: tuple[Tensor, ...], dims: int | None) -> Tensor:
    if dims is None:
        return f(*inputs)
    x, = inputs
    if x.ndim < dims:
        raise ValueError(f"x has shape {list(x.shape)}; one input of this network has {dims} axes "
                         f"({'channels, height, width' if dims == 3 else 'features'}). Add the missing ones.")
    leading = x.shape[:x.ndim - dims]
    out = f(x.reshape(math.prod(leading), *x.shape[len(leading):]))
    return out.reshape(*leading, *out.shape[1:])


def _refuse_running_averages(module: nn.Module) -> None:
    for name, layer in module.named_modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.training and layer.track_running_stats:
            raise ValueError(
                f"layer {name!r} is batch norm that updates running averages, a side effect that a function cannot "
                "have. Build it with track_running_stats=False, call .eval() first to hold the averages fixed, "
                "or ask for functional(module, buffers=True).")
