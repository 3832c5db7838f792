import pytest
import torch

from metacourse.data import sampling
from metacourse.data.imageset import ImageSet

# Image [c, d] of NUMBERED is 100 c + d in each pixel, so that an episode tells where it came from.
CLASSES, DRAWINGS = 12, 8
NUMBERED = 100 * torch.arange(CLASSES).view(-1, 1, 1, 1, 1) + torch.arange(DRAWINGS).view(-1, 1, 1, 1)
NUMBERED = NUMBERED.expand(-1, -1, 1, 2, 2)
SETTINGS = dict(tasks=50, way=5, shot=3, queries=4)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def numbers(examples) -> torch.Tensor:
    return examples.x[..., 0, 0, 0]


def draw(images=NUMBERED, **changes):
    return sampling.sample_episodes(images, **SETTINGS | {"rng": rng()} | changes)


def test_an_episode_has_the_shapes_of_its_name():
    episodes = draw()
    assert episodes.support.x.shape == (50, 5, 3, 1, 2, 2)
    assert episodes.query.x.shape == (50, 5, 4, 1, 2, 2)
    assert episodes.query.y[7].tolist() == [[k] * 4 for k in range(5)]


def test_support_and_query_share_no_drawing():
    episodes = draw()
    drawn = torch.cat([numbers(episodes.support), numbers(episodes.query)], dim=-1).flatten(1)
    assert all(len(task.unique()) == 5 * (3 + 4) for task in drawn)


def test_the_classes_of_a_task_are_distinct_and_each_row_is_one_class():
    classes = numbers(draw().support) // 100
    assert (classes == classes[..., :1]).all()
    assert all(len(task.unique()) == 5 for task in classes)


def test_every_class_comes_first_about_equally_often():
    classes = numbers(draw(tasks=6000).support)[:, 0, 0] // 100
    counts = classes.bincount(minlength=CLASSES)
    assert (counts - 500).abs().max() < 5 * 500**0.5             # five standard deviations


def test_all_classes_and_all_drawings_can_be_used_up():
    episodes = draw(way=CLASSES, shot=1, queries=DRAWINGS - 1)
    assert numbers(episodes.query).shape == (50, CLASSES, DRAWINGS - 1)


def test_the_same_seed_gives_the_same_episodes_and_another_seed_others():
    assert torch.equal(draw().support.x, draw().support.x)
    assert not torch.equal(draw().support.x, draw(rng=rng(1)).support.x)


def test_the_number_of_threads_changes_nothing():
    threads, episodes = torch.get_num_threads(), []
    for count in (1, 2):
        torch.set_num_threads(count)
        episodes.append(draw(torch.arange(3000 * 8).view(3000, 8, 1, 1, 1), tasks=200))
    torch.set_num_threads(threads)
    assert torch.equal(episodes[0].query.x, episodes[1].query.x)


def test_bytes_become_numbers_from_0_to_1_and_other_numbers_stay():
    white = torch.full((5, 7, 1, 2, 2), 255, dtype=torch.uint8)
    assert torch.equal(draw(white).support.x, torch.ones(50, 5, 3, 1, 2, 2))
    assert draw(white.double()).support.x.max() == 255
    assert draw().support.x.dtype == torch.int64


def test_a_task_takes_its_classes_from_one_group_and_every_group_has_its_turn():
    groups = torch.tensor([0] * 7 + [1] * 5)
    of_task = groups[numbers(draw(groups=groups, tasks=400).support)[..., 0] // 100]
    assert (of_task == of_task[:, :1]).all()
    assert 150 < of_task[:, 0].sum() < 250                       # each group equally often, whatever its size


def test_a_turned_class_is_turned_alike_in_support_and_query():
    corner = torch.zeros(CLASSES, DRAWINGS, 1, 3, 3)
    corner[..., 0, 0] = 1
    episodes = draw(corner, rotate=True)
    everything = torch.cat([episodes.support.x, episodes.query.x], dim=2)
    assert (everything == everything[:, :, :1]).all()
    corners = everything[:, :, 0, 0][..., [0, 0, 2, 2], [0, 2, 2, 0]].mean((0, 1))
    assert corners.sum() == 1 and (corners - 0.25).abs().max() < 0.15


def test_turning_leaves_the_data_as_it_was():
    images = torch.rand(CLASSES, DRAWINGS, 1, 3, 3)
    before = images.clone()
    draw(images, rotate=True)
    assert torch.equal(images, before)


def test_unequal_shots_are_masked_and_blank():
    images = NUMBERED.double() + 1                               # no picture is blank by itself
    for seed in range(20):
        task = sampling.sample_varied(images, way=(3, 9), shot=(1, 4), queries=2, rng=rng(seed))
        shots = task.support.mask.sum(1)
        assert 3 <= len(shots) <= 9 and 1 <= shots.min() and shots.max() == task.support.x.shape[1] <= 4
        assert ((numbers(task.support) > 0) == task.support.mask).all()
        assert task.query.x.shape[:2] == (len(shots), 2)


def test_test_episodes_are_the_same_on_every_pass():
    episodes = sampling.test_episodes(NUMBERED, episodes=7, batch=3, queries=2)
    first, second = list(episodes), list(episodes)
    assert len(episodes) == 7 and [len(batch.support.x) for batch in first] == [3, 3, 1]
    assert all(torch.equal(a.query.x, b.query.x) for a, b in zip(first, second))


@pytest.mark.parametrize("changes, message", [
    (dict(shot=5, queries=10), "8 drawings per class; shot=5 with queries=10 needs 15"),
    (dict(way=13), "12 classes; way=13 needs 13"),
    (dict(way=1), "one class"),
    (dict(shot=0), "shot=0 should be at least 1"),
    (dict(groups=torch.tensor([0] * 9 + [1] * 3)), "group 1 has 3 classes; way=5 needs 5"),
    (dict(groups=torch.zeros(12, dtype=torch.int32)), "int64"),
    (dict(groups=torch.zeros(3, dtype=torch.int64)), "groups"),
    (dict(images=torch.zeros(4, 4)), r"\[class, drawing, ...\]; got shape"),
    (dict(images=ImageSet(NUMBERED, (), ())), "images"),
    (dict(images=torch.zeros(12, 8, 1, 2, 3), rotate=True), "square"),
])
def test_what_cannot_be_drawn_is_refused_with_its_numbers(changes, message):
    with pytest.raises((ValueError, TypeError), match=message):
        draw(**changes)


def test_an_empty_range_of_ways_is_refused():
    with pytest.raises(ValueError, match="way=\\(9, 3\\) is an empty range"):
        sampling.sample_varied(NUMBERED, way=(9, 3), queries=2, rng=rng())


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_draws_the_same_episodes():
    there = draw(NUMBERED.contiguous().cuda(), rotate=True)
    assert there.support.x.is_cuda and torch.equal(there.query.x.cpu(), draw(rotate=True).query.x)
