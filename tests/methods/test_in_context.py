import pytest
import torch
from torch import nn

from metacourse.episode import Episode, task
from metacourse.methods import in_context
from metacourse.models.functional import functional
from tests.methods.pencil import pictures


class Pixels(nn.Module):
    """The pixels are the embedding."""

    dim = 25

    def forward(self, x):
        return x.flatten(1)


@pytest.fixture
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return functional(in_context.InContext(Pixels(), way=3, dim=16, layers=2, heads=2).double())


@pytest.fixture
def episodes(rng):
    return pictures(rng, tasks=2)


def ask(network, episode, x_query=None):
    x_query = episode.query.x.flatten(0, 1) if x_query is None else x_query
    return in_context.predict(*network, episode.support, x_query)


def test_a_query_is_answered_the_same_alone_and_in_company(network, episodes):
    episode = task(episodes, 0)
    alone = torch.cat([ask(network, episode, x[None]) for x in episode.query.x.flatten(0, 1)])
    torch.testing.assert_close(alone, ask(network, episode))


def test_the_order_of_the_support_set_does_not_matter(network, episodes):
    episode = task(episodes, 0)
    shuffled = episode.support._replace(x=episode.support.x[[2, 0, 1]], y=episode.support.y[[2, 0, 1]])
    torch.testing.assert_close(ask(network, Episode(shuffled, episode.query)), ask(network, episode))


def test_labels_are_read(network, episodes):
    episode = task(episodes, 0)
    renamed = episode.support._replace(y=2 - episode.support.y)
    assert not torch.allclose(ask(network, Episode(renamed, episode.query)), ask(network, episode))


def test_padding_is_not_read(network, episodes):
    episode = task(episodes, 0)
    mask = torch.tensor([[True, True], [True, False], [True, False]])
    padded = episode.support._replace(mask=mask)
    wild = padded._replace(x=torch.where(mask[..., None, None, None], padded.x, 99.0))
    torch.testing.assert_close(ask(network, Episode(wild, episode.query)),
                               ask(network, Episode(padded, episode.query)))


def test_a_shade_common_to_all_pictures_changes_nothing(network, episodes):
    episode = task(episodes, 0)
    darker = Episode(*(half._replace(x=half.x + 0.5) for half in episode))
    torch.testing.assert_close(ask(network, darker), ask(network, episode))


def test_a_batch_of_tasks_is_the_mean_of_its_tasks(network, episodes):
    each = [in_context.loss(*network, task(episodes, i)) for i in range(2)]
    torch.testing.assert_close(in_context.meta_loss(*network, episodes), torch.stack(each).mean())


def test_it_finds_out_how_to_use_a_support_set(network, rng):
    apply, theta = network
    leaves = {name: p.requires_grad_() for name, p in theta.items()}
    optimizer = torch.optim.Adam(leaves.values(), lr=1e-2)
    for _ in range(100):
        value = in_context.meta_loss(apply, leaves, pictures(rng, tasks=16, shot=1))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    fresh = pictures(rng, tasks=50, shot=1)
    right = [(ask(network, task(fresh, i)).argmax(-1) == task(fresh, i).query.y.flatten()).double().mean()
             for i in range(50)]
    assert sum(right) / 50 > 0.6                                             # chance is one third


def test_tasks_of_unequal_shots_are_not_read_side_by_side(network, episodes):
    mask = torch.ones(2, 3, 2, dtype=torch.bool)
    masked = episodes._replace(support=episodes.support._replace(mask=mask))
    with pytest.raises(ValueError, match="take the mean of `loss`"):
        in_context.meta_loss(*network, masked)


def test_heads_must_share_the_token():
    with pytest.raises(ValueError, match="dim=20 does not suit heads=4; take a multiple of 8"):
        in_context.InContext(Pixels(), dim=20, heads=4)
