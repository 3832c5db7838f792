"""Fine-tuning strategies: how fast each parameter of a pretrained network may move, and when.

A strategy is a learning rate for every parameter name. A parameter without one is frozen. So head only, the
last blocks, everything, layer-wise rates and gradual unfreezing differ in nothing but a dictionary, which can
be printed before anything is trained. Layer-wise rates and gradual unfreezing are from Howard and Ruder
(2018, "ULMFiT"), the pull toward the start from Li et al. (2018, "L2-SP").

Differs from the papers:
- blocks of an image network, where Howard and Ruder have layers of a language model; steps, where they have
  epochs; no slanted triangular rates;
- Adam for all; L2-SP is added to the loss, as in the paper, so Adam rescales its gradient, too.
"""
import copy
from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from metacourse.episode import Examples, Loss, Params

Rates = Mapping[str, float]                     # of each parameter that moves
DECAY = 2.6                                     # from a block to the one before it: Howard and Ruder's choice


def blocks(theta: Params, *, depth: int = 2) -> list[str]:
    """The parts of a network from input to output, by the first `depth` words of its parameters' names.

    Of Conv4(way=5): ["body.0", "body.1", "body.2", "body.3", "head"].
    """
    paths = [name.split(".")[:-1] or [name] for name in theta]
    return list(dict.fromkeys(".".join(path[:depth]) for path in paths))


def members(theta: Params, block: str) -> list[str]:
    """The names of a block's parameters. Raises ValueError for a block that has none."""
    names = [name for name in theta if name == block or name.startswith(f"{block}.")]
    if not names:
        raise ValueError(f"no parameter's name begins with {block!r}; the blocks are "
                         f"{', '.join(blocks(theta))}")
    return names


def copied(theta: Params, source: Params, chosen: Sequence[str]) -> Params:
    """θ with the `chosen` blocks of a pretrained network in place of its own: what is transferred.

        copied(fresh, pretrained, blocks(fresh)[:2])                # the first two blocks, the rest fresh
    """
    names = [name for block in chosen for name in members(theta, block)]
    for name in names:
        if name not in source or source[name].shape != theta[name].shape:
            there = list(source[name].shape) if name in source else "nothing"
            raise ValueError(f"{name} has shape {list(theta[name].shape)}, and the source has {there}: copy "
                             "between networks of one shape, and leave the head behind")
    return {**theta, **{name: source[name].detach().clone() for name in names}}


def rates(theta: Params, moving: Sequence[str], *, lr: float, decay: float = 1.0) -> Rates:
    """A rate for every parameter of the `moving` blocks, which are named from input to output.

    The last block gets `lr`, each one before it 1 / `decay` of the next one's (Howard and Ruder take 2.6).

        rates(theta, ["head"], lr=…)                                # head only
        rates(theta, blocks(theta)[-2:], lr=…)                      # last blocks
        rates(theta, blocks(theta), lr=…)                           # everything
        rates(theta, blocks(theta), lr=…, decay=DECAY)              # layer-wise
    """
    if not lr > 0 or not decay >= 1:
        raise ValueError(f"lr={lr}, decay={decay}; wanted a rate > 0, and a decay of 1 (all alike) or more: "
                         "early blocks are the slow ones")
    if not moving:
        raise ValueError(f"nothing moves; wanted one block or more of {', '.join(blocks(theta))}")
    return {name: lr / decay**back for back, block in enumerate(reversed(moving))
            for name in members(theta, block)}


def unfreezing(theta: Params, order: Sequence[str], *, every: int, lr: float,
               decay: float = 1.0) -> Callable[[int], Rates]:
    """Gradual unfreezing: the last block of `order` alone at first, and one more after `every` steps each.

    `order` names blocks from input to output. The result gives the rates of each step.
    """
    if every < 1:
        raise ValueError(f"every={every}; wanted 1 step or more between two blocks")
    stages = [rates(theta, order[-n:], lr=lr, decay=decay) for n in range(1, len(order) + 1)]
    if not stages:
        raise ValueError("nothing to unfreeze; wanted one block or more, from input to output")
    return lambda step: stages[min(step // every, len(stages) - 1)]


def fit(loss: Loss, theta: Params, batch: Callable[[int], Examples], *, steps: int,
        rates: Rates | Callable[[int], Rates]) -> Params:
    """θ after `steps` of Adam, each parameter at its own rate; `rates` may be a function of the step.

    A parameter that has no rate does not move, and Adam does not remember gradients of it. There is one
    optimizer for the whole run: it knows all parameters, also those that thaw later.
    """
    at = rates if callable(rates) else lambda step: rates
    if steps < 0:
        raise ValueError(f"steps={steps}; wanted 0 or more")
    phi = {name: p.detach().clone() for name, p in theta.items()}
    adam = torch.optim.Adam([{"params": [p]} for p in phi.values()], lr=0.0)
    groups = dict(zip(phi, adam.param_groups))
    with torch.enable_grad():
        for step in range(steps):
            now = _known(at(step), theta)
            for name, p in phi.items():
                p.requires_grad_(name in now).grad = None
                groups[name]["lr"] = now.get(name, 0.0)
            loss(phi, batch(step)).backward()                        # ∇ of what moves, and of nothing else
            adam.step()
    return {name: p.detach() for name, p in phi.items()}


@torch.no_grad()
def predict(apply: Callable, theta: Params, support: Examples, x_query: Float[Tensor, "query ..."], *,
            loss: Loss, steps: int, rates: Rates | Callable[[int], Rates]) -> Float[Tensor, "query way"]:
    """Scores of the queries after fitting θ to the whole support set by a strategy."""
    return apply(fit(loss, theta, lambda step: support, steps=steps, rates=rates), x_query)


def frozen(loss: Loss, theta: Params) -> Loss:
    """A loss of the moving part of θ alone, the rest held fixed: for `train`, which moves all it is given.

        train(frozen(loss, theta), {name: theta[name] for name in members(theta, "head")}, batch, steps=…)
    """
    held = {name: p.detach() for name, p in theta.items()}

    def of_moving(moving: Params, examples: Examples) -> Tensor:
        _known(moving, held)
        return loss({**held, **moving}, examples)
    return of_moving


def toward_start(loss: Loss, start: Params, *, pull: float, decay: float = 0.0, new: str = "head") -> Loss:
    """L2-SP: ℒ + pull/2 · ‖w − w⁰‖² over pretrained parameters + decay/2 · ‖w‖² over the block `new`.

    Weight decay pulls toward zero, where a pretrained network never was; this pulls to where it began.
    """
    if not (pull >= 0 and decay >= 0):
        raise ValueError(f"pull={pull}, decay={decay}; wanted 0 or more of each")
    head = set(members(start, new))
    origin = {name: p.detach().clone() for name, p in start.items()}

    def pulled(theta: Params, examples: Examples) -> Tensor:
        back = sum((p - origin[name]).square().sum() for name, p in theta.items() if name not in head)
        size = sum(theta[name].square().sum() for name in head)
        return loss(theta, examples) + pull / 2 * back + decay / 2 * size
    return pulled


def batch_norm(module: nn.Module, policy: str) -> nn.Module:
    """A copy of the module whose batch norm follows a policy, which freezing parameters does not decide.

    "fixed": the running averages of pretraining are used, and stay.
    "batch": every batch is normalized by its own statistics; nothing is kept.
    "moving": the averages follow the new data while training, even if every parameter is frozen; `functional`
    takes this only with `buffers=True`.
    """
    module = copy.deepcopy(module)
    for name, layer in module.named_modules():
        if isinstance(layer, _BatchNorm):
            _follow(layer, name, policy)
    return module


def _follow(layer: _BatchNorm, name: str, policy: str) -> None:
    if policy not in ("fixed", "batch", "moving"):
        raise ValueError(f"policy={policy!r}; wanted 'fixed', 'batch' or 'moving'")
    if policy == "batch":
        layer.track_running_stats = False
        layer.running_mean = layer.running_var = layer.num_batches_tracked = None
    elif layer.running_mean is None:
        raise ValueError(f"layer {name!r} kept no running averages that could be {policy}; wanted 'batch', "
                         "or averages from adabn.adapt")
    layer.train(policy == "moving")


def _known(names: Mapping, theta: Params) -> Mapping:
    if not names:
        raise ValueError(f"no parameter moves; wanted one or more of {', '.join(theta)}")
    strange = [name for name in names if name not in theta]
    if strange:
        raise ValueError(f"θ has no parameter {strange[0]!r}; it has {', '.join(theta)}")
    return names
