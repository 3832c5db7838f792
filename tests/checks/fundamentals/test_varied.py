"""Episodes with unequal shots, right and wrong."""
import pytest
import torch

from metacourse.checks import NotAttempted, fundamentals
from metacourse.data import sampling
from metacourse.episode import Episode, Examples
from tests.checks.saying import blank, names_the_mistake, rejected

check = fundamentals.sample_varied


def between(ends, size, rng):
    return torch.randint(ends[0], ends[1] + 1, size, generator=rng)


def right(images, *, way, shot, queries, rng, widest=None, draw=between):
    n = int(draw(way, (), rng))
    shots = draw(shot, (n,), rng)
    classes = torch.randperm(len(images), generator=rng)[:n]
    drawings = torch.rand(n, images.shape[1], generator=rng).argsort(-1)
    x = images[classes[:, None], drawings]
    longest = widest or int(shots.max())
    mask = torch.arange(longest) < shots[:, None]
    y = torch.arange(n)[:, None].expand(n, longest)
    query = Examples(x[:, longest : longest + queries], y[:, :1].expand(n, queries))
    return Episode(Examples(x[:, :longest] * mask[..., None, None, None], y, mask), query)


def padded_to_the_largest_shot(images, *, shot, **rest):
    return right(images, shot=shot, widest=shot[1], **rest)


def padded_with_real_images(images, *, way, shot, queries, rng):
    """Padding that holds pictures, labels of −1, and real shots on the right: the mask says it all."""
    n = int(between(way, (), rng))
    classes = torch.randperm(len(images), generator=rng)[:n]
    drawings = torch.rand(n, images.shape[1], generator=rng).argsort(-1)
    x = images[classes[:, None], drawings].float()
    mask = (torch.arange(shot[1]) < between(shot, (n, 1), rng)).flip(1)
    y = torch.arange(n)[:, None].expand(n, shot[1]).where(mask, torch.tensor(-1))
    query_y = torch.arange(n)[:, None].expand(n, queries)
    return [Examples(x[:, : shot[1]], y, mask), (x[:, shot[1] : shot[1] + queries], query_y)]


def with_the_library(images, **rest):
    return sampling.sample_varied(images.float(), **rest)


@pytest.mark.parametrize("answer", [right, padded_to_the_largest_shot, padded_with_real_images,
                                    with_the_library])
def test_every_right_way_is_accepted(answer):
    check(answer)


def changed(change):
    """The right answer, with its support changed."""
    def wrong(images, *, way, shot, queries, rng):
        support, query = right(images, way=way, shot=shot, queries=queries, rng=rng)
        return change(support, query)
    return wrong


def randint_stops_early(ends, size, rng):
    return torch.randint(*ends, size, generator=rng)


def fixed_way(images, *, way, **rest):
    return right(images, way=(way[1], way[1]), **rest)


def one_shot_for_all(images, *, shot, rng, **rest):
    n = int(between(shot, (), rng))
    return right(images, shot=(n, n), rng=rng, **rest)


def overlap(images, *, way, shot, queries, rng):
    support, query = right(images, way=way, shot=shot, queries=queries, rng=rng)
    return support, query._replace(x=torch.cat([support.x[:, :1], query.x[:, 1:]], 1))


def class_twice(images, *, rng, **rest):
    return right(images[torch.randint(len(images), (len(images),), generator=rng)], rng=rng, **rest)


@pytest.mark.parametrize("wrong, hint", [
    (changed(lambda support, query: (support._replace(mask=~support.mask), query)), "inverted"),
    (changed(lambda support, query: (support._replace(mask=None), query)), "left out"),
    (changed(lambda support, query: (support._replace(mask=support.mask.int()), query)), "made by comparing"),
    (lambda images, *, shot, **rest: right(images, shot=(shot[1], shot[1]), **rest), "True everywhere"),
    (lambda *args, **rest: right(*args, draw=randint_stops_early, **rest), "add 1"),
    (fixed_way, "way is not drawn at all"),
    (one_shot_for_all, "draw one for each"),
    (overlap, "cut it in two"),
    (class_twice, "with replacement"),
    (lambda images, *, rng, **rest: right(images, rng=None, **rest), "without `generator=rng`"),
    (lambda images, *, rng, **rest: right(images[:4], rng=rng, **rest), "always the first classes"),
])
def test_every_wrong_way_gets_its_own_hint(wrong, hint):
    names_the_mistake(check, wrong, hint)


def test_a_support_without_mask_in_two_parts_is_rejected():
    assert "x, y, mask" in rejected(check, changed(lambda support, query: (tuple(support[:2]), query)))


def mean_of_real_shots(x, mask):
    return (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def class_by_class(x, mask):
    return torch.stack([shots[real].mean(0) for shots, real in zip(x, mask)]).double()


@pytest.mark.parametrize("answer", [mean_of_real_shots, class_by_class])
def test_right_prototypes_are_accepted(answer):
    fundamentals.masked_prototypes(answer)


@pytest.mark.parametrize("wrong, hint", [
    (lambda x, mask: x.mean(1), "multiply by the mask"),
    (lambda x, mask: (x * mask[..., None]).mean(1), "divided by the padded width"),
    (lambda x, mask: (x * mask[..., None]).sum(1), "not divided"),
    (lambda x, mask: mean_of_real_shots(x, ~mask), "True marks real shots"),
    (lambda x, mask: x[:, 0], "only the first shot"),
    (lambda x, mask: x[mask].mean(0).expand(len(x), -1), "each class has its own"),
    (lambda x, mask: x.mean(0), "shots are axis 1"),
])
def test_every_wrong_prototype_gets_its_own_hint(wrong, hint):
    names_the_mistake(fundamentals.masked_prototypes, wrong, hint)


@pytest.mark.parametrize("exercise", [check, fundamentals.masked_prototypes])
def test_a_blank_is_not_attempted_yet(exercise):
    with pytest.raises(NotAttempted):
        exercise(blank)
