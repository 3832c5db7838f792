import pytest
import torch

from metacourse.episode import task
from metacourse.methods import finetuning, losses, low_rank
from tests.methods.pencil import pictures, small_net, small_theta

cross_entropy = losses.cross_entropy(small_net)
NAMES = ["conv", "head"]


@pytest.fixture
def theta():
    return small_theta(torch.Generator().manual_seed(0))


@pytest.fixture
def episode():
    return task(pictures(torch.Generator().manual_seed(1), tasks=1), 0)


@pytest.fixture
def update(theta, rng):
    return low_rank.start(theta, NAMES, rank=2, rng=rng)


def test_an_update_starts_as_the_identity(theta, update, episode):
    same = low_rank.merged(theta, update, scale=100.0)
    assert list(same) == list(theta) and all(same[name].equal(theta[name]) for name in theta)
    loss = low_rank.updating(cross_entropy, theta)
    assert loss(update, episode.support) == cross_entropy(theta, episode.support)


def test_only_the_second_matrix_gets_a_gradient_at_first_and_so_it_can_leave_zero(theta, update, episode):
    update = {name: p.requires_grad_() for name, p in update.items()}
    low_rank.updating(cross_entropy, theta)(update, episode.support).backward()
    assert update["head.up"].grad.norm() > 0 and update["head.down"].grad.norm() == 0


def test_the_update_by_hand():
    """B = (1, 2)ᵀ and A = (3, 4), so W moves by half of ((3, 4), (6, 8))."""
    theta = {"w": torch.ones(2, 2), "b": torch.zeros(2)}
    update = {"w.up": torch.tensor([[1.0], [2.0]]), "w.down": torch.tensor([[3.0, 4.0]])}
    moved = low_rank.merged(theta, update, scale=0.5)
    assert moved["w"].tolist() == [[2.5, 3.0], [4.0, 5.0]] and moved["b"] is theta["b"]


def test_the_update_has_the_rank_it_says_and_few_numbers(theta, rng):
    update = low_rank.start(theta, ["head"], rank=1, rng=rng)
    update["head.up"] = torch.randn(18, 1, generator=rng, dtype=torch.float64)
    difference = low_rank.merged(theta, update)["head"] - theta["head"]
    assert torch.linalg.matrix_rank(difference) == 1
    assert sum(p.numel() for p in update.values()) == 18 + 3 < theta["head"].numel()


def test_training_moves_the_named_weights_and_theta_stays(theta, update, episode):
    before, loss = {name: p.clone() for name, p in theta.items()}, low_rank.updating(cross_entropy, theta)
    trained = finetuning.fit(loss, update, lambda step: episode.support, steps=20,
                             rates=dict.fromkeys(update, 0.05))
    phi = low_rank.merged(theta, trained)
    assert [name for name in theta if not phi[name].equal(theta[name])] == NAMES
    assert cross_entropy(phi, episode.support) < 0.5 * cross_entropy(theta, episode.support)
    assert all(theta[name].equal(before[name]) for name in theta)


def test_a_new_head_may_be_trained_beside_the_update(theta, rng, episode):
    update = low_rank.start(theta, ["conv"], rank=1, rng=rng)
    other = {"head": theta["head"].flip(0)}
    torch.testing.assert_close(low_rank.updating(cross_entropy, theta)({**update, **other}, episode.support),
                               cross_entropy({**theta, **other}, episode.support))


@pytest.mark.parametrize("names, rank, message", [
    (["haed"], 1, "θ has no parameter 'haed'; it has conv, scale"),
    (["scale"], 1, r"scale has shape \[2\]; wanted a matrix or a kernel"),
    (["head"], 4, "rank=4; head is a matrix of 18 × 3: wanted 1 to 3"),
    (["head"], 0, "rank=0; head is a matrix of 18 × 3: wanted 1 to 3"),
    ([], 1, "no weight is named; wanted one or more of conv"),
])
def test_updates_that_cannot_be_are_refused(theta, rng, names, rank, message):
    with pytest.raises(ValueError, match=message):
        low_rank.start(theta, names, rank=rank, rng=rng)
