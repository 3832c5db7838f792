import math

import pytest
import torch
import torch.nn.functional as F

from metacourse.experiments import distillation_parts as parts
from metacourse.experiments.distillation_parts import Lesson
from metacourse.methods import supervised


def embed(theta, x):
    return x.flatten(1)


@pytest.fixture
def images(rng):
    return torch.randint(0, 256, (3, 2, 1, 8, 8), generator=rng, dtype=torch.uint8)


@pytest.fixture
def teacher(rng):
    return supervised.with_head({"w": torch.zeros(1)}, classes=3, dim=64, rng=rng)


def lesson():
    """Picture i shows class i // 2; the teacher says 10 i."""
    number = torch.arange(6)
    return Lesson(number.byte().view(6, 1, 1, 1), number // 2, 10.0 * number[:, None], 1.0 * number[:, None])


def test_what_belongs_together_stays_together(rng):
    some = lesson().some(4, rng)
    number = (255 * some.x.flatten()).round().long()
    assert len(set(number.tolist())) == 4
    assert some.y.equal(number // 2)
    assert some.logits.flatten().equal(10.0 * number) and some.z.flatten().equal(1.0 * number)


def test_no_picture_of_a_class_is_left():
    left = lesson().without(torch.tensor([1]))
    assert left.y.tolist() == [0, 0, 2, 2] and left.logits.flatten().tolist() == [0.0, 10.0, 40.0, 50.0]


def test_the_teacher_says_of_every_view_what_it_says(images, teacher, rng):
    pool = parts.lessons(embed, teacher, images, shown=2, strength=0.5, rng=rng)
    assert pool.x.shape == (12, 1, 8, 8) and pool.y.tolist() == [0, 0, 1, 1, 2, 2] * 2
    torch.testing.assert_close(pool.logits, supervised.scores(embed, teacher, pool.x.float() / 255))
    assert not pool.x[:6].equal(pool.x[6:])
    same = parts.lessons(embed, teacher, images, shown=1, strength=0.0, rng=rng)
    assert (same.x.int() - images.flatten(0, 1).int()).abs().max() <= 1


@pytest.fixture
def student():
    return parts.student(8, classes=3, dim=5, seed=0)


@pytest.fixture
def told(rng, student):
    x = torch.rand(4, 1, 28, 28, generator=rng)
    return Lesson(x, torch.tensor([0, 1, 2, 0]), student.apply(student.theta, x) + 3.0,
                  torch.randn(4, 5, generator=rng))


def test_a_student_that_agrees_with_its_teacher_learns_nothing_from_the_answers(student, told):
    value = parts.loss("distilled", student, student.theta, told, temperature=2.0, soft=1.0)
    assert abs(value.item()) < 1e-5


def test_labels_are_part_of_every_way_to_learn(student, told):
    labels = parts.loss("labels", student, student.theta, told)
    torch.testing.assert_close(labels, F.cross_entropy(student.apply(student.theta, told.x), told.y))
    for how, settings in (("distilled", {"temperature": 2.0, "soft": 0.0}), ("features", {"weight": 0.0})):
        torch.testing.assert_close(parts.loss(how, student, student.theta, told, **settings), labels)


def test_half_the_mean_square_is_added_for_features(student, told):
    z = student.project(student.theta, student.embed(student.theta, told.x))
    apart = parts.loss("features", student, student.theta, told, weight=4.0) - parts.loss(
        "labels", student, student.theta, told)
    torch.testing.assert_close(apart, 2 * (z - told.z).square().mean())


def test_one_of_four_recognized_by_hand():
    right = parts.answers(lambda theta, x: x.flatten(1), {}, torch.tensor(
        [[[[[9, 0]]], [[[0, 9]]]], [[[[9, 0]]], [[[9, 0]]]]], dtype=torch.uint8))
    assert right.tolist() == [[True, False], [False, False]]
    found = parts.score(right)
    assert found == {"accuracy": 0.25, "interval": round(1.96 * math.sqrt(0.25 * 0.75 / 4), 5), "pictures": 4}


def test_a_network_is_counted():
    """9 · 8 + 8 + 3 · (9 · 64 + 8) for convolutions, 4 · 16 for norms, 32 · 5 + 5 for the head."""
    counted = parts.cost(8, classes=5, pictures=2)
    assert counted["parameters"] == 80 + 3 * 584 + 64 + 165 and counted["kilobytes"] == 8.2
    assert counted["milliseconds"] > 0


def test_an_unknown_way_to_learn_is_named(student, told):
    with pytest.raises(ValueError, match="how='soft'; wanted 'labels', 'distilled' or 'features'"):
        parts.loss("soft", student, student.theta, told)
