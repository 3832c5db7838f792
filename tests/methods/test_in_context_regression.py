from functools import partial

import pytest
import torch

from metacourse.data import linear_tasks
from metacourse.episode import Episode, Examples, task
from metacourse.methods import in_context_regression
from metacourse.methods.in_context_regression import InContextRegression
from metacourse.models.functional import functional
from metacourse.training import train
from metacourse.training.reproducible import generator, seeded


@pytest.fixture
def network():
    with seeded(0):
        return functional(InContextRegression(2, features=16, blocks=2))


@pytest.fixture
def episodes(rng):
    tasks = linear_tasks.sample_tasks(tasks=3, dim=2, rng=rng)
    return linear_tasks.episodes_of(tasks, shot=4, queries=1, noise=0.1, rng=rng)


def test_an_answer_depends_on_nothing_that_comes_later(network, rng):
    apply, theta = network
    x, y = torch.randn(1, 6, 2, generator=rng), torch.randn(1, 6, 1, generator=rng)
    later_x, later_y = x.clone(), y.clone()
    later_x[:, 4:] += 1.0
    later_y[:, 3:] += 1.0                                                    # the y asked for at place 3, too
    before, after = apply(theta, x, y), apply(theta, later_x, later_y)
    assert torch.equal(before[:, :4], after[:, :4]) and not torch.allclose(before[:, 4:], after[:, 4:])


def test_every_query_is_answered_alone(network, episodes, rng):
    apply, theta = network
    support, x = task(episodes, 0).support, torch.randn(5, 2, generator=rng)
    together = in_context_regression.predict(apply, theta, support, x)
    alone = torch.cat([in_context_regression.predict(apply, theta, support, one[None]) for one in x])
    torch.testing.assert_close(together, alone)


def test_the_loss_is_the_mean_over_all_numbers_of_shots(network, episodes):
    apply, theta = network
    errors = []
    for support, query in (task(episodes, i) for i in range(3)):
        x, y = torch.cat([support.x, query.x]), torch.cat([support.y, query.y])
        for k in range(5):
            answer = in_context_regression.predict(apply, theta, Examples(x[:k], y[:k]), x[k:k + 1])
            errors.append((answer - y[k]).square().squeeze())
    loss = in_context_regression.meta_loss(apply, theta, episodes)
    torch.testing.assert_close(loss, torch.stack(errors).mean())


def test_it_learns_to_read_a_pool_of_two_tasks(network):
    apply, theta = network
    pool = linear_tasks.LinearTasks(torch.tensor([[2.0, 0.0], [-2.0, 0.0]]))

    def batch(step: int) -> Episode:
        rng = generator(0, step)
        return linear_tasks.episodes_of(linear_tasks.pick(pool, tasks=16, rng=rng), shot=4, queries=1,
                                        noise=0.1, rng=rng)
    loss = partial(in_context_regression.meta_loss, apply)
    learned = train(loss, theta, batch, steps=30, outer_lr=1e-2, progress=False).theta
    assert loss(learned, batch(99)) < 0.6 * loss(theta, batch(99))


def test_heads_that_do_not_share_evenly_are_refused():
    with pytest.raises(ValueError, match="heads=3"):
        InContextRegression(2, features=16, heads=3)
