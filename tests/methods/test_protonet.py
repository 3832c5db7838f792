from functools import partial

import pytest
import torch

from metacourse.episode import Episode, Examples, task
from metacourse.methods import over_tasks, protonet
from tests.methods.networks import network
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


@pytest.mark.parametrize("distance, d", [("squared", 25.0), ("euclidean", 5.0), ("cosine", 1 - 0.6)])
def test_the_log_odds_are_the_difference_of_the_distances(distance, d):
    z, c = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0], [1.0 + 3.0, 4.0]])
    if distance == "cosine":
        c[1] = torch.tensor([3.0, 4.0])                          # cosine 3/5, and 1 to the first
    odds = protonet.log_probs(z, c, distance=distance).diff()
    torch.testing.assert_close(odds.item(), -d)


@pytest.mark.parametrize("distance", ["squared", "euclidean", "cosine"])
def test_the_temperature_divides(distance):
    z, c = torch.tensor([[1.0, 0.5]]), torch.tensor([[1.0, 0.0], [3.0, 4.0]])
    odds = [protonet.log_probs(z, c, distance=distance, temperature=t).diff().item() for t in (1.0, 4.0)]
    assert odds[1] == pytest.approx(odds[0] / 4)


def test_plain_and_squared_distance_choose_alike_but_are_not_alike_sure(rng):
    z, c = torch.randn(50, 4, generator=rng), torch.randn(5, 4, generator=rng)
    squared, plain = (protonet.log_probs(z, c, distance=name) for name in ("squared", "euclidean"))
    assert (squared.argmax(-1) == plain.argmax(-1)).all()
    assert not torch.allclose(squared.exp(), plain.exp(), atol=0.1)


def test_cosine_does_not_ask_how_long_a_vector_is(rng):
    z, c = torch.randn(6, 4, generator=rng), torch.randn(3, 4, generator=rng)
    longer = protonet.log_probs(7 * z, c * torch.tensor([[1.0], [2.0], [9.0]]), distance="cosine")
    torch.testing.assert_close(longer, protonet.log_probs(z, c, distance="cosine"))


def test_a_query_on_its_prototype_has_a_finite_gradient():
    z = torch.tensor([[1.0, 2.0]], requires_grad=True)
    protonet.log_probs(z, torch.tensor([[1.0, 2.0], [0.0, 0.0]]), distance="euclidean")[0, 0].backward()
    assert z.grad.isfinite().all()


@pytest.mark.parametrize("distance", ["squared", "euclidean", "cosine"])
def test_a_query_as_far_from_every_prototype_is_undecided(distance):
    c = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    undecided = protonet.log_probs(torch.zeros(1, 2), c, distance=distance).exp()
    torch.testing.assert_close(undecided, torch.full((1, 4), 0.25))


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


@pytest.mark.parametrize("metric", [{}, {"distance": "cosine", "temperature": 0.1}])
def test_all_tasks_at_once_give_the_loss_and_gradient_of_the_loop(theta, episodes, metric):
    theta = {"scale": theta["scale"].requires_grad_()}
    if metric:                                                   # a scale leaves no trace in a cosine
        def embed(theta, x):
            return x.flatten(-3) + theta["scale"]
    else:
        embed = identity
    found = [protonet.meta_loss(embed, theta, episodes, **metric),
             over_tasks.mean_loss(lambda *task: protonet.loss(embed, *task, **metric), theta, episodes,
                                  over="vmap")]
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(*(torch.autograd.grad(value, theta["scale"]) for value in found))


@pytest.mark.parametrize("name", ["conv4 with group norm", "conv4 with batch norm"])
def test_a_network_learns_the_same_from_all_tasks_at_once(name):
    embed, theta, episodes = network(name, tasks=2)
    leaves = {name: p.requires_grad_() for name, p in theta.items()}
    found = [over_tasks.mean_loss(partial(protonet.loss, embed), leaves, episodes, over=over)
             for over in ("loop", "vmap")]
    torch.testing.assert_close(*found)
    torch.testing.assert_close(*(torch.autograd.grad(value, list(leaves.values())) for value in found))


def test_an_unknown_way_over_the_tasks_is_named(theta, episodes):
    with pytest.raises(ValueError, match="over='threads'; wanted one of loop, vmap, auto"):
        over_tasks.mean_loss(partial(protonet.loss, identity), theta, episodes, over="threads")


def test_an_unknown_distance_is_named():
    with pytest.raises(ValueError, match="distance='l1'; wanted 'squared', 'euclidean' or 'cosine'"):
        protonet.log_probs(torch.zeros(1, 2), torch.ones(3, 2), distance="l1")


def test_a_temperature_must_be_positive(theta, episodes):
    with pytest.raises(ValueError, match=r"temperature=0\.0; wanted a number > 0"):
        protonet.meta_loss(identity, theta, episodes, temperature=0.0)


def test_maps_are_refused(theta, episodes):
    with pytest.raises(ValueError, match=r"shape \(3, 2, 1, 5, 5\).*wanted \(3, 2, 'dim'\), a vector"):
        protonet.loss(lambda theta, x: x, theta, task(episodes, 0))


def test_a_class_without_shots_is_refused(theta, episodes):
    mask = torch.tensor([[True, True], [False, False], [True, False]])
    support = task(episodes, 0).support._replace(mask=mask)
    with pytest.raises(ValueError, match=r"\[2, 0, 1\] shots; wanted one class or more, and one shot"):
        protonet.predict(identity, theta, support, task(episodes, 0).query.x.flatten(0, 1))
