import pytest
import torch

from metacourse.data import attributes


def described(letters: str) -> dict[str, dict[str, float]]:
    rows = attributes.describe([f"any/{letter}" for letter in letters]).tolist()
    return {letter: dict(zip(attributes.NAMES, row)) for letter, row in zip(letters, rows)}


def picture(*rows: str) -> torch.Tensor:
    return torch.tensor([[character == "#" for character in row] for row in rows])[None]


@pytest.mark.parametrize("letter, pieces, loops, ends", [
    ("O", 1, 1, 0), ("B", 1, 2, 0), ("i", 2, 0, 2), ("x", 1, 0, 4), ("T", 1, 0, 3), ("L", 1, 0, 2)])
def test_counts_are_those_that_a_person_sees(letter, pieces, loops, ends):
    seen = described(letter)[letter]
    assert (seen["pieces"], seen["loops"], seen["ends"]) == (pieces, loops, ends)


def test_symmetry_is_1_for_what_equals_its_mirror_image():
    seen = described("TEL")
    assert seen["T"]["mirror left-right"] > 0.9 > seen["L"]["mirror left-right"]
    assert seen["E"]["mirror top-bottom"] > 0.9 > seen["T"]["mirror top-bottom"]


def test_strokes_have_directions():
    seen = described("/\\")
    assert seen["/"]["rising"] > seen["/"]["falling"] and seen["\\"]["falling"] > seen["\\"]["rising"]


def test_ink_is_where_the_letter_is():
    zones = described("L")["L"]
    assert zones["ink bottom left"] > zones["ink top right"]
    assert sum(zones[name] for name in attributes.ZONES) == pytest.approx(1)


def test_a_corner_connects_ink_but_not_paper():
    diagonal = picture("#.", ".#")
    assert attributes.components(diagonal).item() == 1
    assert attributes.components(diagonal, diagonal=False).item() == 2


def test_a_spiral_is_one_piece():
    spiral = picture("#######", "......#", "#####.#", "#...#.#", "#.###.#", "#.....#", "#######")
    assert attributes.components(spiral).item() == 1 and attributes.components(~spiral).item() == 1


def test_training_classes_have_mean_0_and_variance_1():
    raw = attributes.describe([f"any/{letter}" for letter in "ABCDEFGH"])
    scaled = attributes.standardized(raw, attributes.scale_of(raw))[:, attributes.columns("zones")]
    torch.testing.assert_close(scaled.mean(0), torch.zeros(9), atol=1e-5, rtol=0)


def test_a_task_shows_descriptions_and_asks_for_pictures(rng):
    drawings = torch.arange(6, dtype=torch.uint8).view(6, 1, 1, 1, 1).expand(6, 4, 1, 2, 2) * 51
    numbered = torch.arange(6.0)[:, None]
    support, query = attributes.sample_episodes(drawings, numbered, tasks=3, way=5, queries=2, rng=rng)
    assert support.x.shape == (3, 5, 1, 1) and query.x.shape == (3, 5, 2, 1, 2, 2)
    torch.testing.assert_close(query.x[..., 0, 0, 0] * 5, support.x[..., 0].expand(3, 5, 2))
