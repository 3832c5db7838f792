"""Right and wrong losses of a student."""
import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, transfer
from metacourse.checks.few_shot import against
from metacourse.checks.transfer import hard, soft
from metacourse.methods import distillation
from tests.checks.saying import blank, names_the_mistake, rejected


def by_hand(student, teacher, *, temperature):
    p = (teacher.detach() / temperature).softmax(-1)
    ratio = p.log() - (student / temperature).log_softmax(-1)
    return temperature**2 * torch.where(p > 0, p * ratio, 0).sum(-1).mean()


def in_a_loop(student, teacher, *, temperature):
    each = [F.kl_div((s / temperature).log_softmax(0), (t.detach() / temperature).softmax(0), reduction="sum")
            for s, t in zip(student, teacher)]
    return sum(each) / len(each) * temperature**2


@pytest.mark.parametrize("right", [
    distillation.response, by_hand, in_a_loop,
    lambda s, t, *, temperature: -temperature**2 * torch.einsum(
        "nk,nk->n", (t.detach() / temperature).softmax(1),
        (s / temperature).log_softmax(1) - (t.detach() / temperature).log_softmax(1)).mean(),
])
def test_every_right_soft_loss_is_accepted(right):
    transfer.soft_loss(right)


def kl(first, second, factor=lambda T: T**2, **how):
    """`F.kl_div` of two functions of (student, teacher, T)."""
    how = {"reduction": "batchmean"} | how
    return lambda s, t, *, temperature: factor(temperature) * F.kl_div(
        first(s, t.detach(), temperature), second(s, t.detach(), temperature), **how)


def log_q(s, t, T):
    return (s / T).log_softmax(-1)


def p(s, t, T):
    return (t / T).softmax(-1)


def once(T):
    return 1


def over_classes(factor):
    """What `reduction="mean"` computes; it also warns, which is an exception in these tests."""
    each = kl(log_q, p, factor, reduction="none")
    return lambda s, t, *, temperature: each(s, t, temperature=temperature).mean()


@pytest.mark.parametrize("wrong, hint", [
    (kl(log_q, p, once), soft.NO_SQUARE),
    (kl(log_q, p, lambda T: T), "T instead of T²"),
    (kl(log_q, p, lambda T: T**3), "T³ instead of T²"),
    (lambda s, t, *, temperature: in_a_loop(s, t, temperature=2.0), "T = 2 is written in"),
    (lambda s, t, *, temperature: temperature**2 * in_a_loop(
        (s / temperature).softmax(-1), (t / temperature).softmax(-1), temperature=1.0), "a second softmax"),
    (lambda s, t, *, temperature: (in_a_loop(s, t, temperature=temperature) + in_a_loop(
        t, s.detach(), temperature=temperature)) / 2, "both directions"),
    (kl(log_q, p, lambda T: 1 / T**2), "divided by T²"),
    (kl(lambda s, t, T: log_q(t, s, T), lambda s, t, T: p(t, s, T)), soft.DIRECTION),
    (kl(lambda s, t, T: log_q(t, s, T), lambda s, t, T: p(t, s, T), once), "And T² is missing"),
    (kl(lambda s, t, T: (s / T).softmax(-1), p), "student's probabilities, and wants their logarithms"),
    (kl(lambda s, t, T: p(s, t, T), log_q), soft.LOGARITHMS),
    (kl(log_q, lambda s, t, T: (t / T).log_softmax(-1)), soft.LOGARITHMS),
    (kl(log_q, p, log_target=True), "says that the second one is a logarithm"),
    (over_classes(lambda T: T**2), "the mean over classes, too"),
    (over_classes(once), "And T² is missing"),
    (kl(log_q, p, reduction="sum"), "the sum over the pictures"),
    (kl(log_q, lambda s, t, T: t.softmax(-1)), "teacher's logits are not divided"),
    (kl(lambda s, t, T: s.log_softmax(-1), p), "student's logits are not divided"),
    (kl(lambda s, t, T: s.log_softmax(-1), lambda s, t, T: t.softmax(-1)), "neither logits are divided"),
    (kl(lambda s, t, T: s.log_softmax(-1), lambda s, t, T: t.softmax(-1), once), "T is not used at all"),
    (kl(lambda s, t, T: (s * T).log_softmax(-1), lambda s, t, T: (t * T).softmax(-1)), against.MULTIPLIED),
    (kl(lambda s, t, T: (s / T).log_softmax(0), lambda s, t, T: (t / T).softmax(0)),
     "it belongs to the classes"),
    (kl(log_q, p, lambda T: -T**2), "the sign: log(p / q)"),
    (lambda s, t, *, temperature: temperature**2 * F.cross_entropy(
        s / temperature, (t.detach() / temperature).softmax(-1)), soft.ENTROPY),
    (lambda s, t, *, temperature: temperature**2 * F.cross_entropy(s / temperature, t.argmax(-1)),
     "best class"),
    (lambda s, t, *, temperature: temperature**2 * F.mse_loss(s, t.detach()), "of logits"),
    (lambda s, t, *, temperature: F.mse_loss(s, t.detach()), "And T² is missing"),
    (lambda s, t, *, temperature: F.mse_loss((s / temperature).softmax(-1), (t / temperature).softmax(-1)),
     "squared differences of probabilities"),
    (lambda s, t, *, temperature: by_hand(s, t, temperature=temperature).item(), "cuts the graph"),
    (lambda s, t, *, temperature: by_hand(s.detach(), t, temperature=temperature), "cuts the graph"),
    (lambda s, t, *, temperature: temperature**2 * F.kl_div(
        (s / temperature).log_softmax(-1), (t / temperature).softmax(-1), reduction="batchmean"),
     soft.LEARNS),
    (lambda s, t, *, temperature: temperature**2 * F.kl_div(
        (s / temperature).softmax(-1).log(), (t.detach() / temperature).softmax(-1), reduction="batchmean"),
     soft.UNDERFLOW),
])
def test_every_wrong_soft_loss_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.soft_loss, wrong, hint)


def both(combine, distilled=distillation.response):
    """A combination of the soft loss, the cross-entropy, the weight, T and the labels' part at T."""
    def answer(student, teacher, y, *, temperature, soft):
        parts = distilled(student, teacher, temperature=temperature), F.cross_entropy(student, y)
        return combine(*parts, soft, temperature, F.cross_entropy(student / temperature, y))
    return answer


@pytest.mark.parametrize("right", [
    both(lambda d, h, soft, T, _: soft * d + (1 - soft) * h),
    both(lambda d, h, soft, T, _: torch.lerp(h, d, soft)),
    lambda s, t, y, *, temperature, soft: soft * in_a_loop(s, t, temperature=temperature) - (
        1 - soft) * s.log_softmax(-1)[torch.arange(len(y)), y].mean(),
])
def test_every_right_combination_is_accepted(right):
    transfer.distillation_loss(right)


@pytest.mark.parametrize("wrong, hint", [
    (both(lambda d, h, soft, T, _: (1 - soft) * d + soft * h), "the weights are swapped"),
    (both(lambda d, h, soft, T, at_T: soft * d + (1 - soft) * at_T), hard.BOTH_SOFT),
    (both(lambda d, h, soft, T, at_T: soft * d + (1 - soft) * T**2 * at_T), "belongs to the soft part alone"),
    (both(lambda d, h, soft, T, _: soft * d + (1 - soft) * T**2 * h), "T² is on both parts"),
    (both(lambda d, h, soft, T, _: soft * d / T**2 + (1 - soft) * T**2 * h), "T² is on the labels' part"),
    (both(lambda d, h, soft, T, _: soft * d / T**2 + (1 - soft) * h), "T² is missing"),
    (both(lambda d, h, soft, T, _: soft * T**2 * d + (1 - soft) * h), "T² stands twice"),
    (both(lambda d, h, soft, T, _: soft * d + h), "the labels' part has no weight"),
    (both(lambda d, h, soft, T, _: d + (1 - soft) * h), "the teacher's part has no weight"),
    (both(lambda d, h, soft, T, _: d + h), "neither part has a weight"),
    (both(lambda d, h, soft, T, _: soft * d), "the labels' part is missing"),
    (both(lambda d, h, soft, T, _: (1 - soft) * h), "the teacher's part is missing"),
    (both(lambda d, h, soft, T, _: soft * (d + h)), "must sum to one"),
    (both(lambda d, h, soft, T, _: soft * d - (1 - soft) * h), "1 − soft is subtracted"),
    (both(lambda d, h, soft, T, _: d), "here the labels' part is missing"),
    (both(lambda d, h, soft, T, _: h), "here the teacher's part is missing"),
    (both(lambda d, h, soft, T, _: (d + h) / 2), "half of each is written in"),
    (lambda s, t, y, *, temperature, soft: soft * over_classes(lambda T: T**2)(s, t, temperature=temperature)
     + (1 - soft) * F.cross_entropy(s, y), "a mean over classes, too"),
    (lambda s, t, y, *, temperature, soft: soft * in_a_loop(s, t, temperature=temperature)
     + (1 - soft) * F.nll_loss(s, y), "wants log-probabilities"),
    (lambda s, t, y, *, temperature, soft: soft * in_a_loop(s, t, temperature=temperature)
     + (1 - soft) * F.cross_entropy(s, t.argmax(-1)), "the teacher's best classes"),
    (lambda s, t, y, *, temperature, soft: soft * in_a_loop(s, t, temperature=temperature)
     + (1 - soft) * F.cross_entropy(t, y), "the cross-entropy is the teacher's"),
    (lambda s, t, y, *, temperature, soft: soft * in_a_loop(s, t, temperature=temperature)
     + (1 - soft) * F.cross_entropy(s.softmax(-1), y), "a second softmax"),
    (lambda s, t, y, *, temperature, soft: soft * in_a_loop(s, t, temperature=temperature)
     + (1 - soft) * F.cross_entropy(s, y, reduction="sum"), "the sum over the labels"),
    (both(lambda d, h, soft, T, _: soft * d + (1 - soft) * h,
          lambda s, t, *, temperature: in_a_loop(t, s, temperature=temperature)), "swapped in the soft"),
    (both(lambda d, h, soft, T, _: soft * d + (1 - soft) * h,
          lambda s, t, *, temperature: soft.right_loss(s, t, temperature)), soft.LEARNS),
])
def test_every_wrong_combination_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.distillation_loss, wrong, hint)


def test_one_number_for_each_picture_is_rejected():
    def each(s, t, *, temperature):
        return F.kl_div(log_q(s, t, temperature), p(s, t, temperature), reduction="none").sum(-1).repeat(2)
    assert "one number" in rejected(transfer.soft_loss, each)


@pytest.mark.parametrize("check", [transfer.soft_loss, transfer.distillation_loss])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
