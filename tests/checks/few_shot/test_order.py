"""Right and wrong detectors of a method that looks where a query stands."""
import pytest
import torch

from metacourse.checks import NotAttempted, few_shot
from tests.checks.saying import blank, names_the_mistake, rejected

check = few_shot.order_matters


def shuffle(z_query, rng):
    return torch.randperm(len(z_query), generator=rng)


def right(classify, z_support, z_query, *, rng):
    order = shuffle(z_query, rng)
    return not torch.equal(classify(z_support, z_query)[order], classify(z_support, z_query[order]))


def put_back(classify, z_support, z_query, *, rng):
    order = torch.rand(len(z_query), generator=rng).argsort()
    after = classify(z_support, z_query[order])[order.argsort()]
    return bool((classify(z_support, z_query) != after).any())


def one_by_one(classify, z_support, z_query, *, rng):
    order = shuffle(z_query, rng).tolist()
    before, after = classify(z_support, z_query), classify(z_support, z_query[order])
    return any(before[i] != after[place] for place, i in enumerate(order))


def three_times(classify, z_support, z_query, *, rng):
    return any(right(classify, z_support, z_query, rng=rng) for _ in range(3))


def as_a_tensor(classify, z_support, z_query, *, rng):
    order = shuffle(z_query, rng)
    return (classify(z_support, z_query)[order] != classify(z_support, z_query[order])).any()


@pytest.mark.parametrize("right", [right, put_back, one_by_one, three_times, as_a_tensor])
def test_every_right_detector_is_accepted(right):
    check(right)


def not_put_back(classify, z_support, z_query, *, rng):
    order = shuffle(z_query, rng)
    return not torch.equal(classify(z_support, z_query), classify(z_support, z_query[order]))


def counts(classify, z_support, z_query, *, rng):
    order = shuffle(z_query, rng)
    a, b = (classify(z_support, z).bincount(minlength=3) for z in (z_query, z_query[order]))
    return not torch.equal(a, b)


def turned_around(classify, z_support, z_query, *, rng):
    return not torch.equal(classify(z_support, z_query).flip(0), classify(z_support, z_query.flip(0)))


def shuffles_classes(classify, z_support, z_query, *, rng):
    order = torch.randperm(len(z_support), generator=rng)
    return not torch.equal(classify(z_support, z_query), classify(z_support[order], z_query))


def shuffles_shots(classify, z_support, z_query, *, rng):
    return not torch.equal(classify(z_support, z_query), classify(z_support.flip(1), z_query))


def never_shuffles(classify, z_support, z_query, *, rng):
    return not torch.equal(classify(z_support, z_query), classify(z_support, z_query))


def says_yes(classify, z_support, z_query, *, rng):
    return len(classify(z_support, z_query[shuffle(z_query, rng)])) > 0


def half_of_them(classify, z_support, z_query, *, rng):
    half = z_query[::2]
    return right(classify, z_support, half, rng=rng) or \
        not torch.equal(classify(z_support, z_query)[::2], classify(z_support, half))


def rolls(classify, z_support, z_query, *, rng):
    order = torch.arange(len(z_query)).roll(1)
    return not torch.equal(classify(z_support, z_query)[order], classify(z_support, z_query[order]))


def a_fixed_order(classify, z_support, z_query, *, rng):
    order = torch.arange(len(z_query)) * 5 % 24
    return not torch.equal(classify(z_support, z_query)[order], classify(z_support, z_query[order]))


def seeded_inside(classify, z_support, z_query, *, rng):
    return right(classify, z_support, z_query, rng=torch.Generator().manual_seed(0))


def first_half(classify, z_support, z_query, *, rng):
    half = len(z_query) // 2
    order = torch.cat([torch.randperm(half, generator=rng), torch.arange(half, len(z_query))])
    return not torch.equal(classify(z_support, z_query)[order], classify(z_support, z_query[order]))


def more_than(share):
    def counted(classify, z_support, z_query, *, rng):
        order = shuffle(z_query, rng)
        changed = classify(z_support, z_query)[order] != classify(z_support, z_query[order])
        return bool(changed.float().mean() > share)
    return counted


def all_of_them(classify, z_support, z_query, *, rng):
    order = shuffle(z_query, rng)
    return not (classify(z_support, z_query)[order] == classify(z_support, z_query[order])).any()


def each_alone(classify, z_support, z_query, *, rng):
    order = shuffle(z_query, rng)
    together = classify(z_support, z_query[order])
    return not torch.equal(together, torch.cat([classify(z_support, z_query[i:i + 1]) for i in order]))


def all_alone(classify, z_support, z_query, *, rng):
    order = shuffle(z_query, rng)
    before = torch.cat([classify(z_support, z_query[i:i + 1]) for i in range(len(z_query))])
    return not torch.equal(before[order], torch.cat([classify(z_support, z_query[i:i + 1]) for i in order]))


def with_replacement(classify, z_support, z_query, *, rng):
    order = torch.randint(len(z_query), (len(z_query),), generator=rng)
    return not torch.equal(classify(z_support, z_query)[order], classify(z_support, z_query[order]))


@pytest.mark.parametrize("wrong, hint", [
    (rolls, "queries keep their neighbors"),
    (a_fixed_order, "rng is not used"),
    (seeded_inside, "rng is not used"),
    (first_half, "some queries keep their place"),
    (more_than(1 / 24), "is enough"),
    (more_than(3 / 24), "is enough"),
    (all_of_them, "is enough"),
    (each_alone, "not all queries were shown at once"),
    (all_alone, "not all queries were shown at once"),
    (with_replacement, "which leaves out none"),
    (not_put_back, "bring the first into that order, too"),
    (counts, "compare query by query"),
    (turned_around, "this method is blind to it"),
    (shuffles_classes, "the support set was changed"),
    (shuffles_shots, "the support set was changed"),
    (never_shuffles, "the queries were never shuffled"),
    (says_yes, "compare what `classify` says before and after"),
    (half_of_them, "not all queries were shown at once"),
    (lambda *given, rng: True, "`classify` was never called"),
    (lambda *given, rng: False, "`classify` was never called"),
    (lambda *given, rng: not right(*given, rng=rng), "it is inverted"),
    (lambda classify, s, q, *, rng: right(classify, s, q, rng=None), "without `generator=rng`"),
    (lambda classify, s, q, *, rng: classify(s, q) != classify(s, q[shuffle(q, rng)]), "`torch.equal(a, b)`"),
])
def test_every_wrong_detector_gets_its_own_hint(wrong, hint):
    names_the_mistake(check, wrong, hint)


def test_the_report_shows_the_method_that_misled_the_detector():
    assert "not_put_back(nearest, " in rejected(check, not_put_back)


def test_a_detector_that_never_finds_anything_is_rejected():
    assert "a leak is not found" in rejected(check, lambda *given, rng: right(*given, rng=rng) and False)


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        check(blank)
