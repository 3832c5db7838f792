"""Right and wrong reversals of a gradient."""
import pytest
import torch

from metacourse.checks import NotAttempted, transfer
from metacourse.checks.transfer.reversal import EVERYWHERE, IN_PLACE, NOT_KEPT, ON_THE_WAY, SIGN
from metacourse.methods import dann
from tests.checks.saying import blank, names_the_mistake, rejected


def layer(backward, forward=lambda z: z.view_as(z)):
    """A reversal as `torch.autograd.Function`, by what it does on the way there and back."""
    class Layer(torch.autograd.Function):
        @staticmethod
        def forward(ctx, z, reversal):
            ctx.reversal = reversal
            ctx.save_for_backward(z)
            return forward(z)

        @staticmethod
        def backward(ctx, g):
            return backward(g, ctx.reversal, *ctx.saved_tensors), None
    return lambda z, *, reversal: Layer.apply(z, reversal)


def by_hook(z, *, reversal):
    out = z * 1
    if out.requires_grad:
        out.register_hook(lambda g: -reversal * g)
    return out


def none_for_zero(z, *, reversal):
    return z.detach() if reversal == 0 else dann.reverse(z, reversal=reversal)


@pytest.mark.parametrize("right", [
    dann.reverse, by_hook, none_for_zero, layer(lambda g, r, z: -r * g), layer(lambda g, r, z: g.neg() * r),
    lambda z, *, reversal: (1 + reversal) * z.detach() - reversal * z,
    lambda z, *, reversal: -reversal * z + (z + reversal * z).detach(),
])
def test_every_right_reversal_is_accepted(right):
    transfer.reverse(right)


class Shared(torch.autograd.Function):
    """λ lives on the class, where each call overwrites it."""

    @staticmethod
    def forward(ctx, z, reversal):
        Shared.reversal = reversal
        return z.view_as(z)

    @staticmethod
    def backward(ctx, g):
        return -Shared.reversal * g, None


def hook_on_z(z, *, reversal):
    if z.requires_grad:
        z.register_hook(lambda g: -reversal * g)
    return z.view_as(z)


def detached(part, other):
    return lambda z, *, reversal: part(reversal) * z.detach() + other(reversal) * z


@pytest.mark.parametrize("wrong, hint", [
    (lambda z, *, reversal: -reversal * z, ON_THE_WAY),
    (lambda z, *, reversal: -z, "Here by a minus"),
    (lambda z, *, reversal: reversal * z, "Here by λ"),
    (detached(lambda r: 1 - r, lambda r: -r), "do not add up to z"),
    (layer(lambda g, r, z: r * g), SIGN),
    (layer(lambda g, r, z: g.mul_(-r)), IN_PLACE),
    (detached(lambda r: 1 - r, lambda r: r), SIGN),
    (layer(lambda g, r, z: -g), "λ is ignored"),
    (layer(lambda g, r, z: g), "nothing is turned around"),
    (lambda z, *, reversal: z, "nothing is turned around"),
    (layer(lambda g, r, z: -r * z), "z itself comes back"),
    (layer(lambda g, r, z: -r**2 * g), "λ is squared"),
    (layer(lambda g, r, z: -g / r if r else g), "divided by λ"),
    (detached(lambda r: r, lambda r: 1 - r), "1 − λ times the gradient"),
    (layer(lambda g, r, z: -(1 + r) * g), "−(1 + λ) times"),
    (layer(lambda g, r, z: -r * g.sign()), "only the sign of the gradient"),
    (layer(lambda g, r, z: 0 * g), "nothing comes back"),
    (lambda z, *, reversal: z.detach(), "cuts the graph"),
    (lambda z, *, reversal: Shared.apply(z, reversal), NOT_KEPT),
    (hook_on_z, EVERYWHERE),
])
def test_every_wrong_reversal_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.reverse, wrong, hint)


def test_another_shape_is_rejected():
    assert "wrong shape" in rejected(transfer.reverse, lambda z, *, reversal: z.flatten())


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        transfer.reverse(blank)
