"""Exercise 4.2 a: a layer that does nothing forward, and turns the gradient around on the way back."""
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

SIGN = ("the sign: this would help the domain head, and the domains would come apart. Going down with this "
        "gradient must be going up for the head.")
ON_THE_WAY = "the values change on the way forward: only the gradient is turned around."
NOT_KEPT = ("λ is kept in one place for all calls, and the last call wins. Keep it with each call: `ctx` in "
            "`torch.autograd.Function`.")
IN_PLACE = ("`backward` changes the gradient that it was given: others may use the same tensor. Return a new "
            "one, `-reversal * g`.")
EVERYWHERE = ("the hook is on z itself, and turns around whatever comes back to z, on every path. It belongs "
              "to the layer's output, a new tensor.")


@exercise("4.2 a", points=2)
def reverse(answer: Attempt) -> Iterator[str]:
    """Gradient reversal."""
    rng = torch.Generator().manual_seed(1)
    _forward(answer, torch.tensor([[3.0, -1.0], [0.5, 2.0]]), 0.3)
    yield "forward, nothing changes: z comes out as it went in"
    for reversal in (0.3, 2.0, 0.0):
        _backward(answer, (2, 3), reversal, rng)
        yield f"λ = {reversal:g}: a gradient g comes back as {f'−{reversal:g}' if reversal else 0} · g"
    for shape in ((7, 4), (2, 3, 5, 5)):
        _backward(answer, shape, 0.6, rng)
    yield "so it does for vectors and for maps of any number"
    _two_calls(answer, rng)
    yield "two calls with different λ in one graph: each keeps its own"
    _beside(answer, rng)
    yield "what reaches z by another way is left alone"
    _shared(answer, rng)
    yield "the gradient that comes is not changed in place, and double precision stays double"


def _forward(answer: Attempt, z: Tensor, reversal: float) -> Tensor:
    out = against.ask(answer, z.clone().requires_grad_(), reversal=reversal)
    came = expect.tensor(out, "the output", shape=z.shape, axes="as z has them")
    against.match(came, z, "the output is not z", {
        ON_THE_WAY: -reversal * z, f"{ON_THE_WAY} (Here by a minus.)": -z,
        f"{ON_THE_WAY} (Here by λ.)": reversal * z,
        "the parts of z do not add up to z: (1 + λ) z − λ z is z, with a part of it detached.":
            (1 - 2 * reversal) * z}, row="row")
    return out


def _slope(total: Tensor, z: Tensor) -> Tensor | None:
    if not total.requires_grad:
        return None
    return torch.autograd.grad(total, z, retain_graph=True, allow_unused=True)[0]


def _backward(answer: Attempt, shape: Sequence[int], reversal: float, rng: torch.Generator) -> None:
    z, g = torch.randn(2, *shape, generator=rng)
    out = _forward(answer, z, reversal)
    came = _slope((out * g).sum(), answer.given[0])
    if came is None:
        if reversal:
            raise CheckFailed("no gradient comes back", wanted="−λ times what came", likely=against.CUT)
        came = torch.zeros_like(z)
    against.match(came, -reversal * g, "the gradient that comes back is not right",
                  wrong_slopes(z, g, reversal), row="row")


def wrong_slopes(z: Tensor, g: Tensor, reversal: float) -> dict[str, Tensor]:
    """What mistakes make of a gradient g."""
    return {
        SIGN: reversal * g,
        "λ is ignored: −λ times the gradient.": -g,
        "nothing is turned around: the gradient comes back as it came. (PyTorch takes the gradient of what "
        "forward computes, unless `backward` says another.)": g,
        "z itself comes back, times −λ: `backward` is given the gradient, and returns −λ times that.":
            -reversal * z,
        "λ is squared: it stands in forward and in backward, or the layer is used twice.": -reversal**2 * g,
        "divided by λ: −λ times the gradient.": -g / reversal if reversal else g,
        "1 − λ times the gradient: the part that is not detached must have the factor −λ, and the other one "
        "1 + λ.": (1 - reversal) * g,
        "−(1 + λ) times the gradient: −λ is wanted.": -(1 + reversal) * g,
        "only the sign of the gradient is left: −λ times the gradient.": -reversal * g.sign(),
        "nothing comes back: a gradient of zero teaches the embedding nothing.": torch.zeros_like(g),
    }


def _two_calls(answer: Attempt, rng: torch.Generator) -> None:
    z, g = torch.randn(2, 3, 2, generator=rng)
    first, z_first = _forward(answer, z, 0.5), answer.given[0]
    second, z_second = _forward(answer, z, 2.0), answer.given[0]
    total = ((first + second) * g).sum()
    came = torch.cat([_slope(total, z_first), _slope(total, z_second)])
    against.match(came, torch.cat([-0.5 * g, -2 * g]), "the gradients of two calls are not right",
                  {NOT_KEPT: torch.cat([-2 * g, -2 * g])}, row="row")


def _beside(answer: Attempt, rng: torch.Generator) -> None:
    z, g, h = torch.randn(3, 3, 2, generator=rng)
    out = _forward(answer, z, 0.5)
    z = answer.given[0]
    came = _slope((out * g).sum() + (z * h).sum(), z)
    against.match(came, h - 0.5 * g, "the gradient of another path through z has changed",
                  {EVERYWHERE: -0.5 * (g + h)}, row="row")


def _shared(answer: Attempt, rng: torch.Generator) -> None:
    """The same gradient arrives at the layer and at a neighbor."""
    z, g, other = torch.randn(3, 2, 3, generator=rng, dtype=torch.float64)
    out = against.ask(answer, z.clone().requires_grad_(), reversal=0.5)
    if out.dtype != z.dtype:
        raise CheckFailed("the output has another dtype than z", came=str(out.dtype), wanted=str(z.dtype))
    given = g.clone()
    torch.autograd.grad(out + other.requires_grad_(), answer.given[0], given)
    if not torch.equal(given, g):
        raise CheckFailed("the gradient that came was changed", came=against.short(given),
                          wanted=against.short(g), likely=IN_PLACE)
