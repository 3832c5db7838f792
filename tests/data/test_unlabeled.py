import pytest
import torch

from metacourse.data import unlabeled

# picture d of class k is the number 100 k + d, so that every picture says where it comes from
NUMBERS = (100 * torch.arange(8)[:, None] + torch.arange(12)).view(8, 12, 1)
SHAPE = dict(tasks=20, way=3, shot=2, unlabeled=4, queries=3)


def drawn(**changed):
    return unlabeled.sample_episodes(NUMBERS, **{**SHAPE, **changed}, rng=torch.Generator().manual_seed(0))


def test_no_picture_is_labeled_and_unlabeled_or_asked_about():
    support, query = drawn(distractors=3)
    for one in range(20):
        everything = torch.cat([support.x[one].flatten(), query.x[one].flatten()])
        assert len(everything.unique()) == len(everything) == 3 * 2 + 6 * 4 + 3 * 3


def test_labeled_pictures_stand_in_their_class_and_the_mask_marks_them():
    support, query = drawn()
    labeled = support.x[:, :, :2, 0] // 100
    assert labeled.equal(query.x[:, :, :2, 0] // 100)                        # of one class with the queries
    assert support.mask.equal(support.y >= 0) and support.mask.sum((1, 2)).eq(6).all()
    assert support.y[:, :, :2].equal(query.y[:, :, :2])


def test_every_class_gives_as_many_unlabeled_pictures_and_distractors_are_new_classes():
    support, query = drawn(distractors=3)
    classes = support.x[0, :, 2:, 0].flatten() // 100
    counts = classes.unique(return_counts=True)[1]
    assert counts.tolist() == [4] * 6
    asked = set((query.x[0] // 100).flatten().tolist())
    assert asked < set(classes.tolist()) and len(asked) == 3


def test_the_row_of_an_unlabeled_picture_says_nothing():
    support, _ = drawn(tasks=300)
    row_class = support.x[:, :, :1, 0] // 100
    hits = (support.x[:, :, 2:, 0] // 100 == row_class).double().mean().item()
    assert hits == pytest.approx(1 / 3, abs=0.04)


def test_rows_must_be_filled():
    with pytest.raises(ValueError, match=r"3 \+ 1 classes with 4 unlabeled pictures make 16"):
        drawn(distractors=1)
