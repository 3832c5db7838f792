import torch

from metacourse.episode import Examples
from metacourse.methods import zero_shot


def pixels(theta, x):
    return theta["scale"] * x.flatten(-3)


THETA = {"scale": torch.tensor(1.0)}
DESCRIBED = Examples(torch.tensor([[[0.0, 0.0]], [[1.0, 1.0]], [[4.0, 0.0]]]), torch.arange(3)[:, None])


def test_the_nearest_description_wins():
    pictures = torch.tensor([[0.1, 0.2], [3.0, 0.0], [0.9, 1.0]]).view(3, 1, 1, 2)
    scores = zero_shot.predict(pixels, THETA, DESCRIBED, pictures)
    assert scores.argmax(-1).tolist() == [0, 2, 1]


def test_scores_are_log_probabilities_of_squared_distances():
    scores = zero_shot.predict(pixels, THETA, DESCRIBED, torch.zeros(1, 1, 1, 2))
    torch.testing.assert_close(scores.exp().sum(-1), torch.ones(1))
    torch.testing.assert_close(scores[0, 0] - scores[0, 1], torch.tensor(2.0))


def test_reading_perfectly_costs_nothing():
    x = torch.rand(4, 1, 1, 2)
    assert zero_shot.loss(pixels, THETA, Examples(x, x.flatten(1))) == 0
    off_by_two = Examples(x, x.flatten(1) + 2)
    torch.testing.assert_close(zero_shot.loss(pixels, THETA, off_by_two), torch.tensor(4.0))
