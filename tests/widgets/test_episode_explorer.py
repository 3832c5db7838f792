"""The episode explorer shows what the library's sampler draws, at every end of every control."""
import itertools

import numpy as np
import pytest
import torch
from traitlets import TraitError

from metacourse.data.imageset import ImageSet
from metacourse.data.sampling import sample_episodes
from metacourse.widgets import EpisodeExplorer


def some_images(classes, channels=1, name="sign"):
    rng = torch.Generator().manual_seed(classes)
    images = torch.randint(0, 256, (classes, 20, channels, 6, 5), generator=rng, dtype=torch.uint8)
    names = tuple(f"{name}/{i}" for i in range(classes))
    return ImageSet(images, names, names)


@pytest.fixture
def explorer():
    return EpisodeExplorer({"train": some_images(40), "val": some_images(21), "test": some_images(30)})


def pixels(explorer):
    shape = explorer.way, explorer.shot + explorer.queries, *explorer.tile
    return torch.from_numpy(np.frombuffer(explorer.atlas, np.uint8).reshape(shape).copy())


def test_the_start_is_a_five_way_one_shot_task_on_test_classes(explorer):
    assert repr(explorer) == "EpisodeExplorer(split='test', way=5, shot=1, queries=3, seed=0)"
    assert explorer.status == "5-way 1-shot with 3 queries per class, from the test classes: chance is 20 %."


@pytest.mark.parametrize("channels", [1, 3])
def test_it_shows_what_the_sampler_draws_with_this_seed(channels):
    images = some_images(30, channels)
    explorer = EpisodeExplorer(images, way=4, shot=2, queries=5, seed=7)
    support, query = sample_episodes(images.images, tasks=1, way=4, shot=2, queries=5,
                                     rng=torch.Generator().manual_seed(7))
    drawn = torch.cat([support.x[0], query.x[0]], dim=1).movedim(2, -1)          # [way, column, H, W, C]
    assert torch.equal(pixels(explorer) / 255, drawn)


def test_the_names_are_those_of_the_pictures(explorer):
    images = some_images(30)
    for row, name in enumerate(explorer.names):
        of_class = images.images[images.names.index(name)].movedim(1, -1)        # [drawing, H, W, C]
        assert (of_class == pixels(explorer)[row, 0]).flatten(1).all(dim=1).any()


def test_every_control_reaches_both_ends_and_every_option(explorer):
    ends = [explorer.limits[name] for name in ("way", "shot", "queries", "seed")]
    assert ends == [[2, 20], [1, 5], [1, 15], [0, 9999]]
    for split, (way, shot, queries, seed) in itertools.product(explorer.splits, itertools.product(*ends)):
        explorer.set_state({"split": split, "way": way, "shot": shot, "queries": queries, "seed": seed})
        assert len(set(explorer.names)) == way
        assert pixels(explorer).shape == (way, shot + queries, 6, 5, 1)
    assert explorer.status.startswith("20-way 5-shot with 15 queries per class, from the test classes")


def test_the_ends_follow_the_data():
    small = some_images(3)
    explorer = EpisodeExplorer(small._replace(images=small.images[:, :4]), way=3, queries=1)
    assert explorer.limits["way"] == [2, 3]
    explorer.shot, explorer.queries = explorer.limits["shot"][1], explorer.limits["queries"][1]
    assert explorer.shot + explorer.queries == 4


@pytest.mark.parametrize("control, value, message", [
    ("way", 21, "way=21: this data allows 2 to 20"), ("shot", 0, "allows 1 to 5"), ("seed", -1, "0 to 9999"),
    ("split", "tset", "choose among train, val, test"),
])
def test_a_value_that_the_data_cannot_give_is_refused(explorer, control, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(explorer, control, value)


def test_the_still_picture_shows_the_present_episode(explorer):
    explorer.way = 3
    picture = explorer.still()
    assert picture.title == "What does a 3-way 1-shot task look like?"
    assert all(name in picture.alt for name in explorer.names)


def test_saved_with_the_notebook_it_is_small(explorer):
    state = explorer.get_state()
    assert sum(len(value) for value in state.values() if isinstance(value, bytes | str)) < 40_000
