"""Exercise 4.2 b: class head and domain head on one embedding, and where the reversal stands."""
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed
from metacourse.methods.dann import reverse

WAY, DIM = 3, 4
PARTS = ("the class head", "the domain head", "z_source", "z_target")


class Case(NamedTuple):
    """Features of both domains and the weights of two linear heads, all of which can get a gradient."""

    classes: Tensor                                       # [dim, way]
    domains: Tensor                                       # [dim]
    z_source: Tensor
    z_target: Tensor
    y: Tensor

    def classify(self, z: Tensor) -> Tensor:
        """Scores [n, way]."""
        return z @ self.classes

    def domain(self, z: Tensor) -> Tensor:
        """One logit for each vector, [n]."""
        return z @ self.domains


def case(source: int, target: int, seed: int) -> Case:
    rng = torch.Generator().manual_seed(seed)
    shapes = (DIM, WAY), (DIM,), (source, DIM), (target, DIM)
    tensors = [torch.randn(shape, generator=rng).requires_grad_() for shape in shapes]
    return Case(*tensors, torch.randint(WAY, (source,), generator=rng))


@exercise("4.2 b", points=2)
def dann_loss(answer: Attempt) -> Iterator[str]:
    """Adversarial training."""
    for source, target, reversal in ((6, 4, 0.3), (3, 5, 0.1)):
        given, right = case(source, target, seed=source), case(source, target, seed=source)
        wanted = _learned(loss(right, reversal), right)
        came = _learned(_ask(answer, given, reversal), given._replace(z_source=answer.given[2],
                                                                        z_target=answer.given[4]))
        _judge(came, wanted, source, target, reversal)
        yield f"{source} pictures of the source, {target} of the target, λ = {reversal:g}: the right loss"
        yield "both heads learn as ever, and the embedding gets the domain head's gradient times −λ"


def _ask(answer: Attempt, given: Case, reversal: float) -> Tensor:
    came = against.ask(answer, given.classify, given.domain, given.z_source, given.y, given.z_target,
                       reversal=reversal)
    expect.number(came, 0.0, "the loss", tolerance=float("inf"))
    if not isinstance(came, Tensor) or not came.requires_grad:
        raise CheckFailed("nothing could be learned from this loss", came=came, likely=against.CUT)
    return came.reshape(())


def _learned(value: Tensor, given: Case) -> tuple[float, list[Tensor]]:
    """The loss, and its gradients in both heads and both sets of features."""
    inputs = (given.classes, given.domains, given.z_source, given.z_target)
    slopes = torch.autograd.grad(value, inputs, allow_unused=True)
    return value.item(), [torch.zeros_like(z) if g is None else g for z, g in zip(inputs, slopes)]


def _judge(came: tuple, wanted: tuple, source: int, target: int, reversal: float) -> None:
    if _equal(came, wanted):
        return
    named = []
    for mistake, wrong in MISTAKES.items():
        given = case(source, target, seed=source)
        if _equal(came, _learned(wrong(given, reversal), given)):
            named.append(mistake)
    likely = "".join(named[:1])
    if abs(came[0] - wanted[0]) > 1e-4:
        raise CheckFailed("the loss is not right", came=came[0], wanted=f"{wanted[0]:.4g}", likely=likely)
    part = next(i for i in range(4) if not against.close(came[1][i], wanted[1][i]))
    raise CheckFailed(f"the loss is right, and what {PARTS[part]} learns is not",
                      came=f"gradient {against.short(came[1][part])}",
                      wanted=f"gradient {against.short(wanted[1][part])}", likely=likely)


def _equal(came: tuple, wanted: tuple) -> bool:
    return abs(came[0] - wanted[0]) <= 1e-4 and all(map(against.close, came[1], wanted[1]))


def class_part(c: Case, z: Tensor) -> Tensor:
    return F.cross_entropy(c.classify(z), c.y)


def domain_part(c: Case, z_source: Tensor, z_target: Tensor, *, swapped: bool = False) -> Tensor:
    """The mean over the source, whose label is 0, plus that over the target, whose label is 1."""
    d_source, d_target = c.domain(z_source), c.domain(z_target)
    if swapped:
        d_source, d_target = -d_source, -d_target
    return F.softplus(d_source).mean() + F.softplus(-d_target).mean()


def loss(c: Case, reversal: float, back: Callable | None = None) -> Tensor:
    """The right one; `back` may be another layer than the reversal."""
    z_source, z_target = map(back or (lambda z: reverse(z, reversal=reversal)), (c.z_source, c.z_target))
    return class_part(c, c.z_source) + domain_part(c, z_source, z_target)


def _both(c: Case, reversal: float) -> Tensor:
    z_source, z_target = (reverse(z, reversal=reversal) for z in (c.z_source, c.z_target))
    return class_part(c, z_source) + domain_part(c, z_source, z_target)


def _pooled(c: Case, reversal: float) -> Tensor:
    d = c.domain(reverse(torch.cat([c.z_source, c.z_target]), reversal=reversal))
    is_target = torch.arange(len(d)) >= len(c.z_source)
    return class_part(c, c.z_source) + F.binary_cross_entropy_with_logits(d, is_target.float())


def _domains(c: Case, reversal: float, **how) -> Tensor:
    z_source, z_target = (reverse(z, reversal=reversal) for z in (c.z_source, c.z_target))
    return domain_part(c, z_source, z_target, **how)


def _one_side(c: Case, reversal: float, *, source: bool) -> Tensor:
    z_source = reverse(c.z_source, reversal=reversal) if source else c.z_source
    z_target = c.z_target if source else reverse(c.z_target, reversal=reversal)
    return class_part(c, c.z_source) + domain_part(c, z_source, z_target)


MISTAKES: dict[str, Callable[[Case, float], Tensor]] = {
    "nothing is reversed: the embedding helps the domain head, and the domains come apart.":
        lambda c, r: loss(c, r, lambda z: z),
    "the reversal stands before the class head, too: it would unlearn the classes. Only the way to the "
    "domain head is turned around.": _both,
    "the reversal stands before the class head instead of the domain head.":
        lambda c, r: class_part(c, reverse(c.z_source, reversal=r)) + domain_part(c, c.z_source, c.z_target),
    "the sign is turned around twice: `reverse` has the minus already.":
        lambda c, r: loss(c, r, lambda z: reverse(reverse(z, reversal=r), reversal=1.0)),
    "λ is ignored: the gradient comes back times −1.": lambda c, r: loss(c, 1.0),
    "λ is used twice: in the reversal and in front of the domain loss, where the head would learn slowly.":
        lambda c, r: class_part(c, c.z_source) + r * _domains(c, r),
    "λ is in front of the domain loss instead of in the reversal: the head's own gradient shrinks with it.":
        lambda c, r: class_part(c, c.z_source) + r * _domains(c, 1.0),
    "λ is in front of the domain loss, and nothing is reversed.":
        lambda c, r: class_part(c, c.z_source) + r * domain_part(c, c.z_source, c.z_target),
    "the domain loss is subtracted: so the domain head itself unlearns. That is what the reversal is for.":
        lambda c, r: class_part(c, c.z_source) - r * domain_part(c, c.z_source, c.z_target),
    "the reversal stands behind the domain head, and turns the head itself around: it belongs before it.":
        lambda c, r: class_part(c, c.z_source) + reverse(domain_part(c, c.z_source, c.z_target), reversal=r),
    "only the source passes through the reversal: the target, too.":
        lambda c, r: _one_side(c, r, source=True),
    "only the target passes through the reversal: the source, too.":
        lambda c, r: _one_side(c, r, source=False),
    "the features are detached before the domain head: the embedding hears nothing of it.":
        lambda c, r: loss(c, r, torch.detach),
    "the domains' labels are swapped: 0 is the source, 1 the target.":
        lambda c, r: class_part(c, c.z_source) + _domains(c, r, swapped=True),
    "one mean over the pictures of both domains: the larger domain would count for more. Take the mean of "
    "each, and add them.": _pooled,
    "half of the domain loss: the means of both domains are added.":
        lambda c, r: class_part(c, c.z_source) + _domains(c, r) / 2,
    "the class loss is missing.": lambda c, r: _domains(c, r) + 0 * c.classes.sum(),
    "the domain loss is missing.": lambda c, r: class_part(c, c.z_source) + 0 * c.domains.sum(),
}
