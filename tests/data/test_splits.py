import pytest
import torch

from metacourse.data import splits
from metacourse.data.imageset import ImageSet

SIZES = {"cifar_fs": (64, 16, 20), "cub200": (100, 50, 50), "fc100": (60, 20, 20), "glyphs": (1658, 164, 284),
         "mini_imagenet": (64, 16, 20), "omniglot_vinyals": (1028, 172, 423), "quickdraw": (207, 69, 69),
         "tiered_imagenet": (351, 97, 160)}


@pytest.mark.parametrize("name", splits.NAMES)
def test_a_published_split_has_its_published_sizes_and_shares_no_class(name):
    parts = splits.load(name)
    assert tuple(len(set(classes)) for classes in parts.values()) == SIZES[name]
    splits.check_disjoint(**parts)
    assert len(splits.part(name, "all")) == sum(SIZES[name])


def test_cifar_fs_and_fc100_split_the_same_hundred_classes():
    assert sorted(splits.part("cifar_fs", "all")) == sorted(splits.part("fc100", "all"))


def test_a_shared_class_is_found_and_named():
    with pytest.raises(ValueError, match=r"train and test share 1 classes \(b\)"):
        splits.check_disjoint(train=["a", "b"], val=["c"], test=["b", "d"])


def test_a_turned_training_class_is_no_new_class():
    train = ImageSet(torch.zeros(1, 1, 1, 2, 2), ("a",), ("a",))
    with pytest.raises(ValueError, match="share"):
        splits.check_disjoint(train=train.with_rotations(), test=["a rotated 90"])


def test_unknown_splits_are_refused_with_those_there_are():
    with pytest.raises(ValueError, match="no split list is called 'mnist'; there are cifar_fs"):
        splits.load("mnist")
    with pytest.raises(ValueError, match="no split 'dev'; there are train, val, test and all"):
        splits.part("quickdraw", "dev")
