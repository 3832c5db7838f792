"""Right and wrong attention over the support set."""
from itertools import combinations

import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, few_shot
from metacourse.checks.few_shot import kernel
from metacourse.methods import matching
from tests.checks.saying import blank, names_the_mistake, rejected

check = few_shot.attention


def cosines(z, support):
    return torch.einsum("qd,wsd->qws", F.normalize(z, dim=-1), F.normalize(support, dim=-1))


def soft(logits):
    return logits.flatten(1).softmax(1).reshape(logits.shape)


def by_matrix(z, support, *, temperature):
    way, shot, dim = support.shape
    flat = support.reshape(way * shot, dim)
    cosine = z @ flat.T / (z.norm(dim=1, keepdim=True) * flat.norm(dim=1))
    return (cosine / temperature).softmax(1).unflatten(1, (way, shot))


def by_log_sums(z, support, *, temperature):
    cosine = F.cosine_similarity(z[:, None, None], support, dim=-1) / temperature
    return (cosine - cosine.logsumexp((1, 2), keepdim=True)).exp()


def by_sums(z, support, *, temperature):
    e = (F.cosine_similarity(z[:, None, None], support, dim=-1) / temperature).exp()
    return e / e.sum((1, 2), keepdim=True)


def query_by_query(z, support, *, temperature):
    rows = []
    for query in z:
        cosine = torch.stack([torch.stack([F.cosine_similarity(query, x, dim=0) for x in shots])
                              for shots in support])
        e = ((cosine - cosine.max()) / temperature).exp()
        rows.append(e / e.sum())
    return torch.stack(rows)


@pytest.mark.parametrize("right", [
    lambda z, support, *, temperature: soft(cosines(z, support) / temperature),
    by_matrix, by_log_sums, query_by_query, matching.attention,
])
def test_every_right_way_is_accepted(right):
    check(right)


def wrong_logits(logits):
    return lambda z, support, *, temperature: soft(logits(z, support) / temperature)


def wrong_softmax(change):
    return lambda z, support, *, temperature: change(cosines(z, support) / temperature)


def dot(z, support):
    return torch.einsum("qd,wsd->qws", z, support)


def swapped_by_reshape(z, support, *, temperature):
    a = matching.attention(z, support, temperature=temperature)
    return a.transpose(1, 2).reshape(a.shape)


def five_ways(z, support, *, temperature):
    return torch.stack([cosines(z, support[k:k + 1])[:, 0] for k in range(5) if support[k] is not None], 1)


def no_room(z, support, *, temperature):
    return soft(F.cosine_similarity(z, support, dim=-1) / temperature)


def with_five_in_it(z, support, *, temperature):
    flat = F.normalize(z, dim=-1) @ F.normalize(support, dim=-1).flatten(0, 1).T
    return (flat / temperature).softmax(1).reshape(len(z), 5, -1)


def normalizes_in_place(z, support, *, temperature):
    z /= z.norm(dim=-1, keepdim=True)
    return by_matrix(z, support, temperature=temperature)


@pytest.mark.parametrize("wrong, hint", [
    (lambda z, support, *, temperature: soft(cosines(z, support) * temperature), "it divides"),
    (lambda z, support, *, temperature: soft(cosines(z, support)), "the temperature is not used"),
    (lambda z, support, *, temperature: soft(dot(z, support) * temperature), "this is the dot product"),
    (wrong_logits(dot), "this is the dot product"),
    (wrong_logits(lambda z, x: dot(F.normalize(z), F.normalize(x))), "axis 1 counts shots: `dim=-1`"),
    (wrong_logits(lambda z, x: dot(F.normalize(z, dim=-1), x)), "only the queries"),
    (wrong_logits(lambda z, x: dot(z, F.normalize(x, dim=-1))), "only the support set"),
    (wrong_logits(lambda z, x: -cosines(z, x)), "the sign"),
    (wrong_logits(lambda z, x: -(z[:, None, None] - x).square().sum(-1)), "the squared distance"),
    (wrong_logits(lambda z, x: -(z[:, None, None] - x).norm(dim=-1)), "this is the distance"),
    (wrong_softmax(lambda logits: logits.softmax(0)), "the softmax runs over the queries"),
    (wrong_softmax(lambda logits: logits.softmax(1) if len(logits) > 1 else soft(logits)),
     "the softmax runs over the classes"),
    (wrong_softmax(lambda logits: logits.softmax(2)), "the softmax runs over the shots"),
    (wrong_softmax(lambda logits: logits.flatten().softmax(0).reshape(logits.shape)), "the queries included"),
    (wrong_softmax(lambda logits: logits), "the softmax over the support set is missing"),
    (wrong_softmax(lambda logits: logits.exp()), "not divided by the sum"),
    (wrong_softmax(lambda logits: soft(logits).log()), "these are logarithms"),
    (wrong_softmax(lambda logits: logits.flatten(1).softmax(1)), "`reshape(query, way, shot)`"),
    (wrong_softmax(lambda logits: soft(logits).sum(-1)), "do not add up a class yet"),
    (wrong_softmax(lambda logits: soft(logits).permute(1, 2, 0)), "queries come first"),
    (wrong_softmax(lambda logits: soft(logits).mT), "classes come before shots"),
    (swapped_by_reshape, "it does not swap axes"),
    (five_ways, "is written in"),
    (with_five_in_it, "is written in"),
    (no_room, "makes room"),
    (by_sums, "e¹⁰⁰ is ∞ in single precision"),
    (wrong_logits(lambda z, x: -(F.normalize(z)[:, None, None] - F.normalize(x, dim=-1)).square().sum(-1)),
     "and so 2 − 2 cos"),
    (wrong_logits(lambda z, x: -(F.normalize(z)[:, None, None] - F.normalize(x, dim=-1)).norm(dim=-1)),
     "the distance of embeddings of length 1"),
    (lambda z, support, *, temperature: soft(cosines(z / temperature, support)), "there it cancels"),
    (lambda *given, temperature: matching.attention(*given, temperature=temperature).detach(), "the graph"),
    (lambda z, support, *, temperature: by_matrix(z, support.detach(), temperature=temperature), "the graph"),
    (normalizes_in_place, "build a new tensor"),
])
def test_every_wrong_way_gets_its_own_hint(wrong, hint):
    names_the_mistake(check, wrong, hint)


def test_cosines_divided_by_their_sum_are_rejected_with_a_hint():
    def shares(z, support, *, temperature):
        cosine = cosines(z, support)
        return cosine / cosine.sum((1, 2), keepdim=True)
    names_the_mistake(check, shares, "takes e to their power")


def test_the_mistakes_in_the_list_differ_from_each_other_and_from_the_right_answer():
    rng = torch.Generator().manual_seed(0)
    z, support = torch.randn(7, 6, generator=rng), torch.randn(3, 4, 6, generator=rng)
    answers = [by_sums(z, support, temperature=0.3), *kernel.wrong_attention(z, support, 0.3).values()]
    assert not any(torch.allclose(one, other, atol=1e-3) for one, other in combinations(answers, 2))


@pytest.mark.parametrize("right", [
    lambda a: a.sum(-1), lambda a: a.sum(2), lambda a: torch.einsum("qws->qw", a),
    lambda a: a.mean(-1) * a.shape[-1],
    lambda a: a.flatten(1) @ torch.eye(a.shape[1]).repeat_interleave(a.shape[2], 0),
    lambda a: torch.stack([torch.stack([sum(shots) for shots in row]) for row in a]),
])
def test_every_right_sum_is_accepted(right):
    few_shot.class_probs(right)


@pytest.mark.parametrize("wrong, hint", [
    (lambda a: a.mean(-1), "the mean over the shots"),
    (lambda a: a.amax(-1), "the query looks at most"),
    (lambda a: a[..., 0], "only the first shot"),
    (lambda a: a.sum(-1).log(), "these are logarithms"),
    (lambda a: a.sum(-1).softmax(-1), "a second softmax"),
    (lambda a: a.mean(-1).softmax(-1), "a second softmax, over means"),
    (lambda a: a.sum(1), "the sum runs over the classes"),
    (lambda a: a.sum(0), "the sum runs over the queries"),
    (lambda a: a.sum(-1).argmax(-1), "these are labels"),
    (lambda a: torch.tensor([[float(sum(shots)) for shots in row] for row in a]), "cuts the graph"),
    (lambda a: a.sum(-1, keepdim=True), "`keepdim`"),
    (lambda a: torch.stack([a[:, k].sum(-1) for k in range(5)], 1), "is written in"),
])
def test_every_wrong_sum_gets_its_own_hint(wrong, hint):
    names_the_mistake(few_shot.class_probs, wrong, hint)


def test_a_sum_over_the_axis_that_is_as_long_is_rejected():
    assert rejected(few_shot.class_probs, lambda a: a.sum(1 if a.shape[1] == a.shape[2] else 2))


@pytest.mark.parametrize("check", [few_shot.attention, few_shot.class_probs])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
