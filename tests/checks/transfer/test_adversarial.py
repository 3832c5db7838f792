"""Right and wrong places for the reversal."""
import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, transfer
from metacourse.checks.transfer.adversarial import MISTAKES, Case
from metacourse.methods.dann import reverse
from tests.checks.saying import blank, names_the_mistake, rejected


def two_parts(classify, domain, z_source, y, z_target, *, reversal):
    d_source, d_target = (domain(reverse(z, reversal=reversal)) for z in (z_source, z_target))
    return (F.cross_entropy(classify(z_source), y)
            + F.binary_cross_entropy_with_logits(d_source, torch.zeros_like(d_source))
            + F.binary_cross_entropy_with_logits(d_target, torch.ones_like(d_target)))


def one_pass(classify, domain, z_source, y, z_target, *, reversal):
    """Both domains through the head at once, and each picture weighed by its domain."""
    n, m = len(z_source), len(z_target)
    d = domain(reverse(torch.cat([z_source, z_target]), reversal=reversal))
    wanted, weight = torch.tensor([0.0] * n + [1.0] * m), torch.tensor([1 / n] * n + [1 / m] * m)
    each = F.binary_cross_entropy_with_logits(d, wanted, weight=weight, reduction="sum")
    return F.nll_loss(classify(z_source).log_softmax(-1), y) + each


def by_logarithms(classify, domain, z_source, y, z_target, *, reversal):
    far, near = (torch.sigmoid(domain(reverse(z, reversal=reversal))) for z in (z_source, z_target))
    return F.cross_entropy(classify(z_source), y) - (1 - far).log().mean() - near.log().mean()


@pytest.mark.parametrize("right", [two_parts, one_pass, by_logarithms])
def test_every_right_loss_is_accepted(right):
    transfer.dann_loss(right)


def as_answer(wrong):
    """A wrong answer of the check's own list, as a learner would write it."""
    def answer(classify, domain, z_source, y, z_target, *, reversal):
        weights = classify.__self__
        return wrong(Case(weights.classes, weights.domains, z_source, z_target, y), reversal)
    return answer


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_of_the_list_gets_its_own_hint(mistake):
    names_the_mistake(transfer.dann_loss, as_answer(MISTAKES[mistake]), mistake)


def reversed_everywhere(classify, domain, z_source, y, z_target, *, reversal):
    z_source, z_target = (reverse(z, reversal=reversal) for z in (z_source, z_target))
    return two_parts(classify, domain, z_source, y, z_target, reversal=1.0)


def plus(classify, domain, z_source, y, z_target, *, reversal):
    heads = [domain(-reversal * z + ((1 + reversal) * z).detach()) for z in (z_source, z_target)]
    return F.cross_entropy(classify(z_source), y) - sum(F.softplus(d).mean() for d in heads)


@pytest.mark.parametrize("wrong, said", [
    (reversed_everywhere, "z_source learns is not"),
    (plus, "the loss is not right"),
    (lambda *args, reversal: two_parts(*args, reversal=reversal).item(), "cuts the graph"),
    (lambda *args, reversal: torch.ones(3), "one number"),
])
def test_other_losses_are_rejected_with_a_sentence(wrong, said):
    assert said in " ".join(rejected(transfer.dann_loss, wrong).split())


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        transfer.dann_loss(blank)
