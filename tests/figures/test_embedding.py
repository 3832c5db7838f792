"""The flat views of embeddings: their share of the variance, their turns, and neighbors in all dimensions."""
import math

import pytest
import torch

from metacourse import figures
from metacourse.figures.embedding import accuracy, aligned, flat, neighbors, own_neighbors

SQUARE = torch.tensor([[[3.0, 0, 0], [-3.0, 0, 0]], [[0, 2.0, 0], [0, -2.0, 0]]])       # [2, 2, 3]
PAIRS = torch.tensor([[[0.0], [1.0]], [[10.0], [12.0]]])                                 # [2, 2, 1]


def turned(angle):
    return torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def some(rng, classes=3, drawings=4, dim=6):
    return torch.randn(classes, drawings, dim, generator=rng)


def test_what_is_flat_keeps_its_distances_and_all_of_its_variance():
    xy, visible = flat(SQUARE)
    assert visible == pytest.approx(1)
    apart, drawn = (torch.cdist(x.flatten(0, 1), x.flatten(0, 1)) for x in (SQUARE.double(), xy))
    assert torch.allclose(apart, drawn)


def test_the_share_of_the_variance_is_that_of_the_two_largest():
    z = torch.tensor([[[2.0, 0, 0], [-2.0, 0, 0]], [[0, 2.0, 0], [0, -2.0, 0]], [[0, 0, 1.0], [0, 0, -1.0]]])
    assert flat(z)[1] == pytest.approx(16 / 18)              # 8 + 8 of 8 + 8 + 2


def test_the_plane_agrees_with_the_singular_values(rng):
    z = some(rng).double()
    x = z.flatten(0, 1) - z.flatten(0, 1).mean(dim=0)
    squares = torch.linalg.svdvals(x) ** 2
    assert flat(z)[1] == pytest.approx((squares[:2].sum() / squares.sum()).item())


def test_checkpoints_that_differ_by_a_turn_and_a_size_lie_on_each_other(rng):
    z = some(rng, dim=2)
    (first, _), (last, _) = aligned([5 * z @ turned(2.0), z])
    # scaled by their own largest coordinate after the turn is undone: the same places
    assert torch.allclose(first, last, atol=1e-5) and last.abs().max() == pytest.approx(1)


def test_an_embedding_that_is_one_point_is_drawn_as_one(rng):
    (xy, visible), _ = aligned([torch.ones(3, 4, 6), some(rng)])
    assert visible == pytest.approx(0, abs=1e-9) and xy.isfinite().all()


def test_neighbors_are_counted_in_all_dimensions():
    assert neighbors(PAIRS, 2).tolist() == [[1, 2], [0, 2], [3, 1], [2, 1]]
    assert own_neighbors(PAIRS, 1).tolist() == [[1, 1], [1, 1]]
    assert neighbors(PAIRS).shape == (4, 3)                  # there are no more


def test_accuracy_is_the_share_of_queries_next_to_their_own_prototype():
    assert accuracy(PAIRS, 1) == 1
    assert accuracy(torch.tensor([[[0.0], [9.0]], [[10.0], [12.0]]]), 1) == 0.5


def test_checkpoints_stand_side_by_side_with_a_picked_drawing_and_its_nearest(rng):
    images = torch.randint(0, 256, (3, 4, 1, 8, 8), dtype=torch.uint8, generator=rng)
    z = some(rng)
    picture = figures.embedding({"before": z, "after": 2 * z}, images, picked=[1, 2], title="What is near?")
    said = f"{flat(z)[1]:.0%} of the variance on the plane, {accuracy(z, 1):.0%} right"
    assert f"before: {said}; after: {said}." in picture.alt
    assert figures.embedding(z, title="What is near?").alt.startswith("What is near? A plane with 4 drawings")
