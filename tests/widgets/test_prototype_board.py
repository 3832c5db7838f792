"""The prototype board: it starts where the distances disagree, and answers as protonet.log_probs does."""
import itertools
import json
import math

import pytest
import torch
from traitlets import TraitError

from metacourse.methods import protonet
from metacourse.widgets import PrototypeBoard
from metacourse.widgets.prototype_board import TEMPERATURES


@pytest.fixture
def board():
    return PrototypeBoard()


def by_the_library(board):
    c = protonet.prototypes(torch.tensor(board.points, dtype=torch.float64)[:, :board.shots])
    query = torch.tensor([board.query], dtype=torch.float64)
    metric = dict(distance=board.distance, temperature=board.temperature)
    return protonet.log_probs(query, c, **metric)[0].exp().tolist()


def test_it_starts_where_three_distances_give_three_answers(board):
    answers = {}
    for distance in ("squared", "euclidean", "cosine"):
        board.distance = distance
        answers[distance] = board.probs.index(max(board.probs)), max(board.probs)
    assert answers["squared"][0] == answers["euclidean"][0] != answers["cosine"][0]      # the same border
    assert answers["squared"][1] > 0.9 > 0.6 > answers["euclidean"][1]                   # another probability
    assert board.status.startswith("With 3 shots, cosine and τ = 1 the query is of class "
                                   f"{answers['cosine'][0]} with probability {answers['cosine'][1]:.2f}.")


def test_with_one_shot_the_first_query_belongs_to_another_class(board):
    winner = board.probs.index(max(board.probs))
    board.shots = 1
    assert board.probs.index(max(board.probs)) != winner and "With 1 shot," in board.status


def test_probabilities_by_pencil():
    board = PrototypeBoard([[[0.0, 0.0]], [[3.0, 4.0]]], query=[0.0, 0.0])
    assert board.probs[1] == pytest.approx(1 / (1 + math.exp(25)))
    board.distance = "euclidean"
    assert board.probs[1] == pytest.approx(1 / (1 + math.exp(5)))
    board.temperature = 5.0
    assert board.probs[1] == pytest.approx(1 / (1 + math.exp(1)))


def test_every_control_reaches_its_ends_and_says_what_the_library_says(board):
    reach = board.about["reach"]
    for distance, temperature, shots, x, y in itertools.product(
            board.about["distances"], (TEMPERATURES[0], TEMPERATURES[-1]), (1, 5), (-reach, 0), (0, reach)):
        board.set_state({"distance": distance, "temperature": temperature, "shots": shots, "query": [x, y]})
        assert board.probs == pytest.approx(by_the_library(board)) and sum(board.probs) == pytest.approx(1)
        json.dumps(board.get_state(["points", "query", "probs", "about", "status"]), allow_nan=False)


def test_a_dragged_point_moves_its_prototype_only_while_its_shot_counts(board):
    before, points = board.probs, json.loads(json.dumps(board.points))
    points[1][4] = [-3.0, 3.0]                               # the fifth of class 1
    board.points = points
    assert board.probs == before
    board.shots = 5
    assert board.probs == pytest.approx(by_the_library(board))


@pytest.mark.parametrize("way, shot", [(2, 1), (5, 5)])
def test_points_of_your_own_take_two_to_five_classes(way, shot, rng):
    points = 10 * torch.randn(way, shot, 2, generator=rng)
    board = PrototypeBoard(points)
    assert len(board.probs) == way and board.limits["shots"] == [1, shot] and board.shots == min(3, shot)
    assert points.abs().max() < board.about["reach"]


@pytest.mark.parametrize("points", [
    [[[0.0, 0.0]]], [[[0.0, 0.0]]] * 6, [[[0.0, 0.0]] * 6] * 2, [[[0.0, 0.0, 1.0]]] * 2, [[], []],
    [[[0.0, 0.0]], [[1.0, 1.0], [2.0, 2.0]]], [[[0.0, math.nan]]] * 2,
])
def test_points_that_make_no_board_are_refused(points):
    with pytest.raises(ValueError, match="2 to 5 classes and 1 to 5 shots"):
        PrototypeBoard(points)


@pytest.mark.parametrize("control, value, message", [
    ("temperature", 0.0, "temperature=0.0: choose 0.05 to 20"), ("shots", 6, "shots=6: choose 1 to 5"),
    ("distance", "manhattan", "choose squared, euclidean, cosine"),
    ("query", [9.0, 0.0], r"query at \[9.0, 0.0\]: choose two numbers from -4 to 4"),
    ("query", [0.0], "two numbers"),
    ("points", [[[0.0, 0.0]]] * 3, "points \\[3, 1, 2\\]: wanted \\[3, 5, 2\\], as before"),
])
def test_what_cannot_be_shown_is_refused(board, control, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(board, control, value)


def test_the_still_picture_shows_the_present_state(board):
    board.set_state({"distance": "euclidean", "temperature": 2.0, "shots": 2, "query": [1.0, 1.0]})
    picture = board.still()
    assert picture.title == "Whose is each place by plain Euclidean distance, τ = 2?"
    assert "2 support points for each of 3 classes" in picture.alt
    assert f"The query at (1.00, 1.00): class 0 {board.probs[0]:.2f}" in picture.alt
