from functools import partial

import pytest
import torch

from metacourse.data.sampling import test_episodes as episodes_of
from metacourse.experiments import few_shot
from metacourse.experiments.fixed_labels_glyphs import labeled_episodes
from metacourse.methods import protonet
from metacourse.training import evaluate
from metacourse.training.train import History


@pytest.fixture
def images(rng):
    return torch.randint(0, 256, (10, 6, 1, 28, 28), generator=rng, dtype=torch.uint8)


@pytest.mark.filterwarnings("ignore::metacourse.training.ChanceWarning")
def test_embedding_every_picture_once_changes_no_answer(images):
    embed, theta = few_shot.network(0, channels=8)
    asked = dict(episodes=4, way=5, shot=1, queries=3, seed=7)
    slowly = evaluate(partial(protonet.predict, embed, theta), episodes_of(images, **asked))
    quickly = few_shot.evaluate_prototypes(few_shot.embedded(embed, theta, images), **asked)
    assert quickly.per_episode.tolist() == slowly.per_episode.tolist()


def test_a_step_meets_the_same_episodes_whenever_it_is_asked(images):
    batch = few_shot.batches(images, seed=3, tasks=2, way=5, shot=1, queries=1)
    first = batch(0)
    assert batch(1).query.x.ne(first.query.x).any() and batch(0).query.x.equal(first.query.x)


def test_a_smaller_choice_of_classes_is_part_of_a_larger_one(images):
    small, large = (few_shot.some_classes(images, n, seed=1) for n in (3, 8))
    assert large[:3].equal(small)


def test_a_curve_keeps_the_mean_of_the_loss():
    history = History(torch.arange(10.0), [(5, 0.3), (10, 0.4)], 10, 1.0, "done")
    kept = few_shot.curve(history, points=2)
    assert kept["loss"] == [2.0, 7.0] and kept["validation"] == [[5, 0.3], [10, 0.4]]


def shade_of_class(classes, drawings=4):
    """Pictures that tell their class: class c is a square of shade c."""
    shades = torch.arange(classes, dtype=torch.uint8)
    return shades[:, None, None, None, None].expand(classes, drawings, 1, 2, 2)


def test_fixed_labels_are_fixed_and_shuffled_ones_are_not(rng):
    draw = partial(labeled_episodes, shade_of_class(20), tasks=200, queries=2, rng=rng)
    fixed, shuffled = draw(reshuffle=False), draw(reshuffle=True)
    for half in (*fixed, *shuffled):
        shade = (255 * half.x[..., 0, 0, 0]).round().long()
        assert (shade[:, :, :1] == shade).all() and (half.y[:, :, :1] == half.y).all()
    assert ((255 * fixed.query.x[..., 0, 0, 0]).round().long() % 5 == fixed.query.y).all()
    zero = (255 * shuffled.query.x[..., 0, 0, 0]).round().long() == 0
    assert set(shuffled.query.y[zero].tolist()) == {0, 1, 2, 3, 4}
    assert (shuffled.support.y.squeeze(2).sort(1).values == torch.arange(5)).all()
