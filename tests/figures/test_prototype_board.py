"""The prototype board's picture: shades as the probabilities say, and a plane with room for everything."""
import pytest
import torch

from metacourse import figures
from metacourse.figures.prototype_board import LEVELS, SHADES, probabilities, reach_of, shade

POINTS = [[[-1.0, 0.0], [-1.0, 2.0]], [[1.0, 0.0], [3.0, 0.0]]]                 # means (−1, 1) and (2, 0)


def test_the_picture_names_the_means_and_the_query_s_probabilities():
    picture = figures.prototype_board(POINTS, distance="cosine", query=[2.0, 0.0], title="Whose is it?")
    assert "c0 at (-1.00, 1.00); c1 at (2.00, 0.00)" in picture.alt and "under cosine with" in picture.alt
    p = probabilities(torch.tensor([[-1.0, 1.0], [2.0, 0.0]]), torch.tensor([[2.0, 0.0]]), "cosine", 1.0)[0]
    assert f"The query at (2.00, 0.00): class 0 {p[0]:.2f}, class 1 {p[1]:.2f}." in picture.alt


def test_at_equal_distance_the_shade_is_that_of_one_half():
    p = probabilities(torch.tensor([[-1.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0, 5.0]]), "squared", 1.0)
    assert shade(p).item() == pytest.approx(SHADES[1])       # from 0.5 on


def test_every_level_begins_its_own_shade():
    winner = torch.tensor([0.4, *LEVELS, 1.0])
    p = torch.stack([winner, 1 - winner], dim=1)[1:]
    assert shade(p).tolist() == pytest.approx([*SHADES[1:], SHADES[-1]])
    assert shade(torch.tensor([[0.4, 0.3, 0.3]])).item() == pytest.approx(SHADES[0])


@pytest.mark.parametrize("farthest, reach", [(3.3, 4), (0.8, 1), (1.0, 1.5), (40.0, 50), (0.0, 1e-6)])
def test_the_plane_has_room_for_its_points(farthest, reach):
    assert reach_of([[farthest, 0.0], [0.0, -farthest / 2]]) == pytest.approx(reach)


def test_an_unknown_distance_is_refused_by_the_method():
    with pytest.raises(ValueError, match="manhattan"):
        figures.prototype_board(POINTS, distance="manhattan", title="Whose is it?")
