"""The program of exercise 3.4, repaired rightly and wrongly."""
from itertools import combinations

import pytest
import torch

from metacourse.checks import NotAttempted, few_shot
from metacourse.checks.few_shot import repairs
from metacourse.methods import protonet
from tests.checks.saying import blank, names_the_mistake

soft, alone = few_shot.soft_log_probs, few_shot.classify_alone


def squared(z, c):
    return (z[:, None] - c).square().sum(-1)


def one_query_at_a_time(z, c, temperature):
    return torch.stack([(-((c - query) ** 2).sum(1) / temperature).log_softmax(0) for query in z])


def by_products(z, c, *, temperature):
    """2 z·c − ‖c‖²: what is left out is the same for all classes."""
    return ((2 * torch.einsum("qd,wd->qw", z, c) - c.square().sum(1)) / temperature).log_softmax(1)


@pytest.mark.parametrize("right", [
    lambda z, c, *, temperature: (-squared(z, c) / temperature).log_softmax(1),
    lambda z, c, *, temperature: (-torch.cdist(z, c).square() / temperature).log_softmax(-1),
    lambda z, c, *, temperature: one_query_at_a_time(z, c, temperature),
    by_products,
    lambda z, c, *, temperature: protonet.log_probs(z, c, temperature=temperature),
])
def test_every_right_repair_is_accepted(right):
    soft(right)


def logits(change):
    return lambda z, c, *, temperature: change(squared(z, c), temperature).log_softmax(1)


def for_one_query(z, c, *, temperature):
    return (-(z - c).square().sum(1) / temperature).log_softmax(0)[None]


def soft_by_log(distance):
    return (-distance).softmax(1).log()


def as_it_was(z, c, *, temperature):
    return (-temperature * squared(z, c).sqrt()).log_softmax(-1)


@pytest.mark.parametrize("wrong, hint", [
    (logits(lambda d, t: -d.sqrt() / t), "the distance is not squared"),
    (logits(lambda d, t: -t * d), "the temperature multiplies"),
    (as_it_was, "the distance is not squared"),
    (logits(lambda d, t: -d / t**2), "the temperature is squared, too"),
    (logits(lambda d, t: -d), "the temperature is not used"),
    (logits(lambda d, t: d / t), "a minus in front"),
    (lambda z, c, *, temperature: (-squared(z, c)).log_softmax(1) / temperature, "divides log-probabilities"),
    (lambda z, c, *, temperature: (-squared(z, c) / temperature).log_softmax(0), "runs over the queries"),
    (lambda z, c, *, temperature: (-squared(z, c) / temperature).softmax(1), "these are probabilities"),
    (lambda z, c, *, temperature: -squared(z, c) / temperature, "`log_softmax` is missing"),
    (lambda z, c, *, temperature: (-squared(z, c) / temperature).log_softmax(1).T, "transpose"),
    (lambda *given, temperature: for_one_query(*given, temperature=temperature)[0], "no axis of their own"),
    (logits(lambda d, t: -d.detach() / t), "cuts the graph"),
    (lambda z, c, *, temperature: soft_by_log(squared(z, c) / temperature), "its logarithm is lost"),
    (for_one_query, "`z[:, None]` makes room"),
])
def test_every_wrong_repair_gets_its_own_hint(wrong, hint):
    names_the_mistake(soft, wrong, hint)


def test_the_mistakes_in_the_list_differ_from_each_other_and_from_the_right_answer():
    rng = torch.Generator().manual_seed(0)
    d = torch.rand(7, 4, generator=rng) * 4
    answers = [(-d / 2).log_softmax(1), *repairs.wrong_soft_log_probs(d, 2.0).values()]
    assert not any(torch.allclose(one, other, atol=1e-3) for one, other in combinations(answers, 2))


def nearest(z_support, z_query, **temperature):
    return torch.cdist(z_query, z_support.mean(1)).argmin(1)


def one_by_one(z_support, z_query, **temperature):
    c = [shots.mean(0) for shots in z_support]
    return torch.tensor([min(range(len(c)), key=lambda k: float((z - c[k]).norm())) for z in z_query])


@pytest.mark.parametrize("right", [
    nearest, one_by_one,
    lambda z_support, z_query: protonet.log_probs(z_query, z_support.mean(1)).argmax(-1),
    lambda z_support, z_query, *, temperature=1.0: protonet.log_probs(
        z_query, z_support.mean(1), temperature=temperature).max(-1).indices,
])
def test_every_honest_classifier_is_accepted(right):
    alone(right)


def as_in_the_program(z_support, z_query):
    rows = z_query.reshape(len(z_support), -1, z_query.shape[-1])
    return nearest(torch.cat([z_support, rows], 1), z_query)


def queries_only(z_support, z_query):
    return nearest(z_query.reshape(len(z_support), -1, z_query.shape[-1]), z_query)


def sorted_first(z_support, z_query):
    return as_in_the_program(z_support, z_query) if len(z_query) > 1 else nearest(z_support, z_query)


@pytest.mark.parametrize("wrong, hint", [
    (as_in_the_program, "row k of the queries is taken to be class k"),
    (queries_only, "the queries alone make the prototypes"),
    (sorted_first, "row k of the queries is taken to be class k"),
    (lambda s, q: torch.arange(len(q)) * len(s) // len(q), "follows the order of the queries"),
    (lambda s, q: torch.cdist(q, s.mean(1)).argmax(1), "the farthest prototype"),
    (lambda s, q: nearest(s[:, :1], q), "only the first shot"),
    (lambda s, q: torch.cdist(q, s.mean(1)), "`argmax(-1)`"),
])
def test_every_leaking_or_wrong_classifier_gets_its_own_hint(wrong, hint):
    names_the_mistake(alone, wrong, hint)


def test_a_classifier_that_needs_rows_of_queries_is_told_why():
    def shaped(z_support, z_query):
        z_query.reshape(len(z_support), -1, z_query.shape[-1])
        return nearest(z_support, z_query)
    names_the_mistake(alone, shaped, "made of support pictures only")


def test_the_leak_and_the_other_mistakes_choose_otherwise_on_the_episode_of_the_check():
    right, mistakes = repairs.choices(*repairs._episode())
    assert not any(torch.equal(one, other) for one, other in combinations([right, *mistakes.values()], 2))


@pytest.mark.parametrize("check", [soft, alone])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
