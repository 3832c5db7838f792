"""Right and wrong ways to sample an episode, each wrong one with the hint that it gets."""
import random

import pytest
import torch

from metacourse.checks import NotAttempted, fundamentals
from metacourse.data import sampling
from metacourse.episode import Episode, Examples, task
from tests.checks.saying import blank, names_the_mistake, rejected

check = fundamentals.sample_episode


def episode(x, y, shot):
    return Episode(Examples(x[:, :shot], y[:, :shot]), Examples(x[:, shot:], y[:, shot:]))


def labels(way, n):
    return torch.arange(way)[:, None].expand(way, n)


def some(total, n, rng):
    return torch.randperm(total, generator=rng)[:n]


def row_by_row(images, *, way, shot, queries, rng):
    classes = some(len(images), way, rng)
    x = torch.stack([images[c][some(images.shape[1], shot + queries, rng)] for c in classes])
    return episode(x, labels(way, shot + queries), shot)


def whole_tensor(images, *, way, shot, queries, rng):
    classes = torch.rand(len(images), generator=rng).argsort()[:way]
    drawings = torch.rand(way, images.shape[1], generator=rng).argsort(-1)[:, : shot + queries]
    return episode(images[classes[:, None], drawings].float(), labels(way, shot + queries), shot)


def by_hand_in_lists(images, *, way, shot, queries, rng):
    dice = random.Random(int(torch.randint(2**31, (), generator=rng)))
    sides = ([], [])
    for c in dice.sample(range(len(images)), way):
        drawings = dice.sample(range(images.shape[1]), shot + queries)
        for side, chosen in zip(sides, (drawings[shot:], drawings[:shot])):      # queries first: as good
            side.append(images[c, chosen])
    query, support = (torch.stack(side) for side in sides)
    return [(support, labels(way, shot).clone()), (query, labels(way, queries).clone())]


def rows_labeled_in_another_order(images, *, way, shot, queries, rng):
    support, query = row_by_row(images, way=way, shot=shot, queries=queries, rng=rng)
    names = torch.randperm(way, generator=rng)[:, None]
    return Examples(support.x, names.expand(way, shot)), Examples(query.x, names.expand(way, queries))


def with_the_library(images, *, rng, **sizes):
    return task(sampling.sample_episodes(images.float(), tasks=1, rng=rng, **sizes), 0)


@pytest.mark.parametrize("right", [row_by_row, whole_tensor, by_hand_in_lists, rows_labeled_in_another_order,
                                   with_the_library])
def test_every_right_way_is_accepted(right, capsys):
    check(right)
    assert capsys.readouterr().out.count("✓") == 8


def class_twice(images, *, way, shot, queries, rng):
    classes = torch.randint(len(images), (way,), generator=rng)
    x = torch.stack([images[c][some(images.shape[1], shot + queries, rng)] for c in classes])
    return episode(x, labels(way, shot + queries), shot)


def query_overlaps_support(images, *, way, shot, queries, rng):
    classes = some(len(images), way, rng)
    support = torch.stack([images[c][some(images.shape[1], shot, rng)] for c in classes])
    query = torch.stack([images[c][some(images.shape[1], queries, rng)] for c in classes])
    return Episode(Examples(support, labels(way, shot)), Examples(query, labels(way, queries)))


def drawing_twice(images, *, way, shot, queries, rng):
    cut = images.shape[1] // 2
    classes = some(len(images), way, rng)
    support = torch.stack([images[c, torch.randint(cut, (shot,), generator=rng)] for c in classes])
    query = torch.stack([images[c, cut:][torch.randint(cut, (queries,), generator=rng)] for c in classes])
    return Episode(Examples(support, labels(way, shot)), Examples(query, labels(way, queries)))


def global_labels(images, *, way, shot, queries, rng):
    classes = some(len(images), way, rng)
    x = torch.stack([images[c][some(images.shape[1], shot + queries, rng)] for c in classes])
    return episode(x, classes[:, None].expand(way, shot + queries), shot)


def labels_across_rows(images, *, way, shot, queries, rng):
    support, query = row_by_row(images, way=way, shot=shot, queries=queries, rng=rng)
    turned = [torch.arange(way).repeat(n).reshape(way, n) for n in (shot, queries)]
    return Examples(support.x, turned[0]), Examples(query.x, turned[1])


def same_every_call(images, *, way, shot, queries, rng):
    return row_by_row(images, way=way, shot=shot, queries=queries, rng=torch.Generator().manual_seed(3))


def nothing_random(images, *, way, shot, queries, rng):
    return episode(images[:way, : shot + queries], labels(way, shot + queries), shot)


def forgets_rng(images, *, way, shot, queries, rng):
    return row_by_row(images, way=way, shot=shot, queries=queries, rng=None)


def forgets_rng_for_drawings(images, *, way, shot, queries, rng):
    classes = some(len(images), way, rng)
    x = torch.stack([images[c][some(images.shape[1], shot + queries, None)] for c in classes])
    return episode(x, labels(way, shot + queries), shot)


def first_classes(images, *, way, shot, queries, rng):
    return row_by_row(images[:way], way=way, shot=shot, queries=queries, rng=rng)


def first_drawings(images, *, way, shot, queries, rng):
    classes = some(len(images), way, rng)
    return episode(images[classes, : shot + queries], labels(way, shot + queries), shot)


def sorted_classes(images, *, way, shot, queries, rng):
    classes = some(len(images), way, rng).sort().values
    x = torch.stack([images[c][some(images.shape[1], shot + queries, rng)] for c in classes])
    return episode(x, labels(way, shot + queries), shot)


def class_for_every_image(images, *, way, shot, queries, rng):
    flat = images.flatten(0, 1)[some(images.shape[0] * images.shape[1], way * (shot + queries), rng)]
    return episode(flat.unflatten(0, (way, shot + queries)), labels(way, shot + queries), shot)


def query_of_other_classes(images, *, way, shot, queries, rng):
    one = row_by_row(images, way=way, shot=shot, queries=queries, rng=rng)
    other = row_by_row(images, way=way, shot=shot, queries=queries, rng=rng)
    return one.support, other.query


def flattened(images, *, way, shot, queries, rng):
    support, query = row_by_row(images, way=way, shot=shot, queries=queries, rng=rng)
    return Episode(*(Examples(side.x.flatten(0, 1), side.y.flatten()) for side in (support, query)))


def shots_first(images, *, way, shot, queries, rng):
    support, query = row_by_row(images, way=way, shot=shot, queries=queries, rng=rng)
    return Episode(*(Examples(side.x.transpose(0, 1), side.y.T) for side in (support, query)))


def not_cut(images, *, way, shot, queries, rng):
    support, query = row_by_row(images, way=way, shot=shot, queries=queries, rng=rng)
    both = Examples(torch.cat([support.x, query.x], 1), torch.cat([support.y, query.y], 1))
    return Episode(both, both)


def one_label_a_class(images, *, way, shot, queries, rng):
    support, query = row_by_row(images, way=way, shot=shot, queries=queries, rng=rng)
    return Episode(Examples(support.x, torch.arange(way)), Examples(query.x, torch.arange(way)))


def float_labels(images, *, way, shot, queries, rng):
    support, query = row_by_row(images, way=way, shot=shot, queries=queries, rng=rng)
    return Episode(Examples(support.x, support.y.float()), Examples(query.x, query.y.float()))


def scaled(images, *, rng, **sizes):
    return task(sampling.sample_episodes(images, tasks=1, rng=rng, **sizes), 0)


@pytest.mark.parametrize("wrong, hint", [
    (class_twice, "draws with replacement"),
    (query_overlaps_support, "make one ordering of the drawings, and cut it in two"),
    (drawing_twice, "draws with replacement"),
    (global_labels, "in a task, count anew"),
    (labels_across_rows, "run along the wrong axis"),
    (same_every_call, "a seed is set inside your function"),
    (nothing_random, "nothing random is drawn"),
    (forgets_rng, "without `generator=rng`"),
    (forgets_rng_for_drawings, "without `generator=rng`"),
    (first_classes, "always the first classes"),
    (first_drawings, "always the same drawings"),
    (sorted_classes, "the classes are sorted after drawing"),
    (class_for_every_image, "a class is drawn for every image"),
    (query_of_other_classes, "for support and again for query"),
    (flattened, "way and shot are two axes"),
    (shots_first, "in this order"),
    (not_cut, "cut [way, shot + queries] in two"),
    (one_label_a_class, "every image has a label"),
    (float_labels, "`cross_entropy` wants them as int64"),
    (scaled, "dividing by 255"),
])
def test_every_wrong_way_gets_its_own_hint(wrong, hint):
    names_the_mistake(check, wrong, hint)


def test_a_report_shows_the_call_and_what_came():
    said = rejected(check, class_twice)
    assert "input:  class_twice(uint8 tensor [5, 6, 1, 2, 2], way=3, shot=2, queries=3" in said
    assert "episodes repeat one" in said


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted, match="not attempted yet"):
        check(blank)
