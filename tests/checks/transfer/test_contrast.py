"""Right and wrong comparisons of views."""
import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, transfer
from metacourse.checks.few_shot import against
from metacourse.checks.transfer import contrast
from metacourse.methods import simclr
from tests.checks.saying import blank, names_the_mistake, rejected


def table(z_a, z_b):
    z = F.normalize(torch.cat([z_a, z_b]), dim=-1)
    return z @ z.T


def diagonal(s, value):
    return s.masked_fill(torch.eye(len(s), dtype=torch.bool), value)


def no_partners(z_a, z_b):
    s = table(z_a, z_b)
    return s.masked_fill(torch.eye(len(s), dtype=torch.bool).roll(len(z_a), 0), -torch.inf)


def in_a_loop(z_a, z_b):
    z = [*z_a, *z_b]
    rows = [[torch.tensor(-torch.inf) if i == k else F.cosine_similarity(a, b, dim=0)
             for k, b in enumerate(z)] for i, a in enumerate(z)]
    return torch.stack([torch.stack(row) for row in rows])


@pytest.mark.parametrize("right", [
    in_a_loop, lambda z_a, z_b: diagonal(table(z_a, z_b), -torch.inf),
    lambda z_a, z_b: diagonal(table(z_a, z_b), -1e9),
    lambda z_a, z_b: table(z_a, z_b) - 1e9 * torch.eye(2 * len(z_a)),
])
def test_every_right_table_is_accepted(right):
    transfer.cosines(right)


@pytest.mark.parametrize("wrong, hint", [
    (table, contrast.ITSELF),
    (lambda z_a, z_b: diagonal(table(z_a, z_b), 0.0), contrast.ZERO),
    (lambda z_a, z_b: diagonal(table(z_a, z_b), -1.0), "−1 on the diagonal"),
    (lambda z_a, z_b: diagonal(table(z_a, z_b), torch.inf), "+∞ on the diagonal"),
    (lambda z_a, z_b: diagonal(torch.cat([z_a, z_b]) @ torch.cat([z_a, z_b]).T, -torch.inf), "dot products"),
    (lambda z_a, z_b: diagonal(table(z_b, z_a), -torch.inf), "z_b comes first"),
    (lambda z_a, z_b: F.normalize(z_a, dim=-1) @ F.normalize(z_b, dim=-1).T, "these are z_a with z_b"),
    (no_partners, "the partners are taken out"),
    (lambda z_a, z_b: diagonal(table(z_a.detach(), z_b), -torch.inf), "cuts the graph"),
])
def test_every_wrong_table_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.cosines, wrong, hint)


def one_by_one(z_a, z_b, *, temperature):
    s, n, total = table(z_a, z_b) / temperature, len(z_a), 0
    for i in range(2 * n):
        others = [k for k in range(2 * n) if k != i]
        total = total + s[i, others].logsumexp(0) - s[i, (i + n) % (2 * n)]
    return total / (2 * n)


def by_einsum(z_a, z_b, *, temperature):
    z = F.normalize(torch.stack([z_a, z_b], 1).flatten(0, 1), dim=-1)            # views in turns
    s = diagonal(torch.einsum("id,kd->ik", z, z) / temperature, -1e9)
    return F.cross_entropy(s, torch.arange(len(z)) ^ 1)


@pytest.mark.parametrize("right", [simclr.nt_xent, one_by_one, by_einsum])
def test_every_right_loss_is_accepted(right):
    transfer.nt_xent(right)


def asking(s=lambda s, n: diagonal(s, -torch.inf), partner=lambda n: torch.arange(2 * n).roll(n),
           scale=lambda cosine, temperature: cosine / temperature, **how):
    def answer(z_a, z_b, *, temperature):
        n = len(z_a)
        return F.cross_entropy(s(scale(table(z_a, z_b), temperature), n), partner(n), **how)
    return answer


def without_partner(z_a, z_b, *, temperature):
    s, n = table(z_a, z_b) / temperature, len(z_a)
    rows, other = torch.arange(2 * n), torch.arange(2 * n).roll(n)
    below = diagonal(s, -torch.inf).masked_fill(F.one_hot(other).bool(), -torch.inf)
    return (below.logsumexp(1) - s[rows, other]).mean()


def across(z_a, z_b, *, temperature):
    n = len(z_a)
    return F.cross_entropy(table(z_a, z_b)[:n, n:] / temperature, torch.arange(n))


def by_exp(z_a, z_b, *, temperature):
    s = table(z_a, z_b).div(temperature).exp()
    n = len(z_a)
    return -(s.roll(n, 1).diagonal() / (s.sum(1) - s.diagonal())).log().mean()


@pytest.mark.parametrize("wrong, hint", [
    (asking(s=lambda s, n: s), contrast.ITSELF),
    (asking(s=lambda s, n: diagonal(s, 0.0)), contrast.ZERO),
    (without_partner, contrast.NO_POSITIVE),
    (across, "only the views of the other half"),
    (asking(s=lambda s, n: diagonal(s, -torch.inf)[:n], partner=lambda n: torch.arange(n, 2 * n)),
     contrast.ONE_SIDE),
    (asking(partner=lambda n: torch.arange(2 * n) ^ 1), "seem to take turns"),
    (asking(partner=lambda n: torch.arange(2 * n).flip(0)), "the order is turned around"),
    (asking(scale=lambda cosine, temperature: cosine * temperature), against.MULTIPLIED),
    (asking(scale=lambda cosine, temperature: cosine), "the temperature is not used"),
    (asking(reduction="sum"), "the sum over the views"),
    (lambda a, b, *, temperature: 2 * one_by_one(a, b, temperature=temperature), "divided by n"),
    (lambda a, b, *, temperature: -one_by_one(a, b, temperature=temperature), "the sign: −log"),
    (lambda a, b, *, temperature: one_by_one(a, b.detach(), temperature=temperature), "cuts the graph"),
    (by_exp, contrast.OVERFLOW),
])
def test_every_wrong_loss_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.nt_xent, wrong, hint)


def test_one_number_for_each_view_is_rejected():
    assert "one number" in rejected(transfer.nt_xent, asking(reduction="none"))


@pytest.mark.parametrize("check", [transfer.cosines, transfer.nt_xent])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
