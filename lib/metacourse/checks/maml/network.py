"""A network small enough to nudge every weight, in double precision, and tasks for it.

Gradients are taken by `torch.autograd`: the first call of `torch.func` loads a compiler, which takes seconds.
"""
import torch
from jaxtyping import Float
from torch import Tensor

from metacourse.episode import Episode, Examples, Params

STALE = 100.0
SHAPES = {"hidden.weight": (3, 1), "hidden.bias": (3,), "out.weight": (1, 3)}


def loss(theta: Params, examples: Examples) -> Float[Tensor, "*networks"]:
    """Mean squared error of a network with three tanh units, or of several at once: an axis in front of θ."""
    hidden = torch.tanh(examples.x @ theta["hidden.weight"].mT + theta["hidden.bias"].unsqueeze(-2))
    return (hidden @ theta["out.weight"].mT - examples.y).square().mean((-2, -1))


def theta() -> Params:
    rng = torch.Generator().manual_seed(2)
    return {name: torch.randn(shape, generator=rng, dtype=torch.float64).requires_grad_()
            for name, shape in SHAPES.items()}


def used_theta() -> Params:
    """The same θ after somebody's `backward()`: `STALE` stands in every `.grad`."""
    used = theta()
    for p in used.values():
        p.grad = torch.full_like(p, STALE)
    return used


def episodes(tasks: int) -> list[Episode]:
    """Waves of other amplitude and phase, four points to learn from and five to be asked about."""
    rng = torch.Generator().manual_seed(3)
    return [Episode(_wave(i, 4, rng), _wave(i, 5, rng)) for i in range(tasks)]


def slopes(theta: Params, examples: Examples) -> Params:
    """The gradient of the loss, without a graph."""
    theta = {name: p.detach().requires_grad_() for name, p in theta.items()}
    return dict(zip(theta, torch.autograd.grad(loss(theta, examples).sum(), list(theta.values()))))


def adapted(theta: Params, support: Examples, *, inner_lr: float, inner_steps: int) -> Params:
    """φ after gradient descent, written apart from the library, so that the two can disagree."""
    phi = {name: p.detach() for name, p in theta.items()}
    for _ in range(inner_steps):
        downhill = slopes(phi, support)
        phi = {name: phi[name] - inner_lr * downhill[name] for name in phi}
    return phi


def by_nudging(theta: Params, tasks: list[Episode], *, h: float = 1e-5, **inner) -> Float[Tensor, " weight"]:
    """The meta-gradient by finite differences: push each weight both ways, adapt again, compare."""
    start = torch.cat([p.detach().flatten() for p in theta.values()])
    nudges = h * torch.eye(len(start), dtype=start.dtype)
    pushed = unflatten(torch.cat([start + nudges, start - nudges]), theta)   # 2 networks for each weight
    up, down = torch.stack([loss(adapted(pushed, task.support, **inner), task.query)
                            for task in tasks]).mean(0).chunk(2)
    return (up - down) / (2 * h)


def first_order(theta: Params, tasks: list[Episode], **inner) -> Float[Tensor, " weight"]:
    """The gradient of the query loss at φ, taken as if it were the one at θ; the mean over tasks."""
    each = [slopes(adapted(theta, task.support, **inner), task.query) for task in tasks]
    return torch.stack([torch.cat([g.flatten() for g in gradient.values()]) for gradient in each]).mean(0)


def parts(vectors: Float[Tensor, "*networks weight"], like: Params) -> list[Tensor]:
    """Vectors cut into one piece for each tensor of θ."""
    return list(vectors.split([p.numel() for p in like.values()], -1))


def unflatten(vectors: Float[Tensor, "*networks weight"], like: Params) -> Params:
    return {name: part.reshape(*part.shape[:-1], *like[name].shape)
            for name, part in zip(like, parts(vectors, like))}


def close(came: Tensor, wanted: Tensor) -> bool:
    """Within what finite differences and single precision can tell."""
    return torch.allclose(came.double(), wanted.double(), rtol=1e-4, atol=1e-6)


def _wave(i: int, n: int, rng: torch.Generator) -> Examples:
    x = 4 * torch.rand(n, 1, generator=rng, dtype=torch.float64) - 2
    return Examples(x, (1 + i) * torch.sin(x - i))
