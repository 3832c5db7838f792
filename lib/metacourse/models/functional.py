"""A network as a function of its parameters: the only bridge from `nn.Module` to the methods."""
import copy
import math
import threading
from collections.abc import Callable

from torch import Tensor, nn
from torch.func import functional_call

from metacourse.episode import Params


def functional(module: nn.Module, *, buffers: bool = False):
    """(apply, theta) such that apply(theta, x) is the module's output with parameters θ: f_θ(x).

    `x` may have any axes in front where the module tells the rank of one input by an attribute `input_dims`
    (3 for an image, 1 for a vector): [way, shot, C, H, W] gives [way, shot, out]. A module without it gets
    its inputs, one or several, as they come.

    Nothing is shared with the module: θ is a detached copy, and the module may change later. Buffers are
    held fixed; with `buffers=True` they travel beside θ: (apply, theta, buffers), where
    apply(theta, buffers, x) returns (out, new buffers).

    Raises ValueError for batch norm that would update running averages, since those cannot be held fixed.
    """
    theta = {name: p.detach().clone() for name, p in module.named_parameters()}
    held = {name: b.detach().clone() for name, b in module.named_buffers()}
    call = _one_copy_per_thread(module)

    def apply_with_buffers(theta: Params, buffers: Params, *inputs: Tensor) -> tuple[Tensor, Params]:
        new = {name: b.clone() for name, b in buffers.items()}              # the module writes into these
        return call({**theta, **new}, inputs), new

    def apply(theta: Params, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        return call({**theta, **{name: _like(b, inputs[0]) for name, b in held.items()}}, inputs)

    if buffers:
        return apply_with_buffers, theta, held
    _refuse_running_averages(module)
    return apply, theta


def _one_copy_per_thread(module: nn.Module) -> Callable:
    """`functional_call` lends θ to the module while it runs: two threads must not share one module."""
    original, local = copy.deepcopy(module), threading.local()

    def call(parameters: Params, inputs: tuple[Tensor, ...]):
        if not hasattr(local, "module"):
            local.module = copy.deepcopy(original)
        dims = getattr(original, "input_dims", None)
        if dims is None:
            return functional_call(local.module, parameters, inputs)
        flat, leading = _flatten(*inputs, dims=dims)
        out = functional_call(local.module, parameters, (flat,))
        return out.reshape(*leading, *out.shape[1:])
    return call


def _flatten(x: Tensor, *, dims: int) -> tuple[Tensor, tuple[int, ...]]:
    """All axes before the last `dims` as one, and their sizes."""
    if x.ndim < dims:
        raise ValueError(f"x has shape {list(x.shape)}; one input of this network has {dims} axes "
                         f"({'channels, height, width' if dims == 3 else 'features'}): add the missing ones")
    leading = x.shape[:x.ndim - dims]
    return x.reshape(math.prod(leading), *x.shape[len(leading):]), leading


def _like(buffer: Tensor, x: Tensor) -> Tensor:
    """On the input's device, and of its precision (but a counter stays a counter)."""
    return buffer.to(x) if buffer.is_floating_point() and x.is_floating_point() else buffer.to(x.device)


def _refuse_running_averages(module: nn.Module) -> None:
    for name, layer in module.named_modules():
        if getattr(layer, "track_running_stats", False) and layer.training:
            raise ValueError(
                f"layer {name!r} ({type(layer).__name__}) updates running averages, a side effect that a "
                "function cannot have: build it with track_running_stats=False, call .eval() first to hold "
                "the averages fixed, or ask for functional(module, buffers=True)")
