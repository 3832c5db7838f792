import json

import pytest
import torch

from metacourse.data import alphabet, drawing, recorded_drawings

LINE, HOOK, CROSS = [[10, 10, 90, 20]], [[20, 20, 20, 80, 60, 80]], [[10, 10, 90, 90], [90, 10, 10, 90]]
SMALL = {"line": [LINE, LINE], "hook": [HOOK], "cross": [CROSS, CROSS, CROSS]}


def test_a_saved_alphabet_is_loaded_as_it_was(tmp_path):
    assert alphabet.load(alphabet.save(tmp_path / "mine.json", SMALL)) == SMALL


def test_one_drawing_of_each_is_shown_and_all_the_others_are_asked():
    support, query = alphabet.episode(SMALL, support=1)
    assert support.x.shape == (3, 1, 1, 28, 28) and support.mask is None
    assert query.mask.tolist() == [[True, False], [False, False], [True, True]]
    assert torch.equal(query.x[2, 1], drawing.normalized(CROSS) / 255)
    assert query.y.tolist() == [[0, 0], [1, 1], [2, 2]]


def test_the_shown_drawing_is_never_asked():
    drawn = recorded_drawings.strokes()
    support, query = alphabet.episode({name: drawn[name] for name in ("gom", "dok")}, support=4)
    assert query.x.shape == (2, 5, 1, 28, 28) and not (query.x == support.x).flatten(2).all(-1).any()


def test_images_are_as_many_as_every_character_has():
    images = alphabet.images(SMALL)
    assert images.images.shape == (3, 1, 1, 28, 28) and images.names == ("line", "hook", "cross")


@pytest.mark.parametrize("text, message", [
    ("{", "holds no alphabet"), ("[]", "holds no alphabet"), ('{"format": 1}', "holds no alphabet"),
    ('{"format": 2, "characters": []}', "has format 2, this metacourse reads format 1"),
    ('{"format": 1, "characters": [{"name": "a", "drawings": [[[1]]]}]}', "character 'a': stroke 1 has 1"),
    ('{"format": 1, "characters": [{"name": "a", "drawings": 3}]}', "character 'a'"),
    (json.dumps({"format": 1, "characters": [{"name": "a", "drawings": []}] * 2}), "two characters"),
])
def test_a_file_that_is_no_alphabet_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        alphabet.parse(text)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="when you press Save"):
        alphabet.load(tmp_path / "none.json")


@pytest.mark.parametrize("wrong, message", [
    ({}, "the alphabet is empty"), ({"a": []}, "character 'a' has no drawing"),
    ({"a": [LINE], "b": [[[5, 5]]]}, "character 'b': the drawing is one dot"),
    ({"a": [LINE], "b": [HOOK]}, "none is left to ask"),
])
def test_what_gives_no_episode_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        alphabet.episode(wrong)


def test_there_are_ten_recorded_characters_of_six_different_drawings():
    drawn = recorded_drawings.load()
    assert drawn.images.shape == (10, 6, 1, 28, 28) and drawn.images.dtype == torch.uint8
    assert len(drawn.images.flatten(0, 1).flatten(1).unique(dim=0)) == 60
    assert torch.equal(recorded_drawings.load().images, drawn.images)            # whatever else was drawn


def test_the_pen_passes_near_the_points_that_were_written_down():
    written = recorded_drawings._written_down()["gom"][0]
    points = torch.tensor(written[0]).view(-1, 2).float()
    curve = recorded_drawings._smooth(points)
    assert torch.cdist(points, curve).amin(1).max() < 1e-4
    assert torch.cdist(curve, points).amin(1).max() < 20                         # and goes nowhere else


def test_all_recorded_strokes_stay_on_the_sheet():
    for drawings in recorded_drawings.strokes().values():
        assert all(0 <= number <= 100 for one in drawings for stroke in one for number in stroke)
