import pytest
import torch

from metacourse.episode import Episode, Examples, task
from metacourse.methods import protonet
from tests.methods.pencil import pictures


def identity(theta, x):
    """The pixels themselves, scaled by θ."""
    return theta["scale"] * x.flatten(-3)


@pytest.fixture
def episodes():
    return pictures(torch.Generator().manual_seed(0), tasks=3)


@pytest.fixture
def theta():
    return {"scale": torch.tensor(0.3, dtype=torch.float64)}


def test_a_prototype_is_the_mean_of_its_class():
    z = torch.tensor([[[0.0, 0.0], [2.0, 4.0]], [[1.0, 1.0], [3.0, 1.0]]])
    assert protonet.prototypes(z).tolist() == [[1.0, 2.0], [2.0, 1.0]]


def test_padding_does_not_pull_a_prototype():
    z = torch.tensor([[[0.0, 0.0], [2.0, 4.0]], [[1.0, 1.0], [99.0, 99.0]]])
    mask = torch.tensor([[True, True], [True, False]])
    assert protonet.prototypes(z, mask).tolist() == [[1.0, 2.0], [1.0, 1.0]]


def test_the_distance_is_squared():
    c = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    probabilities = protonet.log_probs(torch.zeros(1, 2), c).exp()
    torch.testing.assert_close(probabilities[0, 1].log() - probabilities[0, 0].log(), torch.tensor(-25.0))


def test_a_query_as_far_from_every_prototype_is_undecided():
    c = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    torch.testing.assert_close(protonet.log_probs(torch.zeros(1, 2), c).exp(), torch.full((1, 4), 0.25))


def test_squared_distances_make_a_linear_classifier():
    z, c = torch.randn(6, 4, dtype=torch.float64), torch.randn(3, 4, dtype=torch.float64)
    linear = z @ (2 * c).T - c.square().sum(-1)                  # w_k = 2c_k, b_k = −‖c_k‖²  (Equation 8)
    torch.testing.assert_close(protonet.log_probs(z, c), linear.log_softmax(-1))


def test_moving_every_embedding_alike_changes_nothing():
    z, c, by = torch.randn(6, 4), torch.randn(3, 4), torch.randn(4)
    moved = protonet.log_probs(z + by, c + by)
    torch.testing.assert_close(moved, protonet.log_probs(z, c), atol=1e-5, rtol=1e-5)


def test_the_loss_is_the_mean_surprise_at_the_right_classes(theta, episodes):
    episode = task(episodes, 0)
    scores = protonet.predict(identity, theta, episode.support, episode.query.x.flatten(0, 1))
    surprises = [-scores[i, label] for i, label in enumerate(episode.query.y.flatten().tolist())]
    torch.testing.assert_close(protonet.loss(identity, theta, episode), torch.stack(surprises).mean())


def test_a_batch_of_tasks_is_the_mean_of_its_tasks(theta, episodes):
    each = [protonet.loss(identity, theta, task(episodes, i)) for i in range(3)]
    assert protonet.meta_loss(identity, theta, episodes) == torch.stack(each).mean()


def test_shuffling_classes_of_support_and_query_together_changes_no_loss(theta, episodes):
    def shuffled(half):
        return Examples(half.x[[2, 0, 1]], half.y)
    episode = task(episodes, 0)
    torch.testing.assert_close(protonet.loss(identity, theta, Episode(*map(shuffled, episode))),
                               protonet.loss(identity, theta, episode))


def test_the_order_of_shots_and_the_company_of_queries_do_not_matter(theta, episodes):
    episode, x = task(episodes, 0), task(episodes, 0).query.x.flatten(0, 1)
    together = protonet.predict(identity, theta, episode.support, x)
    flipped = Examples(episode.support.x.flip(1), episode.support.y)
    alone = torch.cat([protonet.predict(identity, theta, flipped, one[None]) for one in x])
    torch.testing.assert_close(together, alone)


def test_learning_the_scale_lowers_the_loss(theta, episodes):
    theta = {"scale": theta["scale"].requires_grad_()}
    before = protonet.meta_loss(identity, theta, episodes)
    before.backward()
    after = {"scale": (theta["scale"] - 0.01 * theta["scale"].grad).detach()}
    assert protonet.meta_loss(identity, after, episodes) < before
