import pytest
import torch

from metacourse.data import linear_tasks
from metacourse.episode import Examples
from metacourse.methods import ridge


def test_one_example_by_pencil():
    support = Examples(torch.tensor([[2.0]]), torch.tensor([[3.0]]))         # ŵ = 2 · 3 / (2 · 2 + σ²)
    assert ridge.fit(support, noise=1.0).item() == pytest.approx(6 / 5)
    assert ridge.predict(support, torch.tensor([[10.0]]), noise=1.0).item() == pytest.approx(12.0)


def test_without_examples_it_is_the_mean_of_the_prior():
    assert ridge.fit(Examples(torch.zeros(0, 3), torch.zeros(0, 1)), noise=0.5).tolist() == [0, 0, 0]


def test_it_is_the_posterior_mean_found_by_trying_many_w(rng):
    x, y, noise = torch.tensor([[1.0, 0.5], [-0.5, 1.0]]), torch.tensor([[1.0], [-0.3]]), 0.7
    w = torch.randn(200_000, 2, generator=rng)                                # the prior
    likelihood = (-(y.T - w @ x.T).square().sum(-1) / (2 * noise**2)).exp()
    mean = (likelihood[:, None] * w).sum(0) / likelihood.sum()
    torch.testing.assert_close(ridge.fit(Examples(x, y), noise=noise), mean, atol=0.01, rtol=0)


def test_it_minimizes_squared_errors_plus_sigma_squared_times_w_squared(rng):
    support = Examples(torch.randn(5, 3, generator=rng), torch.randn(5, 1, generator=rng))
    w = ridge.fit(support, noise=0.6).requires_grad_()
    cost = (support.y - support.x @ w[:, None]).square().sum() + 0.6**2 * w.square().sum()
    torch.testing.assert_close(torch.autograd.grad(cost, w)[0], torch.zeros(3), atol=1e-5, rtol=0)


def test_a_batch_of_tasks_is_each_task_alone(rng):
    tasks = linear_tasks.sample_tasks(tasks=3, dim=2, rng=rng)
    support, query = linear_tasks.episodes_of(tasks, shot=4, queries=2, noise=0.5, rng=rng)
    together = ridge.predict(support, query.x, noise=0.5)
    for i in range(3):
        alone = ridge.predict(Examples(support.x[i], support.y[i]), query.x[i], noise=0.5)
        torch.testing.assert_close(together[i], alone)


def test_no_other_strength_of_the_prior_does_better(rng):
    tasks = linear_tasks.sample_tasks(tasks=20000, dim=3, rng=rng)
    support, query = linear_tasks.episodes_of(tasks, shot=3, queries=1, noise=0.5, rng=rng)

    def error(noise):
        return (ridge.predict(support, query.x, noise=noise) - tasks(query.x)).square().mean()
    assert error(0.5) < error(0.35) and error(0.5) < error(0.7)


def test_no_noise_is_refused():
    with pytest.raises(ValueError, match="σ > 0"):
        ridge.fit(Examples(torch.ones(1, 2), torch.ones(1, 1)), noise=0.0)
