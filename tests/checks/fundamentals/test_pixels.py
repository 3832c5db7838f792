"""Right and wrong ways to choose the nearest prototype on raw pixels."""
from itertools import combinations

import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, fundamentals
from metacourse.checks.fundamentals import pixels
from metacourse.methods import nearest
from tests.checks.saying import blank, names_the_mistake, rejected

check = fundamentals.nearest_prototype


def flat(support, x_query):
    return support.x.flatten(2).float(), x_query.flatten(1).float()


def difference(support, x_query):
    z, z_query = flat(support, x_query)
    return z_query[:, None] - z.mean(1)                                      # [query, way, dim]


def squared(support, x_query):
    return -difference(support, x_query).square().sum(-1)


def root(support, x_query):
    return -difference(support, x_query).norm(dim=-1)


def probabilities(support, x_query):
    return squared(support, x_query).double().softmax(-1)


def log_probabilities(support, x_query):
    return squared(support, x_query).log_softmax(-1)


def with_cdist_in_float64(support, x_query):
    return -torch.cdist(x_query.double().flatten(1), support.x.double().mean(1).flatten(1))


def query_by_query(support, x_query):
    c = [shots.float().mean(0) for shots in support.x]
    return torch.tensor([[-float(((x - prototype) ** 2).mean()) for prototype in c] for x in x_query])


def with_the_library(support, x_query):
    return nearest.predict(support._replace(x=support.x.float()), x_query.float(), metric="euclidean")


@pytest.mark.parametrize("right", [squared, root, probabilities, log_probabilities, with_cdist_in_float64,
                                   query_by_query, with_the_library])
def test_every_right_way_is_accepted(right):
    check(right)


def mean_over_classes(support, x_query):
    z, z_query = flat(support, x_query)
    return -(z_query[:, None] - z.mean(0)).square().sum(-1)


def largest_distance(support, x_query):
    return -squared(support, x_query)


def first_shot(support, x_query):
    return squared(support._replace(x=support.x[:, :1]), x_query)


def nearest_image(support, x_query):
    z, z_query = flat(support, x_query)
    return -(z_query[:, None, None] - z).square().sum(-1).amin(-1)


def cosine(support, x_query):
    z, z_query = flat(support, x_query)
    return F.cosine_similarity(z_query[:, None], z.mean(1), dim=-1)


def dot_product(support, x_query):
    z, z_query = flat(support, x_query)
    return z_query @ z.mean(1).T


def absolute(support, x_query):
    return -difference(support, x_query).abs().sum(-1)


def signed(support, x_query):
    return -difference(support, x_query).sum(-1)


def from_the_order(support, x_query):
    way = len(support.x)
    return F.one_hot(torch.arange(len(x_query)) * way // len(x_query), way).float()


def softmax_over_queries(support, x_query):
    return (squared(support, x_query) / 1000).softmax(0)


def centered_on_queries(support, x_query):
    z, z_query = flat(support, x_query)
    return -(z_query[:, None] - z_query.mean(0) - (z - z.mean((0, 1))).mean(1)).square().sum(-1)


def overflowing(support, x_query):
    c = support.x.float().mean(1).to(support.x.dtype)
    return -(x_query[:, None] - c).square().sum((-3, -2, -1)).float()


def chosen_labels(support, x_query):
    return squared(support, x_query).argmax(1)


def a_score_for_every_image(support, x_query):
    z, z_query = flat(support, x_query)
    return -(z_query[:, None] - z.flatten(0, 1)).square().sum(-1)


@pytest.mark.parametrize("wrong, hint", [
    (largest_distance, "put a minus in front of the distance"),
    (first_shot, "no mean is taken"),
    (nearest_image, "no mean is taken"),
    (cosine, "this is the cosine"),
    (dot_product, "this is the dot product"),
    (absolute, "absolute differences"),
    (signed, "with their sign"),
    (from_the_order, "follows the order of the queries"),
    (softmax_over_queries, "runs over the queries"),
    (overflowing, "uint8 arithmetic"),
    (chosen_labels, "these are labels"),
    (lambda support, x_query: squared(support, x_query).T, "transpose"),
])
def test_every_wrong_way_gets_its_own_hint(wrong, hint):
    names_the_mistake(check, wrong, hint)


@pytest.mark.parametrize("wrong", [mean_over_classes, centered_on_queries, a_score_for_every_image])
def test_other_ways_are_rejected(wrong):
    assert rejected(check, wrong)


def test_every_mistake_in_the_list_chooses_otherwise_on_the_images_of_the_check():
    support, x_query = pixels._images(torch.float32)
    right, mistakes = pixels.choices(*flat(support, x_query))
    for one, other in combinations([right, *mistakes.values()], 2):
        assert not torch.equal(one, other)


def test_a_function_that_stumbles_over_uint8_is_told_so():
    def without_floats(support, x_query):
        return -(x_query[:, None] - support.x.mean(1)).square().sum((2, 3, 4))
    said = rejected(check, without_floats)
    assert "mean" in said and "raised an exception" in said


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        check(blank)
