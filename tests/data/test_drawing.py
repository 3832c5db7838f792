import math

import pytest
import torch

from metacourse.data import drawing, glyph_fonts, glyph_strokes, glyph_writing, glyphs

HOOK = [[20, 20, 20, 80, 60, 80], [40, 30, 70, 50]]


def ink(away):
    """What the pen leaves at a distance from its line, in pixels of 28."""
    return int(255 / (1 + math.exp(-2 * (0.93 * 1.3 - 2 * away))))


def test_a_level_line_by_pencil():
    picture = drawing.normalized([[10, 30, 90, 30]])[0]
    assert picture[:, 14].tolist()[11:17] == [ink(2.5), ink(1.5), ink(0.5), ink(0.5), ink(1.5), ink(2.5)]
    end = 14 - 0.65 * 28 / 2                                 # 4.9: the line's left end
    assert picture[13, 4] == ink(math.hypot(end - 4.5, 0.5)) and picture[13, 1] == 0


def test_place_and_size_on_the_sheet_do_not_matter():
    small = [[10 + number / 4 for number in stroke] for stroke in HOOK]
    assert torch.equal(drawing.normalized(small), drawing.normalized(HOOK))


def test_neither_the_order_of_strokes_nor_their_direction_matters():
    backwards = [[*stroke[::-1]] for stroke in HOOK[::-1]]
    backwards = [[n for x, y in zip(s[1::2], s[::2]) for n in (x, y)] for s in backwards]
    difference = drawing.normalized(backwards).int() - drawing.normalized(HOOK).int()
    assert difference.abs().max() <= 1


def test_proportions_and_slant_stay():
    flat, tall = ([[0, 0, 80, 0, 80, 20]], [[0, 0, 20, 0, 20, 80]])
    wide = (drawing.normalized(flat) > 64)[0].any(1).sum()
    assert wide < 10 < (drawing.normalized(tall) > 64)[0].any(1).sum()


def test_the_pen_is_that_of_the_glyphs():
    bar = torch.zeros(1, 56, 56, dtype=torch.bool)
    bar[0, 10:46, 28] = True
    numbers = torch.full((1, 1, glyph_writing.NUMBERS), 0.5)
    glyph = glyph_writing.write(glyph_strokes.distance_to_line(bar)[None], numbers, size=28, distortion=0.0)
    ours = drawing.normalized([[50, 10, 50, 90]])
    across = [picture[..., 14, :].sum().item() for picture in (glyph, ours)]
    assert across[1] == pytest.approx(across[0], rel=0.1)    # 7 % thinner on purpose, see below


def described(pictures):
    """Mean longer side and middle of the ink's box, and the median of ink per pixel of the center line."""
    ink = pictures > 64
    lines = ink.any(2), ink.any(1)
    first = [line.float().argmax(1) for line in lines]
    last = [27 - line.flip(1).float().argmax(1) for line in lines]
    longer = 1 + torch.maximum(last[0] - first[0], last[1] - first[1])
    middle = (torch.stack(first) + torch.stack(last)) / 2
    length = glyph_strokes.thin(ink).flatten(1).sum(1)
    weight = pictures.flatten(1).sum(1) / 255 / length
    return longer.float().mean().item(), *middle.mean(1).tolist(), weight.median().item()


def test_extent_place_and_stroke_width_are_those_of_glyphs():
    some = glyphs.load("test", drawings=5, scripts=["Armenian"])
    printed = [glyph_fonts.picture(ord(name[-1]), "DejaVuSans") for name in some.names]
    ours = described(torch.stack([drawing.of_pixels(one) for one in printed])[:, 0])
    theirs = described(some.images.flatten(0, 1)[:, 0])
    assert ours[0] == pytest.approx(theirs[0], abs=1.0)      # 20 pixels
    assert ours[1:3] == pytest.approx(theirs[1:3], abs=0.7)
    assert ours[3] == pytest.approx(theirs[3], rel=0.05)     # 1.4 pixels of ink across the line


def test_a_thick_ring_of_pixels_gives_the_circle_that_a_pen_would_draw():
    y, x = torch.meshgrid(torch.arange(81) - 40, torch.arange(81) - 40, indexing="ij")
    radius = (x**2 + y**2).sqrt()
    ring = 255 * ((radius > 25) & (radius < 33)).to(torch.uint8)
    angle = torch.linspace(0, 2 * math.pi, 60)
    circle = [torch.stack([50 + 30 * angle.cos(), 50 + 30 * angle.sin()], dim=1).flatten().tolist()]
    difference = drawing.of_pixels(ring).int() - drawing.normalized(circle).int()
    assert difference.abs().float().mean() < 6


@pytest.mark.parametrize("wrong, message", [
    ([], "the drawing is empty: draw a line first"), ([[], []], "empty"),
    ([[50, 50]], "one dot, which has no shape: draw a line"), ([[50, 50, 51, 51], [51, 50]], "one dot"),
    ([[1.0, 2.0] * 5000], "5000 points, 4000 are allowed"),
])
def test_an_empty_drawing_one_dot_and_a_scribble_are_refused_in_a_sentence(wrong, message):
    with pytest.raises(ValueError, match=message):
        drawing.normalized(wrong)


@pytest.mark.parametrize("wrong, message", [
    ([[1, 2, 3]], "stroke 1 has 3 numbers, so a y is missing"), ([[1, 2], [3, "4"]], "stroke 2 is"),
    ([[1, float("nan")]], "stroke 1 is"), ("abc", "got 'abc'; a drawing is a list of strokes"), (7, "got 7"),
    ([[(1, 2), (3, 4)]], "a stroke a flat list"), ([[True, False]], "stroke 1 is"),
])
def test_what_is_no_drawing_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        drawing.checked(wrong)


def test_pixels_without_a_line_are_refused():
    blank = torch.zeros(9, 9, dtype=torch.uint8)
    with pytest.raises(ValueError, match="the picture is empty"):
        drawing.of_pixels(blank)
    blank[4, 4] = 255
    with pytest.raises(ValueError, match="one dot"):
        drawing.of_pixels(blank)
