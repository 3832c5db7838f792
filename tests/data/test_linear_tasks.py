import pytest
import torch

from metacourse.data import linear_tasks
from metacourse.data.linear_tasks import LinearTasks


def test_y_is_w_times_x(rng):
    tasks = LinearTasks(torch.tensor([[1.0, 2.0], [0.0, -1.0]]))
    x = torch.tensor([[[3.0, 4.0]], [[5.0, 6.0]]])
    assert tasks(x).flatten().tolist() == [11.0, -6.0]
    support, query = linear_tasks.episodes_of(tasks, shot=3, queries=2, noise=0.0, rng=rng)
    torch.testing.assert_close(support.y, tasks(support.x))
    assert query.x.shape == (2, 2, 2) and query.y.shape == (2, 2, 1)


def test_noise_is_a_standard_deviation(rng):
    tasks = linear_tasks.sample_tasks(tasks=100, dim=2, rng=rng)
    support, _ = linear_tasks.episodes_of(tasks, shot=200, queries=0, noise=0.5, rng=rng)
    assert (support.y - tasks(support.x)).std().item() == pytest.approx(0.5, abs=0.01)


def test_new_tasks_come_from_a_standard_normal(rng):
    w = linear_tasks.sample_tasks(tasks=20000, dim=2, rng=rng).w
    torch.testing.assert_close(w.T @ w / len(w), torch.eye(2), atol=0.03, rtol=0)


def test_a_pool_gives_its_own_tasks_equally_often(rng):
    pool = linear_tasks.sample_tasks(tasks=3, dim=2, rng=rng)
    w = linear_tasks.pick(pool, tasks=3000, rng=rng).w
    shares = (w[:, None] == pool.w).all(-1).float().mean(0)
    torch.testing.assert_close(shares, torch.full((3,), 1 / 3), atol=0.03, rtol=0)


def test_one_seed_draws_one_episode():
    def draw():
        rng = torch.Generator().manual_seed(3)
        tasks = linear_tasks.sample_tasks(tasks=2, dim=2, rng=rng)
        return linear_tasks.episodes_of(tasks, shot=1, queries=1, noise=0.1, rng=rng).query.y
    assert torch.equal(draw(), draw())


def test_what_cannot_be_drawn_is_refused(rng):
    with pytest.raises(ValueError, match="tasks=0"):
        linear_tasks.sample_tasks(tasks=0, dim=2, rng=rng)
    with pytest.raises(ValueError, match="noise=-1"):
        linear_tasks.episodes_of(LinearTasks(torch.ones(1, 2)), shot=1, queries=1, noise=-1.0, rng=rng)
