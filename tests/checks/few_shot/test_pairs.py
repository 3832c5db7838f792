"""Right and wrong pairs of pictures."""
from itertools import combinations, product

import pytest
import torch

from metacourse.checks import NotAttempted, few_shot
from tests.checks.saying import blank, names_the_mistake, rejected


def from_list(pairs, y):
    first, second = (torch.tensor(side) for side in zip(*pairs))
    return first, second, y[first] == y[second]


def in_plain_python(y):
    pairs = list(combinations(range(len(y)), 2))
    return [i for i, _ in pairs], [j for _, j in pairs], [bool(y[i] == y[j]) for i, j in pairs]


def by_combinations(y):
    first, second = torch.tensor(list(combinations(range(len(y)), 2))).T
    return first, second, y[first] == y[second]


def as_arrays(y):
    first, second, same = by_triangle(y)
    return first.numpy(), second.numpy(), same


def by_triangle(y):
    first, second = torch.triu_indices(len(y), len(y), offset=1)
    return first, second, y[first] == y[second]


def below(y):
    first, second = torch.tril_indices(len(y), len(y), offset=-1)
    return first, second, ~(y[first] != y[second])


@pytest.mark.parametrize("right", [
    by_combinations, by_triangle, below,
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
    (in_plain_python, "`torch.tensor(…)` makes one of it"),
    (as_arrays, "`torch.as_tensor(…)` makes a torch tensor"),
    (lambda y: [(i, j, bool(y[i] == y[j])) for i, j in combinations(range(len(y)), 2)], "three tensors are"),
    (lambda y: (by_triangle(y)[0].short(), *by_triangle(y)[1:]), "wants int64"),
    (lambda y: (by_triangle(y)[0], by_triangle(y)[1].float(), by_triangle(y)[2]), "wants int64"),
    (lambda y: (by_triangle(y)[2], *by_triangle(y)[:2]), "first, second, same"),
    (lambda y: (y[by_triangle(y)[0]], y[by_triangle(y)[1]], by_triangle(y)[2]), "whatever their labels are"),
    (lambda y: from_list(list(combinations(range(5), 2)), y), "is written in"),
])
def test_every_wrong_list_of_pairs_gets_its_own_hint(wrong, hint):
    names_the_mistake(few_shot.all_pairs, wrong, hint)


@pytest.mark.parametrize("wrong, said", [
    (chosen(lambda first, second, same: first == 0), "some pairs are missing"),
    (lambda y: (*by_triangle(y)[:2], torch.tensor([True])), "equally long"),
    (lambda y: (*by_triangle(y)[:2], True), "same should be a torch tensor"),
    (lambda y: (by_triangle(y)[0] + 1, by_triangle(y)[1] + 1, by_triangle(y)[2]), "not there"),
])
def test_other_lists_of_pairs_are_rejected_with_a_sentence(wrong, said):
    assert said in rejected(few_shot.all_pairs, wrong)


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        few_shot.all_pairs(blank)
