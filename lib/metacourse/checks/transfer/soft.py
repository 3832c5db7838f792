"""Exercise 4.3 a: how far a student's softened probabilities are from its teacher's."""
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

NO_SQUARE = "T² is missing: the gradient shrinks like 1/T², so the soft part would fade as T grows."
DIRECTION = ("teacher and student are swapped: log(p / q) is weighed by the teacher's p. `F.kl_div` takes "
             "the student's logarithms first, and the teacher's probabilities second.")
ENTROPY = ("this is the cross-entropy: the same gradient, but not 0 where both agree. Take the "
           "teacher's own entropy off, or add up p · (log p − log q).")
LOGARITHMS = ("NaN: 0 · ∞, or the logarithm of a negative number. `F.kl_div` wants log q first, then p (or "
              "log p with `log_target=True`).")
UNDERFLOW = ("e⁻³⁰⁰ is zero in single precision, and its logarithm is lost: `log_softmax` never leaves the "
             "logarithms.")
UNTAUGHT = "no gradient reaches `student`: nothing could be learned from it"
LEARNS = "the teacher gets a gradient, and would come to meet the student: it is a constant, `detach()`."


@exercise("4.3 a", points=2)
def soft_loss(answer: Attempt) -> Iterator[str]:
    """The soft loss."""
    _pencil(answer)
    yield "T = 2, the teacher says ½, ¼, ¼, the student ⅓ each: 4 · (½ log 3⁄2 + ½ log ¾) = 0.236"
    rng = torch.Generator().manual_seed(3)
    for n, way, temperature in ((6, 3, 4.0), (2, 5, 0.5)):
        _value(answer, *(3 * torch.randn(2, n, way, generator=rng)), temperature)
        yield f"{n} pictures, {way} classes, T = {temperature:g}: the mean of T² · Σ p · log(p / q)"
    z = torch.randn(4, 3, generator=rng)
    expect.number(against.ask(answer, z, z + 1, temperature=3.0), 0.0, "the loss of equal answers",
                  tolerance=0.1)                          # of a thousandth
    yield "0 where both say the same, whatever is added to all logits"
    _far(answer)
    yield "two that are very sure, and contradict each other: the loss stays finite"
    who_learns(answer, torch.randn(2, 4, 3, generator=rng), temperature=2.0)
    yield "the gradient reaches the student, and not the teacher"


def _pencil(answer: Attempt) -> None:
    """The hint is read off another example: here several mistakes lead to the same number."""
    try:
        _value(answer, torch.zeros(1, 3), 2 * torch.tensor([[2.0, 1.0, 1.0]]).log(), 2.0)
    except CheckFailed as failure:
        failure.given = answer.called
        try:
            _value(answer, *torch.randn(2, 6, 5, generator=torch.Generator().manual_seed(2)), 4.0)
        except CheckFailed as other:
            failure.likely = other.likely or failure.likely
        raise failure from None


def _value(answer: Attempt, student: Tensor, teacher: Tensor, temperature: float) -> None:
    came = against.ask(answer, student, teacher, temperature=temperature)
    if isinstance(came, Tensor) and came.isnan().any():
        raise CheckFailed("the loss is not a number", came=came, likely=LOGARITHMS)
    against.number(came, right_loss(student, teacher, temperature).item(), "the loss",
                   wrong_losses(student, teacher, temperature))


def _kl(log_q: Tensor, log_p: Tensor) -> Tensor:
    return (log_p.exp() * (log_p - log_q)).sum(-1).mean()


def right_loss(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Written apart from the library, so that the two can disagree."""
    return temperature**2 * _kl(*((z / temperature).log_softmax(-1) for z in (student, teacher)))


def wrong_losses(s: Tensor, t: Tensor, T: float) -> dict[str, float]:
    """What mistakes make of the student's logits s, the teacher's t and the temperature T."""
    log_q, log_p = (s / T).log_softmax(-1), (t / T).log_softmax(-1)
    right, (n, way) = _kl(log_q, log_p), s.shape
    without = {
        DIRECTION: _kl(log_p, log_q),
        ENTROPY: -(log_p.exp() * log_q).sum(-1).mean(),
        "the mean over classes, too, as `reduction=\"mean\"` takes it: add them up, as `\"batchmean\"` does.":
            right / way,
        "the sum over the pictures: take their mean.": right * n,
        "this is the mean of both directions: only the teacher's p weighs.": (right + _kl(log_p, log_q)) / 2,
        "a second softmax: `log_softmax` takes logits, not probabilities.":
            _kl((s / T).softmax(-1).log_softmax(-1), (t / T).softmax(-1).log_softmax(-1)),
        "the teacher's logits are not divided by T.": _kl(log_q, t.log_softmax(-1)),
        "the student's logits are not divided by T.": _kl(s.log_softmax(-1), log_p),
        "neither logits are divided by T.": _kl(s.log_softmax(-1), t.log_softmax(-1)),
        against.MULTIPLIED: _kl((s * T).log_softmax(-1), (t * T).log_softmax(-1)),
        "`F.kl_div` was given the student's probabilities, and wants their logarithms: `log_softmax`.":
            F.kl_div(log_q.exp(), log_p.exp(), reduction="batchmean"),
        "`log_target=True` says that the second one is a logarithm, too, and it is not.":
            F.kl_div(log_q, log_p.exp(), reduction="batchmean", log_target=True),
        "the softmax runs over the pictures: it belongs to the classes, the last axis.":
            _kl((s / T).log_softmax(0), (t / T).log_softmax(0)),
        "log-probabilities are divided by T: these do not sum to one any more. Divide the logits.":
            _kl(s.log_softmax(-1) / T, t.log_softmax(-1) / T),
        "the sign: log(p / q) is log p − log q.": -right,
        "only the teacher's best class is left: all of its probabilities count.":
            F.cross_entropy(s / T, t.argmax(-1)),
        "these are squared differences of logits: probabilities are compared.": (s - t).square().mean(),
        "these are squared differences of probabilities: Σ p · log(p / q) is wanted.":
            (log_q.exp() - log_p.exp()).square().mean(),
    }
    return {mistake: T**2 * wrong.item() for mistake, wrong in without.items()} | {
        NO_SQUARE: right.item(), "T instead of T².": T * right.item(),
        "divided by T²: multiply by it.": right.item() / T**2,
        "T³ instead of T².": T**3 * right.item(),
        "T = 2 is written in.": 4 * _kl((s / 2).log_softmax(-1), (t / 2).log_softmax(-1)).item(),
        "T = 4 is written in.": 16 * _kl((s / 4).log_softmax(-1), (t / 4).log_softmax(-1)).item(),
        "T is not used at all.": _kl(s.log_softmax(-1), t.log_softmax(-1)).item(),
    } | {f"{mistake} (And T² is missing.)": wrong.item() for mistake, wrong in without.items()}


def _far(answer: Attempt) -> None:
    here, there = torch.tensor([[300.0, 0.0]]), torch.tensor([[0.0, 300.0]])
    came = against.ask(answer, here, there, temperature=1.0)
    try:
        expect.number(came, 300.0, "the loss of two that are very sure")
    except CheckFailed as failure:
        failure.likely = UNDERFLOW
        raise


def who_learns(answer: Attempt, logits: Tensor, *others: Tensor, **settings: float) -> None:
    """The gradient must reach the student, the first of the logits, and not the teacher."""
    student, teacher = (z.clone().requires_grad_() for z in logits)
    came = against.ask(answer, student, teacher, *others, **settings)
    if not isinstance(came, Tensor) or not came.requires_grad:
        raise CheckFailed(UNTAUGHT, likely=against.CUT)
    slopes = torch.autograd.grad(came.sum(), answer.given[:2], allow_unused=True)
    if slopes[0] is None or not slopes[0].any():
        raise CheckFailed(UNTAUGHT, likely=against.CUT)
    if slopes[1] is not None and slopes[1].any():
        raise CheckFailed("a gradient reaches `teacher`", came=slopes[1], likely=LEARNS)
