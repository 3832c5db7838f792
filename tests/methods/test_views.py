import math

import pytest
import torch

from metacourse.methods import views

BOTH = pytest.mark.parametrize("view", [views.glyphs, views.photographs])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def colors(rng):
    return torch.rand(40, 3, 8, 8, generator=rng)


def brighter_right(x):
    """By how much the right half is brighter than the left."""
    return (x[..., x.shape[-1] // 2:].mean((1, 2, 3)) - x[..., :x.shape[-1] // 2].mean((1, 2, 3)))


@pytest.fixture
def ramp():
    """Sixty pictures that get brighter to the right."""
    return torch.linspace(0, 1, 8).expand(60, 1, 8, 8)


def test_without_strength_a_drawing_stays_as_it_is(colors):
    torch.testing.assert_close(views.glyphs(colors, rng=generator(), strength=0.0), colors, atol=1e-5, rtol=0)


def test_without_strength_colors_change_to_gray_at_most(colors):
    seen = views.colored(colors, rng=generator(), strength=0.0)
    gray = views._gray(colors).expand_as(colors)
    is_kept, is_gray = ((seen - x).abs().amax((1, 2, 3)) < 1e-5 for x in (colors, gray))
    assert (is_kept ^ is_gray).all() and 1 <= is_gray.sum() <= 20


@BOTH
def test_a_view_is_drawn_by_its_generator_and_two_in_a_row_differ(view, colors):
    rng = generator()
    first, second = view(colors, rng=rng), view(colors, rng=rng)
    assert first.equal(view(colors, rng=generator()))
    assert ((first - second).abs().amax((1, 2, 3)) > 0.01).all()


@BOTH
def test_every_picture_of_a_batch_gets_a_view_of_its_own(view, colors):
    same = colors[:1].expand(5, -1, -1, -1)
    seen = view(same, rng=generator())
    assert all((seen[i] - seen[j]).abs().max() > 0.01 for i in range(5) for j in range(i))


@BOTH
def test_shape_precision_and_range_stay(view, colors):
    seen = view(colors.double(), rng=generator())
    assert seen.shape == colors.shape and seen.dtype == torch.float64
    assert seen.min() >= 0 and seen.max() <= 1


def test_a_drawing_is_never_mirrored_unless_that_is_asked(ramp):
    assert (brighter_right(views.glyphs(ramp, rng=generator())) > 0).all()
    mirrored = brighter_right(views.glyphs(ramp, rng=generator(), flip=True)) < 0
    assert 15 < mirrored.sum() < 45


def test_half_of_the_photographs_are_mirrored_unless_that_is_refused(ramp):
    assert 15 < (brighter_right(views.cropped(ramp, rng=generator())) < 0).sum() < 45
    assert (brighter_right(views.cropped(ramp, rng=generator(), flip=False)) > 0).all()


def test_a_crop_shows_at_least_8_percent_and_never_more_than_all(ramp):
    """Of a ramp from 0 to 1, a part of side s shows a range of s."""
    seen = views.cropped(ramp, rng=generator(), flip=False)[:, 0, 0]
    side = (seen[:, -1] - seen[:, 0])
    assert side.min() > 0.8 * math.sqrt(0.08) and side.max() <= 1
    assert side.std() > 0.1


def test_a_turn_by_a_third_gives_red_to_green_and_gray_stays(colors):
    third = torch.full((40, 1, 1, 1), 2 * math.pi / 3)
    torch.testing.assert_close(views._rotated(colors, third), colors.roll(1, dims=1), atol=1e-5, rtol=0)
    gray = views._gray(colors).expand_as(colors)
    torch.testing.assert_close(views._rotated(gray, third), gray)


def test_a_gray_picture_of_one_channel_stays_one(ramp):
    assert views.photographs(ramp, rng=generator()).shape == ramp.shape


@BOTH
@pytest.mark.parametrize("strength", [-0.1, 1.1])
def test_a_strength_beyond_its_range_is_refused(view, colors, strength):
    with pytest.raises(ValueError, match="wanted a number from 0"):
        view(colors, rng=generator(), strength=strength)
