"""Two domains on a plane: scaled together, shown by class and by domain, and described in words."""
import io

import pytest
import torch
from PIL import Image

from metacourse import figures
from metacourse.figures.two_domains import HUES, SOURCE, TARGET, filled

Y = torch.tensor([0, 0, 1, 1])
MOMENT = figures.Moment(10, torch.tensor([[0.0, 0], [0, 0], [4, 2], [4, 2]]),
                        torch.tensor([[8.0, 0], [8, 0], [0, 2], [0, 2]]), 0.98, 0.33, 0.99)


def has(picture, hue, within=12):
    """Whether that color is in the picture."""
    pixels = torch.frombuffer(bytearray(Image.open(io.BytesIO(picture.png)).convert("RGB").tobytes()),
                              dtype=torch.uint8).view(-1, 3).int()
    wanted = torch.tensor([int(hue[i:i + 2], 16) for i in (1, 3, 5)])
    return bool(((pixels - wanted).abs() <= within).all(dim=1).any())


def test_both_clouds_are_scaled_together_and_keep_their_shape():
    source, target = filled(MOMENT)
    assert source.tolist() == [[-1, -0.25]] * 2 + [[0, 0.25]] * 2
    assert target.tolist() == [[1, -0.25]] * 2 + [[-1, 0.25]] * 2


def test_clouds_that_are_one_point_are_drawn_as_one():
    source, target = filled(MOMENT._replace(z_source=torch.ones(4, 2), z_target=torch.ones(4, 2)))
    assert source.abs().max() == 0 and target.abs().max() == 0


def test_one_moment_is_shown_by_class_and_by_domain():
    picture = figures.two_domains(MOMENT, Y, Y, title="Do they meet?")
    assert picture.alt == ("Do they meet? Features of 4 source and 4 target images on a plane. source 98% "
                           "right, target 33% right; domain recognized from the features: 99% (chance 50%).")
    assert SOURCE == HUES[0] and TARGET == HUES[1]           # so the third class is asked for
    third = figures.two_domains(MOMENT, Y + 1, Y + 1, title="Do they meet?")
    assert all(has(third, hue) for hue in (SOURCE, TARGET, HUES[2]))


def test_several_moments_stand_side_by_side_with_their_names():
    picture = figures.two_domains({"early": MOMENT, "late": MOMENT._replace(target_accuracy=0.9)}, Y, Y,
                                  title="When?", names=["a", "b"])
    for told in ("early: source 98% right, target 33%", "late: source 98% right, target 90%"):
        assert told in picture.alt
    one = figures.two_domains({"early": MOMENT}, Y, Y, title="When?")
    assert picture.width > 1.8 * one.width


@pytest.mark.parametrize("classes", [1, 12])
def test_any_number_of_classes_finds_a_color(classes):
    y = torch.arange(classes)
    z = torch.randn(2, classes, 2, generator=torch.Generator().manual_seed(0))
    assert figures.two_domains(figures.Moment(0, *z, 0.5, 0.5, 0.5), y, y, title="Which?").png
