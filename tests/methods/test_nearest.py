import pytest
import torch

from metacourse.episode import Examples, task
from metacourse.methods import nearest, protonet
from tests.methods.pencil import pictures


def two_classes():
    x = torch.tensor([[1.0, 0.0], [0.0, 3.0]]).reshape(2, 1, 1, 1, 2)
    return Examples(x, torch.tensor([[0], [1]]))


def test_cosine_ignores_brightness_and_euclidean_does_not():
    faint = torch.tensor([[0.1, 0.2]]).reshape(1, 1, 1, 2)
    assert nearest.predict(two_classes(), faint, metric="cosine").argmax() == 1
    assert nearest.predict(two_classes(), faint, metric="euclidean").argmax() == 0


def test_euclidean_scores_are_minus_the_squared_distance():
    scores = nearest.predict(two_classes(), torch.zeros(1, 1, 1, 2), metric="euclidean")
    assert scores.tolist() == [[-1.0, -9.0]]


def test_euclidean_is_protonet_on_pixels():
    episode = task(pictures(torch.Generator().manual_seed(0), tasks=1), 0)
    x = episode.query.x.flatten(0, 1)
    on_pixels = protonet.predict(lambda theta, x: x.flatten(-3), {}, episode.support, x)
    scores = nearest.predict(episode.support, x, metric="euclidean")
    torch.testing.assert_close(scores.log_softmax(-1), on_pixels)


def test_an_unknown_metric_is_named():
    with pytest.raises(ValueError, match="metric='l1'; wanted 'cosine' or 'euclidean'"):
        nearest.predict(two_classes(), torch.zeros(1, 1, 1, 2), metric="l1")
