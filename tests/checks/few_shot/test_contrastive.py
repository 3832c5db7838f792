"""Right and wrong pairs, and losses of pairs."""
from itertools import combinations, product

import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, few_shot
from metacourse.methods import siamese
from tests.checks.saying import blank, names_the_mistake, rejected


def from_list(pairs, y):
    first, second = (torch.tensor(side) for side in zip(*pairs))
    return first, second, y[first] == y[second]


def in_plain_python(y):
    pairs = list(combinations(range(len(y)), 2))
    return [i for i, _ in pairs], [j for _, j in pairs], [bool(y[i] == y[j]) for i, j in pairs]


def by_triangle(y):
    first, second = torch.triu_indices(len(y), len(y), offset=1)
    return first, second, y[first] == y[second]


def below(y):
    first, second = torch.tril_indices(len(y), len(y), offset=-1)
    return first, second, ~(y[first] != y[second])


@pytest.mark.parametrize("right", [
    in_plain_python, by_triangle, below,
    lambda y: from_list(list(combinations(range(len(y)), 2)), y),
    lambda y: from_list(torch.combinations(torch.arange(len(y))).tolist(), y),
])
def test_every_right_list_of_pairs_is_accepted(right):
    few_shot.all_pairs(right)


def by_places(y):
    first, second, _ = by_triangle(y)
    return first, second, first // 2 == second // 2


def chosen(keep):
    def wrong(y):
        first, second, same = by_triangle(y)
        kept = keep(first, second, same)
        return first[kept], second[kept], same[kept]
    return wrong


@pytest.mark.parametrize("wrong, hint", [
    (lambda y: from_list(list(product(range(len(y)), repeat=2)), y), "keep those with first < second"),
    (lambda y: from_list([(i, j) for i, j in product(range(len(y)), repeat=2) if i != j], y), "are one pair"),
    (chosen(lambda first, second, same: same), "only pairs of the same class"),
    (chosen(lambda first, second, same: ~same), "only pairs of different classes"),
    (chosen(lambda first, second, same: second == first + 1), "only pairs of different"),
    (lambda y: (*by_triangle(y)[:2], ~by_triangle(y)[2]), "it is inverted"),
    (by_places, "pictures come in any order"),
    (lambda y: (*by_triangle(y)[:2], torch.zeros(len(y) * (len(y) - 1) // 2, dtype=torch.bool)),
     "from anything else but their labels"),
    (lambda y: (*by_triangle(y)[:2], by_triangle(y)[2].float()), "compare labels with `==`"),
    (lambda y: from_list(list(combinations(range(5), 2)), y), "is written in"),
])
def test_every_wrong_list_of_pairs_gets_its_own_hint(wrong, hint):
    names_the_mistake(few_shot.all_pairs, wrong, hint)


@pytest.mark.parametrize("wrong, said", [
    (chosen(lambda first, second, same: first == 0), "some pairs are missing"),
    (lambda y: (*by_triangle(y)[:2], torch.tensor([True])), "equally long"),
    (lambda y: (*by_triangle(y)[:2], True), "same should be a tensor [pair]"),
    (lambda y: (by_triangle(y)[0] + 1, by_triangle(y)[1] + 1, by_triangle(y)[2]), "not there"),
])
def test_other_lists_of_pairs_are_rejected_with_a_sentence(wrong, said):
    assert said in rejected(few_shot.all_pairs, wrong)


check = few_shot.contrastive


def by_loop(z_a, z_b, same, *, margin):
    each = []
    for a, b, alike in zip(z_a, z_b, same):
        d = torch.linalg.vector_norm(a - b)
        each.append(d**2 / 2 if alike else torch.relu(margin - d) ** 2 / 2)
    return sum(each) / len(each)


def by_weights(z_a, z_b, same, *, margin):
    y, d = same.float(), (z_a - z_b).norm(dim=1)
    return (y * d**2 + (1 - y) * torch.clamp(margin - d, min=0) ** 2).mean() / 2


def by_parts(z_a, z_b, same, *, margin):
    pull = (z_a - z_b)[same].square().sum()
    push = (margin - torch.cdist(z_a, z_b).diag()[~same]).clamp(min=0).square().sum()
    return (pull + push) / (2 * len(same))


@pytest.mark.parametrize("right", [
    by_loop, by_weights, by_parts, siamese.contrastive,
    lambda z_a, z_b, same, *, margin: by_weights(z_a, z_b, same, margin=torch.tensor(margin)),
    lambda z_a, z_b, same, *, margin: 0.5 * torch.where(
        same, F.pairwise_distance(z_a, z_b), (margin - F.pairwise_distance(z_a, z_b)).relu()).square().mean(),
])
def test_every_right_loss_is_accepted(right):
    check(right)


def loss(pull, push, mean=torch.mean):
    def wrong(z_a, z_b, same, *, margin):
        d = (z_a - z_b).norm(dim=-1)
        return mean(torch.where(same, pull(d, margin), push(d, margin)))
    return wrong


def half_square(d, m):
    return d.square() / 2


def hinge(d, m):
    return (m - d).relu().square() / 2


def two_means(z_a, z_b, same, *, margin):
    d = (z_a - z_b).norm(dim=-1)
    parts = [hinge(d[~same], margin), half_square(d[same], margin)]
    return sum(part.mean() for part in parts if len(part))


def two_means_of_nothing(z_a, z_b, same, *, margin):
    d = (z_a - z_b).norm(dim=-1)
    return hinge(d[~same], margin).mean() + half_square(d[same], margin).mean()


def with_a_root(z_a, z_b, same, *, margin):
    d = (z_a - z_b).square().sum(-1).sqrt()
    return torch.where(same, half_square(d, margin), hinge(d, margin)).mean()


def minus_a_bool(z_a, z_b, same, *, margin):
    d = (z_a - z_b).norm(dim=-1)
    return (same * half_square(d, margin) + (1 - same) * hinge(d, margin)).mean()


def in_place(z_a, z_b, same, *, margin):
    z_a -= z_b
    return torch.where(same, half_square(z_a.norm(dim=-1), margin), hinge(z_a.norm(dim=-1), margin)).mean()


@pytest.mark.parametrize("wrong, hint", [
    (loss(hinge, half_square), "the margin is on the wrong pairs"),
    (loss(lambda d, m: (d - m).relu().square() / 2, hinge), "the margin is subtracted"),
    (loss(lambda d, m: d / 2, hinge), "the distance is not squared"),
    (loss(lambda d, m: d, hinge), "not squared, and ½ is forgotten"),
    (loss(lambda d, m: d.square(), hinge), "½ is forgotten"),
    (loss(lambda d, m: d**4 / 2, hinge), "squared twice"),
    (loss(half_square, half_square), "the margin is on the wrong pairs"),
    (loss(half_square, lambda d, m: (m - d).square() / 2), "the hinge is missing"),
    (loss(half_square, lambda d, m: (m - d**2).relu().square() / 2), "squared distance is taken from"),
    (loss(half_square, lambda d, m: (m**2 - d**2).relu() / 2), "the squares are subtracted"),
    (loss(half_square, lambda d, m: (m - d).relu() / 2), "the hinge is not squared"),
    (loss(half_square, lambda d, m: (m - d).relu()), "not squared, and ½ is forgotten"),
    (loss(half_square, lambda d, m: (m - d).relu().square()), "½ is forgotten"),
    (loss(half_square, lambda d, m: (d - m).relu().square() / 2), "Is the hinge turned around"),
    (loss(half_square, lambda d, m: 0 * d), "they count for nothing"),
    (loss(half_square, hinge, torch.sum), "the pairs are added up"),
    (two_means, "a mean for each kind of pair"),
    (two_means_of_nothing, "a mean over nothing"),
    (loss(half_square, hinge, lambda each: each[0]), "only the first pair"),
    (loss(half_square, lambda d, m: hinge(d, 2.0)), "a margin of 2 is written in"),
    (with_a_root, "infinite slope at zero"),
    (minus_a_bool, "1 − True"),
    (in_place, "build a new tensor"),
    (lambda *pairs, margin: by_weights(*pairs, margin=margin).detach(), "cuts the graph"),
    (lambda *pairs, margin: by_weights(*pairs, margin=margin).item(), "cut the graph"),
])
def test_every_wrong_loss_gets_its_own_hint(wrong, hint):
    names_the_mistake(check, wrong, hint)


def test_one_number_for_each_pair_is_rejected():
    assert "one number" in rejected(check, loss(half_square, hinge, lambda each: each))


@pytest.mark.parametrize("check", [few_shot.all_pairs, few_shot.contrastive])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
