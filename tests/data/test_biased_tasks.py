import pytest
import torch

from metacourse.data import biased_tasks
from metacourse.data.biased_tasks import MERITS


def test_the_share_of_people_whose_group_is_their_label_is_exact(rng):
    support, query = biased_tasks.sample_episodes(tasks=3, shot=5, queries=10, rng=rng)
    for half, per_label in ((support, 5), (query, 10)):
        y, s = half.y.unbind(-1)
        assert y.sum(-1).tolist() == [per_label] * 3
        assert (y == s).float().mean(-1).tolist() == pytest.approx([0.8] * 3)


def test_proxies_tell_the_group_and_merits_the_label(rng):
    _, query = biased_tasks.sample_episodes(tasks=2, shot=2, queries=5000, rng=rng, agreement=0.5)
    x, (y, s) = query.x, query.y.unbind(-1)
    proxies = torch.stack([x[s == group][:, MERITS:].mean(0) for group in (0, 1)])
    torch.testing.assert_close(proxies, torch.tensor([[-1.0, -1.0], [1.0, 1.0]]), atol=0.06, rtol=0)
    for task in range(2):
        apart = x[task][y[task] == 1][:, :MERITS].mean(0) - x[task][y[task] == 0][:, :MERITS].mean(0)
        assert apart.norm().item() == pytest.approx(2.4, abs=0.1)


def test_each_task_has_a_merit_of_its_own(rng):
    _, query = biased_tasks.sample_episodes(tasks=2, shot=5, queries=500, rng=rng)
    sign = 2 * query.y[..., :1] - 1
    direction = torch.nn.functional.normalize((query.x * sign)[..., :MERITS].mean(1), dim=-1)
    assert abs((direction[0] @ direction[1]).item()) < 0.95


def test_fractions_of_people_are_refused(rng):
    with pytest.raises(ValueError, match=r"make 2\.4 people"):
        biased_tasks.sample_episodes(tasks=1, shot=3, queries=5, rng=rng)
