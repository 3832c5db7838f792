"""How work is cut among ranks. That ranks agree with one process: tests/experiments/test_ranks.py."""
import pytest
import torch

from metacourse.episode import Episode, Examples
from metacourse.training import parallel
from metacourse.training.ranks import ranks


def episodes(tasks):
    """Every number of task i is i."""
    y = torch.arange(tasks)[:, None, None].expand(tasks, 2, 1)
    return Episode(Examples(y.float(), y), Examples(y.float(), y, y >= 0))


@pytest.fixture
def of(monkeypatch):
    """What f() gives on every one of so many ranks."""
    def each(ranks, f):
        found = []
        monkeypatch.setattr(parallel, "world", lambda: ranks)
        for rank in range(ranks):
            monkeypatch.setattr(parallel, "rank", lambda rank=rank: rank)
            found.append(f())
        return found
    return each


def tasks_in(part):
    assert all(torch.equal(part.support.y, other) for other in (part.support.x, part.query.y, part.query.x))
    return part.support.y[:, 0, 0].tolist()


@pytest.mark.parametrize("ranks, tasks, shares", [
    (1, 3, [[0, 1, 2]]),
    (2, 4, [[0, 1], [2, 3]]),
    (2, 5, [[0, 1], [2, 3, 4]]),
    (3, 5, [[0], [1, 2], [3, 4]]),
])
def test_every_task_is_somebodys_and_weighs_the_same(of, ranks, tasks, shares):
    found = of(ranks, lambda: parallel.share(episodes(tasks)))
    assert [tasks_in(part) for part, _ in found] == shares
    assert [weight for _, weight in found] == [len(share) / tasks for share in shares]


def test_where_tasks_are_fewer_than_ranks_each_counts_once_and_a_sentence_says_so(of):
    with pytest.warns(UserWarning, match=r"of 2 task\(s\) keeps only 2 of 3 ranks busy: raise the settings"):
        found = of(3, lambda: parallel.share(episodes(2)))
    assert [tasks_in(part) for part, weight in found if weight] == [[0], [1]]
    assert sorted(weight for _, weight in found) == [0, 0.5, 0.5]
    assert all(len(part.query.y) == 1 for part, _ in found)


def test_a_meta_batch_beside_a_number_is_cut_and_the_number_is_not(of):
    found = of(2, lambda: parallel.share((episodes(2), 0.25)))
    assert [(tasks_in(part[0]), part[1]) for part, _ in found] == [([0], 0.25), ([1], 0.25)]


PICTURES = Examples(torch.zeros(4, 3), torch.zeros(4))


@pytest.mark.parametrize("batch", [PICTURES, tuple(PICTURES), None,
                                   Episode(*[Examples(torch.zeros(2, 1, 3), torch.zeros(2, 1))] * 2)])
def test_what_is_no_meta_batch_is_computed_by_all(of, batch):
    assert of(2, lambda: parallel.share(batch)) == [(batch, 0.5)] * 2


def test_one_process_computes_nothing_in_here():
    value, gradient, theta = torch.tensor(1.0), {"w": torch.ones(2), "unused": None}, {"w": torch.ones(2)}
    assert parallel.mean(value, gradient, 1.0) == (value, gradient)
    parallel.same(theta)
    assert (parallel.world(), parallel.rank(), parallel.first("this")) == (1, 0, "this")
    asked = []
    found = parallel.spread(lambda item: asked.append(item) or item, iter("ab"))
    assert found == asked == ["a", "b"]


def test_a_collective_that_fails_is_a_rank_that_is_lost():
    def broken():
        raise RuntimeError("Connection closed by peer\nand much more")
    with pytest.raises(parallel.RankLost, match=r"^Connection closed by peer$"):
        parallel.together(broken)


def test_without_torchrun_no_rank_is_waited_for(monkeypatch):
    monkeypatch.delenv("RANK", raising=False)
    with ranks(torch.device("cpu"), str):
        assert parallel.world() == 1


def test_ranks_need_a_device_that_has_collectives(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.setenv(name, "1")
    with pytest.raises(ValueError, match="not on mps: say --device cpu"), ranks(torch.device("mps"), str):
        pass
