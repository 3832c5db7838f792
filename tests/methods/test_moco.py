import math

import pytest
import torch

from metacourse.methods import moco
from metacourse.methods.simclr import Views
from metacourse.training import train


@pytest.fixture
def theta(rng):
    return {"w": torch.randn(4, 3, generator=rng)}


def embed(theta, x):
    return x.flatten(1) @ theta["w"]


def project(theta, z):
    return z


def keys(first, last):
    """Vectors that are numbered."""
    return torch.arange(first, last + 1.0)[:, None]


def make(theta, **settings):
    return moco.MoCo(embed, project, theta, **{**dict(queue=5, momentum=0.9, temperature=0.5), **settings})


def test_momentum_one_never_moves_and_zero_copies(theta):
    slow = {"w": torch.zeros(4, 3)}
    assert moco.follow(slow, theta, momentum=1.0)["w"].equal(slow["w"])
    assert moco.follow(slow, theta, momentum=0.0)["w"].equal(theta["w"])


def test_most_of_the_slow_network_stays():
    slow, theta = {"w": torch.tensor(1.0)}, {"w": torch.tensor(11.0).requires_grad_()}
    moved = moco.follow(slow, theta, momentum=0.9)["w"]
    assert moved.item() == pytest.approx(2.0) and not moved.requires_grad


@pytest.mark.parametrize("size, batches", [(6, [3, 3, 3]), (5, [3, 3, 3]), (4, [1, 2, 3, 1]), (3, [7]),
                                           (9, [2])])
def test_the_queue_holds_exactly_the_last_keys_in_order(size, batches):
    """Also where a batch does not divide it, is larger, or has not yet filled it."""
    queue, pushed = moco.Queue(size), 0
    assert len(queue) == 0
    for n in batches:
        queue.push(keys(pushed + 1, pushed + n))
        pushed += n
        assert queue.held.equal(keys(max(1, pushed - size + 1), pushed)) and len(queue) <= size


def test_what_is_in_the_queue_has_no_history(theta):
    queue, z = moco.Queue(4), torch.ones(2, 1, requires_grad=True)
    queue.push(z)
    assert not queue.held.requires_grad
    with torch.no_grad():
        z.fill_(9.0)                                                         # nor does it change afterwards
    assert queue.held.equal(torch.ones(2, 1))


def test_info_nce_by_hand():
    """q·k₊ = 1; two vectors of the queue lie at right angles, one opposite."""
    q, queue = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 3.0], [0.0, -1.0], [-5.0, 0.0]])
    e = math.exp
    expected = -math.log(e(2.0) / (e(2.0) + 2 + e(-2.0)))
    assert moco.info_nce(q, 7 * q, queue, temperature=0.5).item() == pytest.approx(expected)


def test_identical_features_cost_the_logarithm_of_all_keys():
    value = moco.info_nce(torch.ones(4, 3), torch.ones(4, 3), torch.ones(6, 3), temperature=0.2)
    assert value.item() == pytest.approx(math.log(7))


def test_only_the_trained_network_gets_a_gradient(rng):
    q, k, queue = (torch.randn(3, 2, generator=rng).requires_grad_() for _ in range(3))
    moco.info_nce(q, k, queue, temperature=0.5).backward()
    assert q.grad.norm() > 0 and k.grad is None and queue.grad is None


def test_a_step_compares_with_earlier_batches_and_then_takes_its_own_in(theta, rng):
    method, x = make(theta, queue=7), torch.randn(4, 4, 1, 1, 4, generator=rng)
    moved = {"w": (theta["w"] + 1).requires_grad_()}
    assert method.loss(moved, Views(x[0], x[1])).item() == pytest.approx(0.0)        # nothing to differ from
    method.after_step(moved)
    slow = {"w": 0.9 * theta["w"] + 0.1 * moved["w"].detach()}
    torch.testing.assert_close(method.slow, slow)
    earlier = embed(theta, x[1])                                             # by the network as it was then
    torch.testing.assert_close(
        method.loss(moved, Views(x[2], x[3])),
        moco.info_nce(embed(moved, x[2]), embed(slow, x[3]), earlier, temperature=0.5))
    assert len(method.queue) == 4
    method.after_step(moved)
    assert len(method.queue) == 7


def test_training_leaves_the_start_alone_and_learns(theta, rng):
    x = torch.randn(40, 3, 1, 1, 4, generator=rng)
    start, method = theta["w"].clone(), make(theta, queue=12)
    moving, losses = {"w": theta["w"].clone().requires_grad_()}, []
    for picture in x:
        views = Views(*(picture + 0.3 * torch.randn(3, 1, 1, 4, generator=rng) for _ in range(2)))
        value = method.loss(moving, views)
        gradient, = torch.autograd.grad(value, moving["w"])
        moving = {"w": (moving["w"] - 0.3 * gradient).detach().requires_grad_()}
        method.after_step(moving)
        losses.append(value.item())
    assert theta["w"].equal(start) and sum(losses[-10:]) < sum(losses[4:14])


def test_a_resumed_training_gives_the_numbers_of_one_that_never_stopped(theta, rng, tmp_path):
    x = torch.randn(6, 2, 3, 1, 1, 4, generator=rng)

    def trained(stop=None, **how):
        def batch(step):
            if step == stop:
                raise KeyboardInterrupt
            return Views(*x[step])
        method = make(theta, queue=7)
        return train(method.loss, theta, batch, steps=6, validate_every=2, after_step=method.after_step,
                     memory=method, progress=False, **how), method
    kept = dict(checkpoint=tmp_path / "run.pt")
    trained(stop=5, **kept)                                  # the last checkpoint is from step 4
    (resumed, method), (whole, other) = trained(resume=True, **kept), trained()
    assert resumed.theta["w"].equal(whole.theta["w"]) and resumed.history.loss.equal(whole.history.loss)
    assert method.queue.held.equal(other.queue.held) and method.slow["w"].equal(other.slow["w"])


def test_the_state_of_another_network_is_refused(theta):
    with pytest.raises(ValueError, match=r"the state has \['v'\], this momentum encoder \['w'\]"):
        make(theta).load_state_dict({"v": theta["w"]})


@pytest.mark.parametrize("call, message", [
    (lambda theta: make(theta, momentum=1.5), r"momentum=1\.5; wanted a number from 0 \(a copy\) to 1"),
    (lambda theta: make(theta, temperature=0.0), r"temperature=0\.0; wanted a number > 0"),
    (lambda theta: make(theta, queue=0), "size=0; wanted room for one vector or more"),
    (lambda theta: moco.follow({"v": theta["w"]}, theta, momentum=0.5), r"θ has \['v', 'w'\] in one network"),
    (lambda theta: moco.info_nce(torch.ones(2, 3), torch.ones(1, 3), torch.ones(4, 3), temperature=1.0),
     "2 and 1 views; wanted two of each picture"),
    (lambda theta: make(theta).loss(theta, Views(torch.ones(0, 1, 1, 4), torch.ones(0, 1, 1, 4))),
     "0 and 0 views; wanted two of each picture"),
])
def test_settings_that_cannot_be_are_named(theta, call, message):
    with pytest.raises(ValueError, match=message):
        call(theta)
