import math

import pytest
import torch

from metacourse.data import linear_tasks
from metacourse.episode import Examples
from metacourse.methods import dmmse, ridge

NOTHING = Examples(torch.zeros(0, 2), torch.zeros(0, 1))


def test_a_pool_of_one_always_answers_with_its_one_task(rng):
    support = Examples(torch.randn(4, 2, generator=rng), torch.randn(4, 1, generator=rng))
    w = dmmse.fit(support, pool=torch.tensor([[3.0, -1.0]]), noise=0.5)
    assert w.tolist() == [3.0, -1.0]


def test_without_examples_every_task_is_as_likely():
    pool = torch.tensor([[1.0, 0.0], [3.0, 4.0]])
    assert dmmse.posterior(NOTHING, pool=pool, noise=0.5).tolist() == [0.5, 0.5]
    assert dmmse.fit(NOTHING, pool=pool, noise=0.5).tolist() == [2.0, 2.0]


def test_one_example_by_pencil():
    support = Examples(torch.tensor([[1.0]]), torch.tensor([[0.0]]))          # w = 0 fits, 1 is one σ off
    share = 1 / (1 + math.exp(-0.5))
    posterior = dmmse.posterior(support, pool=torch.tensor([[0.0], [1.0]]), noise=1.0)
    assert posterior.tolist() == pytest.approx([share, 1 - share])


def test_enough_examples_find_the_task(rng):
    pool = linear_tasks.sample_tasks(tasks=8, dim=2, rng=rng)
    support, query = linear_tasks.episodes_of(pool, shot=50, queries=3, noise=0.1, rng=rng)
    torch.testing.assert_close(dmmse.fit(support, pool=pool.w, noise=0.1), pool.w, atol=1e-4, rtol=0)
    prediction = dmmse.predict(support, query.x, pool=pool.w, noise=0.1)
    torch.testing.assert_close(prediction, pool(query.x), atol=1e-3, rtol=0)


def test_a_very_large_pool_is_ridge(rng):
    support = Examples(torch.tensor([[1.0, 0.5], [-0.5, 1.0]]), torch.tensor([[1.0], [-0.3]]))
    pool = torch.randn(200_000, 2, generator=rng)
    torch.testing.assert_close(dmmse.fit(support, pool=pool, noise=0.7), ridge.fit(support, noise=0.7),
                               atol=0.01, rtol=0)


def test_no_noise_is_refused():
    with pytest.raises(ValueError, match="σ > 0"):
        dmmse.fit(NOTHING, pool=torch.ones(1, 2), noise=0.0)
