import pytest
import torch

from metacourse.data.imageset import ImageSet

IMAGES = torch.arange(3 * 2 * 1 * 2 * 2, dtype=torch.uint8).view(3, 2, 1, 2, 2)
LETTERS = ImageSet(IMAGES, ("Greek/α", "Latin/a", "Greek/β"), ("Greek", "Latin", "Greek"))


def test_classes_are_chosen_by_number_or_by_name():
    by_number, by_name = LETTERS.subset([2, 0]), LETTERS.subset(["Greek/β", "Greek/α"])
    assert torch.equal(by_number.images, IMAGES[[2, 0]]) and torch.equal(by_name.images, IMAGES[[2, 0]])
    assert by_number[1:] == by_name[1:] == (("Greek/β", "Greek/α"), ("Greek", "Greek"))


def test_a_group_is_its_classes_and_has_a_number():
    assert LETTERS.of_group("Greek").names == ("Greek/α", "Greek/β")
    assert LETTERS.group_ids().tolist() == [0, 1, 0]


def test_rotations_are_new_classes_and_four_quarter_turns_are_none():
    turned = LETTERS.with_rotations()
    assert turned.images.shape[0] == len(turned.names) == len(turned.groups) == 12
    assert turned.names[3:5] == ("Greek/α rotated 90", "Latin/a rotated 90")
    assert torch.equal(turned.images[9:].rot90(1, (-2, -1)), IMAGES)


def test_it_says_in_a_line_what_it_holds():
    assert repr(LETTERS) == "ImageSet(3 classes in 2 groups, 2 drawings each, 1×2×2 uint8)"


def test_unknown_names_are_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"'Latin/z' .* the first names here are Greek/α"):
        LETTERS.subset(["Latin/z"])
    with pytest.raises(ValueError, match="'Runic'; the groups are Greek, Latin"):
        LETTERS.of_group("Runic")
