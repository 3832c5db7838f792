import unicodedata

import pytest
import torch

from metacourse.data import glyph_strokes, glyph_writing, glyphs, sampling, splits

SMALL = dict(drawings=3, scripts=["Ogham"])


def test_each_split_has_its_scripts_and_they_are_disjoint():
    groups = {split: {glyphs.script_of(name) for name in glyphs.characters(split)} for split in splits.PARTS}
    assert groups["test"] == {"Armenian", "Georgian", "Hebrew", "N'Ko", "Old Italic", "Tifinagh"}
    assert groups["val"] == {"Arabic", "Lao", "Ogham"}
    splits.check_disjoint(**groups)
    assert [len(glyphs.characters(split)) for split in splits.PARTS] == [1658, 164, 284]


def test_no_training_character_has_the_unicode_name_of_a_held_out_script():
    held_out = ("ARMENIAN", "GEORGIAN", "HEBREW", "NKO", "OLD ITALIC", "TIFINAGH", "ARABIC", "LAO", "OGHAM")
    for name in glyphs.characters("train", lookalikes=True):
        assert not unicodedata.name(name[-1]).startswith(held_out)


def test_look_alikes_join_training_only_when_asked_for():
    plain, more = glyphs.characters("train"), glyphs.characters("train", lookalikes=True)
    assert "Latin/b" not in plain and "Latin/b" in more and len(more) == len(plain) + 23
    assert glyphs.characters("test", lookalikes=True) == glyphs.characters("test")


def test_the_same_seed_draws_the_same_pictures_whatever_the_threads(own_cache):
    threads, drawn = torch.get_num_threads(), []
    for count in (1, 2):
        torch.set_num_threads(count)
        drawn.append(glyphs.load("val", **SMALL).images)
        [file.unlink() for file in own_cache.iterdir()]
    torch.set_num_threads(threads)
    assert torch.equal(*drawn)
    assert not torch.equal(drawn[0], glyphs.load("val", seed=1, **SMALL).images)


def test_a_character_looks_the_same_in_whatever_company():
    alone = glyphs.load("val", **SMALL)
    among = glyphs.load("val", drawings=3, scripts=["Lao", "Ogham"]).of_group("Ogham")
    assert alone.names == among.names and torch.equal(alone.images, among.images)


def test_more_drawings_begin_with_the_fewer():
    assert torch.equal(glyphs.load("val", drawings=5, scripts=["Ogham"]).images[:, :3],
                       glyphs.load("val", **SMALL).images)


def test_the_second_time_comes_from_the_cache_and_a_damaged_cache_is_drawn_again(own_cache, monkeypatch):
    first = glyphs.load("val", **SMALL).images
    file, = own_cache.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    assert torch.equal(glyphs.load("val", **SMALL).images, first)
    monkeypatch.setattr(glyphs, "_draw", lambda *_, **__: pytest.fail("drew again"))
    assert torch.equal(glyphs.load("val", **SMALL).images, first)


def test_every_drawing_has_ink_and_paper():
    images = glyphs.load("test", drawings=2).images.flatten(2)
    assert images.amax(-1).min() > 100 and images.float().mean(-1).max() < 100


def test_without_distortion_drawings_differ_only_by_font_face():
    images = glyphs.load("val", drawings=40, distortion=0.0, scripts=["Lao"], size=20).images.flatten(2)
    assert all(len(of_class.unique(dim=0)) <= 5 for of_class in images)


def test_comparing_pixels_is_about_as_hard_as_on_omniglot():
    images = glyphs.load("test").images
    right = []
    for episodes in sampling.test_episodes(images, episodes=150, queries=10, batch=150):
        support, query = (part.x.flatten(3).flatten(1, 2) for part in episodes)
        similarity = torch.nn.functional.normalize(query, dim=-1) @ \
            torch.nn.functional.normalize(support, dim=-1).mT
        right.append((similarity.argmax(-1) == episodes.query.y.flatten(1)).float().mean())
    assert 0.44 < torch.stack(right).mean() < 0.52               # Omniglot's evaluation set: 0.475


@pytest.mark.parametrize("wrong, message", [
    (dict(split="dev"), "no split 'dev'"), (dict(scripts=["Runic"]), "no script 'Runic'; there are Arrows"),
    (dict(drawings=0), "drawings=0"), (dict(distortion=3.0), "distortion=3.0")])
def test_what_cannot_be_drawn_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        glyphs.load(**wrong)


def test_thinning_a_bar_leaves_a_line_and_a_line_stays():
    bar = torch.zeros(1, 15, 25, dtype=torch.bool)[:, :, :15].clone()
    bar[0, 5:10, 2:13] = True
    line = glyph_strokes.thin(bar)
    assert line.sum(1).max() == 1 and line[0, 7].sum() == line.sum() > 5          # one row, the middle one
    assert torch.equal(glyph_strokes.thin(line), line)


def test_thinning_keeps_a_ring_a_ring():
    y, x = torch.meshgrid(torch.arange(21) - 10, torch.arange(21) - 10, indexing="ij")
    radius = (x**2 + y**2).sqrt()
    line = glyph_strokes.thin(((radius > 4) & (radius < 9))[None])[0]
    assert line[10, 10:].sum() == line[10, :11].sum() == line[10:, 10].sum() == line[:11, 10].sum() == 1


def test_nine_pictures_are_thinned_as_each_alone():
    some = torch.rand(9, 12, 12, generator=torch.Generator().manual_seed(0)) > 0.3
    assert torch.equal(glyph_strokes.thin(some), torch.cat([glyph_strokes.thin(one[None]) for one in some]))


def test_distances_are_euclidean_and_cut_off():
    line = torch.zeros(1, 21, 21, dtype=torch.bool)
    line[0, 10, 10] = True
    y, x = torch.meshgrid(torch.arange(21) - 10, torch.arange(21) - 10, indexing="ij")
    assert torch.equal(glyph_strokes.squared_distance(line)[0].int(), (x**2 + y**2).clamp(max=36).int())


def test_an_undistorted_picture_is_only_resized():
    numbers = torch.rand(2, glyph_writing.NUMBERS)
    picture = torch.rand(2, 1, 8, 8)
    assert torch.allclose(glyph_writing.warp(picture, numbers, size=8, distortion=0.0), picture, atol=1e-5)


@pytest.mark.slow
def test_the_list_of_characters_is_what_the_fonts_give():
    from metacourse.data import glyph_inventory
    parts = splits.load("glyphs", parts=("train", "lookalikes", "val", "test"))
    for part, scripts in glyph_inventory.inventory().items():
        found = [f"{script}/{letter}" for script, letters in scripts.items() for letter in letters]
        assert found == parts[part]
