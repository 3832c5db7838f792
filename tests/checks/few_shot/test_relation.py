"""Right and wrong pairs for a relation network, and losses of its scores."""
from itertools import combinations

import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, few_shot
from metacourse.checks.few_shot import relation as tables
from metacourse.methods import relation as library
from tests.checks.saying import blank, names_the_mistake

pairs, loss = few_shot.relation_pairs, few_shot.relation_loss


def expanded(z_support, z_query):
    c, z = z_support.sum(1), z_query[:, None]
    return torch.cat([c.expand(len(z), *c.shape), z.expand(len(z), *c.shape)], 2)


def by_loops(z_support, z_query):
    return torch.stack([torch.stack([torch.cat([sum(shots), z]) for shots in z_support]) for z in z_query])


def repeated(z_support, z_query):
    c = z_support.sum(1).repeat(len(z_query), 1, 1, 1, 1)
    z = z_query.repeat_interleave(len(z_support), 0).unflatten(0, (len(z_query), len(z_support)))
    return torch.cat((c, z), dim=-3)


@pytest.mark.parametrize("right", [expanded, by_loops, repeated, library.pairs])
def test_every_right_way_to_pair_is_accepted(right):
    pairs(right)


def both(z_support, z_query, c=lambda s: s.sum(1)):
    c = c(z_support)
    shape = (len(z_query), *c.shape)
    return c.expand(shape), z_query[:, None].expand(shape)


def every_shot(z_support, z_query):
    shape = (len(z_query), *z_support.shape)
    return torch.cat([z_support.expand(shape), z_query[:, None, None].expand(shape)], 3)


@pytest.mark.parametrize("wrong, hint", [
    (lambda s, q: torch.cat(both(s, q)[::-1], 2), "support first"),
    (lambda s, q: torch.cat(both(s, q, lambda s: s.mean(1)), 2), "the paper adds them up"),
    (lambda s, q: torch.cat(both(s, q, lambda s: s[:, 0]), 2), "only the first shot"),
    (lambda s, q: torch.cat(both(s, q, lambda s: s.sum(0)), 2), "the sum runs over the classes"),
    (lambda s, q: torch.cat(both(s, q), 3), "concatenate along the channels"),
    (lambda s, q: torch.cat(both(s, q), -1), "concatenate along the channels"),
    (lambda s, q: torch.stack(both(s, q), 2), "`stack` makes a new axis"),
    (lambda s, q: torch.stack(both(s, q), 3).flatten(2, 3), "take turns"),
    (lambda s, q: torch.sub(*both(s, q)), "let the network compare"),
    (lambda s, q: torch.cat(both(s, q), 2).transpose(0, 1), "queries come first"),
    (lambda s, q: torch.cat(both(s, q), 2).flatten(2), "the maps were flattened"),
    (lambda s, q: torch.cat([s.sum(1), q], 1), "`expand` both"),
    (lambda s, q: expanded(s, q).detach(), "cuts the graph"),
    (lambda s, q: expanded(s.detach(), q), "cuts the graph"),
    (lambda s, q: expanded(s, q.detach()), "cuts the graph"),
    (every_shot, "add up the shots of a class first"),
])
def test_every_wrong_way_to_pair_gets_its_own_hint(wrong, hint):
    names_the_mistake(pairs, wrong, hint)


def test_the_mistakes_in_the_list_differ_from_each_other_and_from_the_right_pairs():
    rng = torch.Generator().manual_seed(0)
    s, q = torch.randn(3, 2, 2, 2, 2, generator=rng), torch.randn(4, 2, 2, 2, generator=rng)
    answers = [expanded(s, q).flatten(2), *tables._wrong(s, q).values()]
    assert not any(torch.allclose(one, other) for one, other in combinations(answers, 2))


@pytest.mark.parametrize("right", [
    lambda r, y: F.mse_loss(r, F.one_hot(y, r.shape[1]).float()),
    lambda r, y: (r - torch.eye(r.shape[1])[y]).square().mean(),
    lambda r, y: (r - (y[:, None] == torch.arange(r.shape[1])).float()).pow(2).sum() / r.numel(),
    lambda r, y: sum((r[i, k] - float(k == y[i])) ** 2
                     for i in range(r.shape[0]) for k in range(r.shape[1])) / r.numel(),
])
def test_every_right_loss_is_accepted(right):
    loss(right)


def squares(r, y):
    return (r - F.one_hot(y, r.shape[1])).square()


def in_place(r, y):
    r[torch.arange(len(y)), y] -= 1
    return r.square().mean()


@pytest.mark.parametrize("wrong, hint", [
    (lambda r, y: squares(r, y).sum(), "the sum over all pairs"),
    (lambda r, y: squares(r, y).sum(1).mean(), "the sum over classes"),
    (lambda r, y: squares(r, y).sum(0).mean(), "the sum over queries"),
    (lambda r, y: squares(r, y)[torch.arange(len(y)), y].mean(), "only the right class"),
    (lambda r, y: F.cross_entropy(r, y), "this is the cross-entropy"),
    (lambda r, y: F.binary_cross_entropy(r, F.one_hot(y, r.shape[1]).float()), "the binary cross-entropy"),
    (lambda r, y: squares(r.softmax(1), y).mean(), "a softmax was taken"),
    (lambda r, y: (r - F.one_hot(y, r.shape[1])).abs().mean(), "differences are not squared"),
    (lambda r, y: squares(r, y).mean().sqrt(), "the root of the mean"),
    (lambda r, y: squares(r, y).mean() / 2, "half of the mean"),
    (lambda r, y: squares(1 - r, y).mean(), "the other way round"),
    (lambda r, y: squares(r, torch.arange(len(y)) * r.shape[1] // len(y)).mean(), "told from the order"),
    (lambda r, y: (r - F.one_hot(y)).square().mean(), "`F.one_hot(y, way)`"),
    (lambda r, y: (r - F.one_hot(y, 5)).square().mean(), "`F.one_hot(y, way)`"),
    (lambda r, y: squares(r, y).mean().item(), "cuts the graph"),
    (lambda r, y: squares(r, y).mean().detach(), "cuts the graph"),
    (in_place, "build a new tensor"),
])
def test_every_wrong_loss_gets_its_own_hint(wrong, hint):
    names_the_mistake(loss, wrong, hint)


@pytest.mark.parametrize("check", [pairs, loss])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
