"""Two networks that are trained as one: an embedding, and what comes behind it, under a single θ."""
from collections.abc import Callable

from torch import Tensor, nn

from metacourse.episode import Params
from metacourse.models.functional import functional


def together(embed: nn.Module, **behind: nn.Module) -> tuple[Callable, Callable, Params]:
    """(embed, behind, theta): both as functions of one θ, each of which finds its own parameters in it.

        embed, context, theta = together(StridedConv4(32), context=FullContext(128))

    The parameters of `embed` keep their names; those of the other begin with its own, as "context.".
    """
    if len(behind) != 1:
        raise ValueError(f"{len(behind)} networks behind the embedding; wanted one, under its name, as "
                         "context=FullContext(128) or compare=RelationHead(32)")
    (name, module), = behind.items()
    first, theta = functional(embed)
    second, theta_behind = functional(module)
    named = {f"{name}.{key}": p for key, p in theta_behind.items()}
    return _finding(first, theta), _finding(second, theta_behind, f"{name}."), {**theta, **named}


def _finding(apply: Callable, own: Params, prefix: str = "") -> Callable:
    names = list(own)

    def of_all(theta: Params, *inputs: Tensor):
        return apply({name: theta[prefix + name] for name in names}, *inputs)
    return of_all
