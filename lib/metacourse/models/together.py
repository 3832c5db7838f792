"""Networks that are trained as one: an embedding, and what comes behind it, under a single θ."""
from collections.abc import Callable

from torch import Tensor, nn

from metacourse.episode import Params
from metacourse.models.functional import functional


def together(embed: nn.Module, **behind: nn.Module) -> tuple[Callable | Params, ...]:
    """(embed, *behind, theta): each as a function of one θ, in which it finds its own parameters.

        embed, context, theta = together(StridedConv4(32), context=FullContext(128))
        embed, classify, domain, theta = together(body, classify=MLP([128, 10]), domain=MLP([128, 100, 1]))

    The parameters of `embed` keep their names; those of another begin with its own, as "context.".
    """
    if not behind:
        raise ValueError("0 networks behind the embedding; wanted one, under its name, or several, as "
                         "context=FullContext(128) or compare=RelationHead(32)")
    first, theta = functional(embed)
    found, named = [_finding(first, theta)], dict(theta)
    for name, module in behind.items():
        apply, own = functional(module)
        found.append(_finding(apply, own, f"{name}."))
        named |= {f"{name}.{key}": p for key, p in own.items()}
    return *found, named


def _finding(apply: Callable, own: Params, prefix: str = "") -> Callable:
    names = list(own)

    def of_all(theta: Params, *inputs: Tensor):
        return apply({name: theta[prefix + name] for name in names}, *inputs)
    return of_all
