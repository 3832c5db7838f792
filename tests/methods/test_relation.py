import pytest
import torch

from metacourse.episode import Episode, Examples, task, tasks
from metacourse.methods import over_tasks, relation
from metacourse.models.relation_head import RelationHead
from metacourse.models.together import together
from tests.methods.pencil import pictures


class Pixels(torch.nn.Module):
    """The picture, doubled: two maps."""

    input_dims = 3

    def forward(self, x):
        return torch.cat([x, -x], dim=1)


@pytest.fixture
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        head = RelationHead(2, size=5, norm="none").double()
        return together(Pixels(), compare=head)


@pytest.fixture
def episodes(rng):
    return pictures(rng, tasks=2)


def ask(network, episode, x=None):
    x = episode.query.x.flatten(0, 1) if x is None else x
    return relation.predict(*network, episode.support, x)


def constant(r):
    """Maps as they are, and a comparison that always says r."""
    return lambda theta, x: x, lambda theta, pairs: torch.full(pairs.shape[:2], r, dtype=pairs.dtype), {}


@pytest.mark.parametrize("r, expected", [(0.0, 1 / 3), (0.5, 1 / 4), (1.0, 2 / 3)])
def test_the_loss_is_the_squared_error_to_one_hot(episodes, r, expected):
    torch.testing.assert_close(relation.loss(*constant(r), task(episodes, 0)).item(), expected)


def test_a_comparison_that_knows_the_classes_costs_nothing(episodes):
    episode = task(episodes, 0)
    y = episode.query.y.flatten()
    knows = (lambda theta, x: x, lambda theta, pairs: (y[:, None] == torch.arange(3)).double(), {})
    assert relation.loss(*knows, episode) == 0


def test_a_pair_holds_the_sum_of_a_class_and_then_the_query():
    support = torch.tensor([[1.0, 2.0], [10.0, 20.0]]).reshape(2, 2, 1, 1, 1)
    both = relation.pairs(support, torch.tensor([5.0, 7.0]).reshape(2, 1, 1, 1))
    assert both.flatten(2).tolist() == [[[3.0, 5.0], [30.0, 5.0]], [[3.0, 7.0], [30.0, 7.0]]]


def test_relations_lie_between_0_and_1_and_need_not_sum_to_one(network, episodes):
    r = ask(network, task(episodes, 0))
    assert r.shape == (12, 3) and ((r > 0) & (r < 1)).all()
    assert not torch.allclose(r.sum(1), torch.ones(12).double(), atol=1e-2)


def test_shuffling_classes_shots_and_queries_together_changes_no_answer(network, episodes):
    episode, order = task(episodes, 0), [2, 0, 1]
    shuffled = Episode(Examples(episode.support.x[order].flip(1), episode.support.y), episode.query)
    x = episode.query.x.flatten(0, 1)
    torch.testing.assert_close(ask(network, shuffled, x.flip(0)), ask(network, episode, x)[:, order].flip(0))


def test_a_query_is_answered_the_same_alone_and_in_company(network, episodes):
    episode = task(episodes, 0)
    alone = torch.cat([ask(network, episode, x[None]) for x in episode.query.x.flatten(0, 1)])
    torch.testing.assert_close(alone, ask(network, episode))


def test_all_tasks_at_once_give_the_loss_and_gradient_of_the_loop(network, episodes):
    embed, compare, theta = network
    theta = {name: p.requires_grad_() for name, p in theta.items()}
    found = [relation.meta_loss(embed, compare, theta, episodes),
             over_tasks.mean_loss(lambda *task: relation.loss(embed, compare, *task), theta, episodes,
                                  over="vmap")]
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(*(torch.autograd.grad(value, list(theta.values())) for value in found))


def accuracy(network, episodes):
    right = [ask(network, episode).argmax(-1) == episode.query.y.flatten() for episode in tasks(episodes)]
    return torch.cat(right).double().mean().item()


def test_a_trained_head_beats_an_untrained_one(network, rng):
    embed, compare, theta = network
    leaves = {name: p.clone().requires_grad_() for name, p in theta.items()}
    optimizer = torch.optim.Adam(leaves.values(), lr=1e-2)
    for _ in range(60):
        value = relation.loss(embed, compare, leaves, task(pictures(rng, tasks=1, shot=1), 0))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    fresh = pictures(rng, tasks=50, shot=1)
    untrained, trained = accuracy(network, fresh), accuracy((embed, compare, leaves), fresh)
    assert untrained < 0.5 and trained > untrained + 0.2                     # chance is one third


def test_vectors_are_refused(network, episodes):
    _, compare, theta = network
    with pytest.raises(ValueError, match=r"wanted \(3, 2, 'channels', 'h', 'w'\), maps for each"):
        relation.loss(lambda theta, x: x.flatten(-3), compare, theta, task(episodes, 0))


def test_a_support_set_without_shots_is_refused(network, episodes):
    support = task(episodes, 0).support
    empty = Episode(Examples(support.x[:, :0], support.y[:, :0]), task(episodes, 0).query)
    with pytest.raises(ValueError, match=r"\[0, 0, 0\] shots; wanted one class or more, and one shot"):
        ask(network, empty)


def test_unequal_shots_are_refused(network, episodes):
    episode = task(episodes, 0)
    masked = episode._replace(support=episode.support._replace(mask=torch.tensor([[True, True]] * 3)))
    with pytest.raises(ValueError, match="wanted equal ones, because the maps of a class are summed"):
        ask(network, masked)
