import math

import pytest
import torch

from metacourse.episode import Episode, Examples, task
from metacourse.methods import matching, over_tasks, protonet
from tests.methods.pencil import pictures

ALONG = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]])              # two classes, one shot each, at a right angle


def identity(theta, x):
    """The pixels themselves, shifted by θ."""
    return x.flatten(-3) + theta["shift"]


@pytest.fixture
def episodes(rng):
    return pictures(rng, tasks=3)


@pytest.fixture
def theta():
    return {"shift": torch.tensor(0.3, dtype=torch.float64)}


def ask(theta, episode, x=None, **settings):
    x = episode.query.x.flatten(0, 1) if x is None else x
    return matching.predict(identity, theta, episode.support, x, **settings)


def test_attention_is_a_softmax_of_cosines():
    a = matching.attention(torch.tensor([[3.0, 0.0]]), ALONG)           # cosines 1 and 0, whatever the length
    torch.testing.assert_close(a.flatten(), torch.tensor([math.e, 1.0]) / (math.e + 1.0))


def test_the_temperature_divides():
    a = matching.attention(torch.tensor([[3.0, 0.0]]), ALONG, temperature=0.5)
    torch.testing.assert_close(a[0, 0, 0] / a[0, 1, 0], torch.tensor(math.e**2))


def test_a_class_collects_the_attention_of_its_shots():
    z = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 2.0], [0.0, 5.0]]])      # cosines 1, 0 and 0, 0
    p = matching.log_probs(torch.tensor([[1.0, 0.0]]), z).exp()
    torch.testing.assert_close(p[0], torch.tensor([math.e + 1.0, 2.0]) / (math.e + 3.0))


def test_attention_of_a_query_sums_to_one_over_the_support_set(rng):
    a = matching.attention(torch.randn(7, 4, generator=rng), torch.randn(3, 2, 4, generator=rng))
    assert a.shape == (7, 3, 2)
    torch.testing.assert_close(a.sum(dim=(1, 2)), torch.ones(7))


def test_pictures_at_one_angle_leave_a_query_undecided():
    torch.testing.assert_close(matching.log_probs(torch.tensor([[1.0, 1.0]]), ALONG).exp(),
                               torch.full((1, 2), 0.5))


def test_cold_attention_does_not_vanish_into_minus_infinity():
    p = matching.log_probs(torch.tensor([[1.0, 0.0]]), torch.tensor([[[1.0, 0.0]], [[-1.0, 0.0]]]),
                           temperature=0.01)
    torch.testing.assert_close(p[0], torch.tensor([0.0, -200.0]))


@pytest.mark.parametrize("temperature", [1.0, 0.2])
def test_with_one_shot_it_is_protonet_with_cosine(rng, temperature):
    z, z_support = torch.randn(6, 4, generator=rng), torch.randn(3, 1, 4, generator=rng)
    c = protonet.prototypes(z_support)
    torch.testing.assert_close(matching.log_probs(z, z_support, temperature=temperature),
                               protonet.log_probs(z, c, distance="cosine", temperature=temperature))


def test_with_two_shots_it_is_not(rng):
    z, z_support = torch.randn(6, 4, generator=rng), torch.randn(3, 2, 4, generator=rng)
    by_means = protonet.log_probs(z, protonet.prototypes(z_support), distance="cosine")
    assert not torch.allclose(matching.log_probs(z, z_support), by_means, atol=1e-2)


def test_with_one_shot_it_chooses_as_protonet_does_on_vectors_of_one_length(rng):
    z, z_support = torch.randn(50, 4, generator=rng), torch.randn(5, 1, 4, generator=rng)
    z, z_support = z / z.norm(dim=-1, keepdim=True), z_support / z_support.norm(dim=-1, keepdim=True)
    squared = protonet.log_probs(z, protonet.prototypes(z_support))          # ‖z − c‖² = 2 − 2 cos
    torch.testing.assert_close(squared, matching.log_probs(z, z_support, temperature=0.5))


def test_padding_gets_no_attention(rng):
    z, z_support = torch.randn(6, 4, generator=rng), torch.randn(2, 2, 4, generator=rng)
    mask = torch.tensor([[True, True], [True, False]])
    a = matching.attention(z, z_support, mask)
    without = torch.stack([z_support[0, 0], z_support[0, 1], z_support[1, 0]])[None]      # a class of three
    torch.testing.assert_close(a[:, mask], matching.attention(z, without)[:, 0])
    assert (a[:, 1, 1] == 0).all()


def test_shuffling_classes_shots_and_queries_together_changes_no_answer(theta, episodes):
    episode, order = task(episodes, 0), [2, 0, 1]
    shuffled = Episode(Examples(episode.support.x[order].flip(1), episode.support.y), episode.query)
    x = episode.query.x.flatten(0, 1)
    torch.testing.assert_close(ask(theta, shuffled, x.flip(0)), ask(theta, episode, x)[:, order].flip(0))


def test_a_query_is_answered_the_same_alone_and_in_company(theta, episodes):
    episode = task(episodes, 0)
    alone = torch.cat([ask(theta, episode, x[None]) for x in episode.query.x.flatten(0, 1)])
    torch.testing.assert_close(alone, ask(theta, episode))


def test_the_loss_is_the_mean_surprise_at_the_right_classes(theta, episodes):
    episode = task(episodes, 0)
    a = matching.attention(identity(theta, episode.query.x).flatten(0, 1), identity(theta, episode.support.x))
    labels = episode.query.y.flatten().tolist()
    surprises = [-a[i, label].sum().log() for i, label in enumerate(labels)]
    torch.testing.assert_close(matching.loss(identity, theta, episode), torch.stack(surprises).mean())


def test_all_tasks_at_once_give_the_loss_and_gradient_of_the_loop(theta, episodes):
    theta = {"shift": theta["shift"].requires_grad_()}
    found = [matching.meta_loss(identity, theta, episodes, temperature=0.1),
             over_tasks.mean_loss(lambda *task: matching.loss(identity, *task, temperature=0.1), theta,
                                  episodes, over="vmap")]
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(*(torch.autograd.grad(value, theta["shift"]) for value in found))


@pytest.mark.parametrize("temperature", [0.0, -1.0])
def test_a_temperature_must_be_positive(temperature):
    with pytest.raises(ValueError, match=f"temperature={temperature}; wanted a number > 0"):
        matching.attention(torch.ones(1, 2), ALONG, temperature=temperature)


def test_maps_are_refused(theta, episodes):
    with pytest.raises(ValueError, match=r"shape \(3, 2, 1, 5, 5\).*wanted \(3, 2, 'dim'\), a vector"):
        matching.loss(lambda theta, x: x, theta, task(episodes, 0))


def test_a_class_without_shots_is_refused(theta, episodes):
    episode = task(episodes, 0)
    mask = torch.tensor([[True, True], [False, False], [True, False]])
    with pytest.raises(ValueError, match=r"\[2, 0, 1\] shots; wanted one class or more, and one shot"):
        ask(theta, episode._replace(support=episode.support._replace(mask=mask)))
