import pytest
import torch

from metacourse.episode import Examples, task
from metacourse.methods import frozen
from tests.methods.pencil import pictures


def identity(theta, x):
    """Pictures as vectors of their pixels."""
    return x.flatten(-3)


@pytest.fixture
def episode():
    return task(pictures(torch.Generator().manual_seed(0), tasks=1), 0)


def test_labels_are_the_rows_of_the_support_set(episode):
    support = episode.support._replace(y=episode.support.y + 40)             # whatever they are called
    z, y, z_query = frozen.features(identity, {}, support, episode.query.x.flatten(0, 1))
    assert y.tolist() == [0, 0, 1, 1, 2, 2]
    assert z.equal(support.x.reshape(6, 25)) and z_query.shape == (12, 25)


def test_padding_is_left_out(episode):
    mask = torch.tensor([[True, True], [True, False], [False, True]])
    z, y, _ = frozen.features(identity, {}, episode.support._replace(mask=mask), episode.query.x[0])
    assert y.tolist() == [0, 0, 1, 2] and z[-1].equal(episode.support.x[2, 1].flatten())


def test_class_means_count_each_class_by_itself():
    z, y = torch.tensor([[0.0, 2.0], [4.0, 0.0], [2.0, 4.0]]), torch.tensor([0, 1, 0])
    assert frozen.class_means(z, y).tolist() == [[1.0, 3.0], [4.0, 0.0]]


def test_a_map_and_a_missing_class_are_named(episode):
    support, x = episode.support, episode.query.x.flatten(0, 1)
    with pytest.raises(ValueError, match=r"wanted \(3, 2, 'dim'\), a vector for each: end the network"):
        frozen.features(lambda theta, x: x, {}, support, x)
    nobody = torch.tensor([[True, True], [False, False], [True, True]])
    with pytest.raises(ValueError, match=r"support set have \[2, 0, 2\] shots; wanted"):
        frozen.features(identity, {}, Examples(support.x, support.y, nobody), x)
