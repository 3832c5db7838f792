"""The embedding explorer: neighbors in all dimensions, words for every checkpoint, and nothing recomputed."""
import itertools
import json

import numpy as np
import pytest
import torch
from traitlets import TraitError

from metacourse.figures.embedding import accuracy, neighbors
from metacourse.widgets import EmbeddingExplorer

CLASSES, DRAWINGS, DIM = 6, 8, 12


def trained(rng, apart):
    """Noise around centers that lie `apart`."""
    centers = torch.eye(CLASSES, DIM)[:, None] * apart
    return centers + torch.randn(CLASSES, DRAWINGS, DIM, generator=rng) / DIM ** 0.5


@pytest.fixture
def checkpoints(rng):
    return [(step, trained(rng, apart)) for step, apart in [(0, 0.0), (10, 1.0), (1000, 20.0)]]


@pytest.fixture
def images(rng):
    return torch.randint(0, 256, (CLASSES, DRAWINGS, 1, 5, 4), dtype=torch.uint8, generator=rng)


@pytest.fixture
def explorer(checkpoints, images):
    return EmbeddingExplorer(checkpoints, images)


def test_it_starts_before_training_with_a_drawing_that_training_helps(explorer):
    k, drawing = explorer.picked
    index = k * DRAWINGS + drawing
    own = [sum(i // DRAWINGS == k for i in view["near"][index]) for view in explorer.views]
    assert own[0] <= 1 and own[-1] == 5 and drawing >= 1     # a query
    assert explorer.checkpoint == 0 and "(chance: 20%)" in explorer.status
    assert explorer.status.startswith("Before training, with 1 support drawing of each of 5 classes: ")


def test_neighbors_and_accuracies_are_those_of_all_dimensions(explorer, checkpoints):
    for view, words, (_, z) in zip(explorer.views, explorer.words, checkpoints):
        assert view["near"] == neighbors(z[:5]).tolist()
        assert f"{accuracy(z[:5], 1):.0%} of the queries" in words
    assert explorer.words[2].startswith("After 1,000 steps,") and "100% of the queries" in explorer.words[2]
    assert all(f"far in all {DIM} dimensions" in caption for caption in explorer.captions)


def test_every_control_reaches_both_ends(explorer):
    assert explorer.limits == {"checkpoint": [0, 2], "way": [2, 6], "shot": [1, 5]}
    for checkpoint, way, shot in itertools.product(*explorer.limits.values()):
        explorer.set_state({"checkpoint": checkpoint, "way": way, "shot": shot, "picked": [5, 7]})
        assert len(explorer.views[0]["places"]) == way * DRAWINGS
        assert explorer.status == explorer.words[checkpoint]
        json.dumps(explorer.get_state(["views", "words", "captions", "about", "picked"]), allow_nan=False)


def test_the_pictures_are_those_of_the_classes_shown(explorer, images):
    shown = np.frombuffer(explorer.atlas, np.uint8).reshape(5, DRAWINGS, 5, 4, 1)
    assert np.array_equal(shown, images[:5].movedim(2, -1).numpy())
    explorer.way = 2
    assert len(explorer.atlas) == 2 * DRAWINGS * 20


def test_scrubbing_and_picking_compute_nothing_anew(explorer, monkeypatch):
    monkeypatch.setattr(EmbeddingExplorer, "_lay_out", lambda self: pytest.fail("laid out again"))
    explorer.checkpoint, explorer.picked, explorer.shot = 2, [1, 3], 3
    assert explorer.status == explorer.words[2] and "with 3 support drawings" in explorer.status


@pytest.mark.parametrize("control, value, message", [
    ("checkpoint", 3, "checkpoint=3: choose 0 to 2"), ("way", 1, "way=1: choose 2 to 6"),
    ("shot", 6, "shot=6: choose 1 to 5"),
    ("picked", [6, 0], r"picked=\[6, 0\]: choose \[class, drawing\] from \[0, 0\] to \[5, 7\]"),
    ("picked", [1], r"\[class, drawing\]"),
])
def test_what_cannot_be_shown_is_refused(explorer, control, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(explorer, control, value)


def test_checkpoints_that_do_not_fit_the_images_are_refused(checkpoints, images):
    wrong = [([], images, "no checkpoints"), (checkpoints, images / 255, "wanted uint8"),
             (checkpoints, images[:5], r"step 0: z \[6, 8, 12\]; wanted \[5, 8, dim\]"),
             ([(7, checkpoints[0][1] / 0)], images, "did training diverge")]
    for z, pictures, message in wrong:
        with pytest.raises(ValueError, match=message):
            EmbeddingExplorer(z, pictures)
    with pytest.raises(ValueError, match="2 names for 6 classes"):
        EmbeddingExplorer(checkpoints, images, names=["alpha", "beta"])


def test_the_still_picture_shows_before_during_and_after(explorer):
    explorer.set_state({"checkpoint": 2, "way": 3, "shot": 2})
    picture = explorer.still()
    assert picture.title == "When do drawings of a class come together?"
    assert "3 planes with 8 drawings of each of 3 classes, 2 of them support" in picture.alt
    for moment in ("before training", "after 10 steps", "after 1,000 steps"):
        assert f"{moment}: " in picture.alt


def test_one_checkpoint_is_enough(checkpoints, images):
    assert EmbeddingExplorer(checkpoints[-1:], images, way=2).still().alt.count("after 1,000 steps") == 1


def test_saved_with_the_notebook_it_is_small(rng):
    z = [(step, torch.randn(5, 20, 64, generator=rng)) for step in range(8)]
    state = EmbeddingExplorer(z, torch.zeros(5, 20, 1, 28, 28, dtype=torch.uint8)).get_state()
    atlas = len(state.pop("atlas"))
    assert atlas + len(json.dumps({k: v for k, v in state.items() if not k.startswith("_")})) < 130_000
