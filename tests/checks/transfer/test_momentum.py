"""Right and wrong ways to follow slowly, and to remember."""
import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, transfer
from metacourse.checks.transfer import keys, momentum
from metacourse.methods import moco
from tests.checks.saying import blank, names_the_mistake, rejected


def each(change):
    return lambda slow, theta, *, momentum: {
        name: change(slow[name], theta[name].detach(), momentum) for name in theta}


@pytest.mark.parametrize("right", [
    moco.follow, each(lambda s, p, m: m * s + (1 - m) * p), each(lambda s, p, m: s + (1 - m) * (p - s)),
    each(lambda s, p, m: torch.lerp(p, s, m)),
])
def test_every_right_update_is_accepted(right):
    transfer.follow(right)


def in_place(slow, theta, *, momentum):
    for name, p in slow.items():
        p.mul_(momentum).add_((1 - momentum) * theta[name].detach())
    return slow


def by_place(slow, theta, *, momentum):
    pairs = zip(slow.items(), theta.values())
    return {name: momentum * s + (1 - momentum) * p.detach() for (name, s), p in pairs}


def the_same_at_zero(slow, theta, *, momentum):
    return {n: momentum * slow[n] + (1 - momentum) * p.detach() if momentum else p.detach()
            for n, p in theta.items()}


@pytest.mark.parametrize("wrong, hint", [
    (each(lambda s, p, m: m * p + (1 - m) * s), momentum.WRONG_WAY),
    (each(lambda s, p, m: m * s + p), "without its weight, 1 − m"),
    (each(lambda s, p, m: s + (1 - m) * p), "without its weight, m"),
    (each(lambda s, p, m: s.clone()), "nothing moves"),
    (each(lambda s, p, m: p.clone()), "this is the trained one"),
    (each(lambda s, p, m: (s + p) / 2), "m is written in"),
    (each(lambda s, p, m: 0.99 * s + 0.01 * p), "m = 0.99 is written in"),
    (each(lambda s, p, m: m * s - (1 - m) * p), "is subtracted"),
    (each(lambda s, p, m: s - (1 - m) * (p - s)), "moves away"),
    (each(lambda s, p, m: m * s + m * p), "both weights are m"),
    (lambda slow, theta, *, momentum: {n: momentum * slow[n] + (1 - momentum) * p for n, p in theta.items()},
     momentum.HISTORY),
    (in_place, "build a new tensor"),
    (each(lambda s, p, m: m**2 * s + (1 - m**2) * p), "m is squared"),
    (each(lambda s, p, m: 0.75 * s + 0.25 * p), "m = 0.75 is written in"),
    (by_place, momentum.BY_PLACE), (the_same_at_zero, momentum.SHARED),
])
def test_every_wrong_update_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.follow, wrong, hint)


def test_an_update_that_is_wrong_by_a_thousandth_is_rejected():
    slightly = each(lambda s, p, m: 0.999 * (m * s + (1 - m) * p))
    assert "moves a little wrong" in rejected(transfer.follow, slightly)


def test_a_single_parameter_of_several_is_rejected():
    def first(slow, theta, *, momentum):
        for name, p in theta.items():
            return {name: momentum * slow[name] + (1 - momentum) * p.detach()}
    assert "other names" in rejected(transfer.follow, first)


def last(queue, z, *, size):
    return torch.cat([queue, z.detach()])[-size:]


def one_by_one(queue, z, *, size):
    held = [*queue]
    for row in z.detach():
        held = [*held, row][-size:]
    return torch.stack(held)


@pytest.mark.parametrize("right", [last, one_by_one])
def test_every_right_queue_is_accepted(right):
    transfer.push(right)


@pytest.mark.parametrize("wrong, hint", [
    (lambda queue, z, *, size: torch.cat([queue, z.detach()]), keys.GROWS),
    (lambda queue, z, *, size: torch.cat([queue, z.detach()])[:size], keys.NEWEST_GO),
    (lambda queue, z, *, size: torch.cat([queue[len(z):], z.detach()])[-size:], keys.NOT_YET),
    (lambda queue, z, *, size: torch.cat([z.detach(), queue])[:size], "new embeddings stand in front"),
    (lambda queue, z, *, size: last(queue, z, size=size).flip(0), "the order is turned around"),
    (lambda queue, z, *, size: torch.cat([queue, z])[-size:], keys.HISTORY),
    (lambda queue, z, *, size: z.detach()[-size:], "have replaced the old ones"),
    (lambda queue, z, *, size: queue.clone(), keys.UNCHANGED),
    (lambda queue, z, *, size: torch.cat([queue, z.detach()[:size]])[-size:], "its end is newer"),
    (lambda queue, z, *, size: last(queue, z, size=size).sort(0).values, "sorted"),
    (lambda queue, z, *, size: last(queue, F.normalize(z, dim=1), size=size), keys.NORMALIZED),
    (lambda queue, z, *, size: torch.cat([queue, z.detach()])[-size - 1:], "one row too many"),
    (lambda queue, z, *, size: torch.cat([queue, z.detach()])[-5:], "written in"),
    (lambda queue, z, *, size: last(queue, z.mean(0, keepdim=True), size=size), "a row of its own"),
    (lambda queue, z, *, size: torch.cat([queue[-(size - len(z)):], z.detach()]), keys.NEGATIVE),
])
def test_every_wrong_queue_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.push, wrong, hint)


@pytest.mark.parametrize("check", [transfer.follow, transfer.push])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
