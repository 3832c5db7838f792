"""Right and wrong log-probabilities of prototypes."""
from itertools import combinations

import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, few_shot
from metacourse.checks.few_shot import proto
from metacourse.methods import protonet
from tests.checks.saying import blank, names_the_mistake, rejected

check = few_shot.log_probs


def squared(z, c):
    return (z[:, None] - c).square().sum(-1)


def expanded(z, c):
    """‖z − c‖² = ‖z‖² − 2 z·c + ‖c‖², of which the first part is the same for all classes."""
    return 2 * torch.einsum("qd,wd->qw", z, c) - c.square().sum(-1)


def query_by_query(z, c):
    rows = [torch.stack([-((query - prototype) ** 2).sum() for prototype in c]) for query in z]
    return torch.stack(rows).log_softmax(-1)


def as_numbers(z, c):
    return torch.tensor([[-float(((query - prototype) ** 2).sum()) for prototype in c]
                         for query in z]).log_softmax(1)


def by_logsumexp(z, c):
    return -squared(z, c) - torch.logsumexp(-squared(z, c), 1, keepdim=True)


@pytest.mark.parametrize("right", [
    lambda z, c: (-squared(z, c)).log_softmax(-1),
    lambda z, c: F.log_softmax(-torch.cdist(z, c) ** 2, dim=1),
    lambda z, c: (-torch.cdist(z.double(), c.double()).square()).log_softmax(1),
    lambda z, c: expanded(z, c).log_softmax(1),
    lambda z, c: (-(z[:, None] - c).norm(dim=-1) ** 2).log_softmax(1),
    query_by_query,
    by_logsumexp,
    protonet.log_probs,
])
def test_every_right_way_is_accepted(right):
    check(right)


def by_place(z, c):
    return torch.eye(len(c))[torch.arange(len(z)) * len(c) // len(z)].log_softmax(1)


def right_for_one_query(z, c):
    return (-(z - c).square().sum(-1)).log_softmax(-1)[None]


def in_place(z, c):
    c -= z.mean(0)
    return (-squared(z - z.mean(0), c)).log_softmax(1)


def five_ways(z, c):
    return torch.stack([-(z - c[k]).square().sum(-1) for k in range(5)], 1).log_softmax(1)


@pytest.mark.parametrize("wrong, hint", [
    (lambda z, c: (-torch.cdist(z, c)).log_softmax(1), "the distance is not squared"),
    (lambda z, c: protonet.log_probs(z, c, distance="euclidean"), "look at the probabilities"),
    (lambda z, c: squared(z, c).log_softmax(1), "Put a minus in front"),
    (lambda z, c: torch.cdist(z, c).log_softmax(1), "the sign, and the distance is not squared"),
    (lambda z, c: (-(z[:, None] - c).square().mean(-1)).log_softmax(1), "where their sum is wanted"),
    (lambda z, c: (-squared(z, c) / 2).log_softmax(1), "there is no ½"),
    (lambda z, c: (-squared(z, c) ** 2).log_softmax(1), "squared twice"),
    (lambda z, c: (-torch.cdist(z, c, p=1)).log_softmax(1), "absolute differences"),
    (lambda z, c: (-(z[:, None] - c).sum(-1) ** 2).log_softmax(1), "the other way round"),
    (lambda z, c: (z @ c.T).log_softmax(1), "this is the dot product"),
    (lambda z, c: F.cosine_similarity(z[:, None], c, dim=-1).log_softmax(1), "this is the cosine"),
    (lambda z, c: (-squared(z, c)).log_softmax(0), "the softmax runs over the queries"),
    (lambda z, c: (-squared(z, c)).softmax(1), "`log_softmax`"),
    (lambda z, c: (-torch.cdist(z, c)).softmax(1), "of distances that are not squared"),
    (lambda z, c: -squared(z, c), "makes log-probabilities of them"),
    (lambda z, c: squared(z, c), "a minus, and `log_softmax`"),
    (lambda z, c: (-squared(z, c)).softmax(1).log(), "its logarithm is lost"),
    (lambda z, c: (-squared(z, c)).log_softmax(1).T, "transpose"),
    (lambda z, c: (-squared(z, c)).argmax(1), "these are labels"),
    (lambda z, c: -(z[:, None] - c).square(), "add them up over the last axis"),
    (lambda z, c: by_place(z, c) if len(z) > 1 else (-squared(z, c)).log_softmax(1), "follows the order"),
    (lambda z, c: (-(z - c).square().sum(-1)).log_softmax(-1), "the queries have no axis of their own"),
    (right_for_one_query, "`z[:, None]` makes room"),
    (five_ways, "is written in"),
    (as_numbers, "cuts the graph"),
    (lambda z, c: (-squared(z.detach(), c)).log_softmax(1), "cuts the graph"),
    (lambda z, c: (-squared(z, c.detach())).log_softmax(1), "cuts the graph"),
    (in_place, "build a new tensor"),
])
def test_every_wrong_way_gets_its_own_hint(wrong, hint):
    names_the_mistake(check, wrong, hint)


def test_the_report_names_the_input_that_gets_no_gradient():
    assert "no gradient reaches `c`" in rejected(check, lambda z, c: (-squared(z, c.data)).log_softmax(1))


def test_what_is_right_for_one_query_only_is_rejected():
    assert rejected(check, lambda z, c: (-squared(z[:1], c)).log_softmax(1).expand(len(z), len(c)))


def test_the_mistakes_in_the_list_differ_from_each_other_and_from_the_right_answer():
    rng = torch.Generator().manual_seed(0)
    z, c = torch.randn(7, 3, generator=rng), torch.randn(4, 3, generator=rng)
    answers = [(-squared(z, c)).log_softmax(1), *proto.wrong_log_probs(z, c).values()]
    assert not any(torch.allclose(one, other, atol=1e-2) for one, other in combinations(answers, 2))


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        check(blank)
