from functools import partial

import torch
import torch.nn.functional as F

from metacourse.episode import Examples
from metacourse.methods import supervised
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.training import mixed, train


def product(theta, x):
    return (x @ theta["w"]).sum()


def test_products_are_rounded_to_bfloat16_and_parameters_are_not():
    seen = []

    def watched(theta, x):
        out = x @ theta["w"]
        seen.append(out.dtype)
        return out.sum()
    theta = {"w": torch.tensor([[1 + 2**-10]], requires_grad=True)}          # bfloat16 ends at 2⁻⁷
    value = mixed(watched)(theta, torch.ones(1, 1))
    value.backward()
    assert seen == [torch.bfloat16] and value.dtype == torch.float32 and value.item() == 1.0
    assert theta["w"].grad.dtype == torch.float32 and theta["w"].grad.item() == 1.0
    assert product(theta, torch.ones(1, 1)).item() == 1 + 2**-10             # and outside nothing is rounded


def test_gradients_agree_to_the_digits_that_bfloat16_has(rng):
    apply, theta = functional(MLP([8, 16, 4]))
    theta = {name: p.requires_grad_() for name, p in theta.items()}
    batch = Examples(torch.randn(32, 8, generator=rng), torch.randint(4, (32,), generator=rng))

    def loss(theta, batch):
        return F.cross_entropy(apply(theta, batch.x), batch.y)
    exact, rounded = (torch.autograd.grad(f(theta, batch), theta.values()) for f in (loss, mixed(loss)))
    for one, other in zip(exact, rounded):
        assert 0 < (one - other).norm() < 0.03 * one.norm()


def test_a_network_learns_in_mixed_precision(rng):
    embed, theta = functional(MLP([6, 16]))
    theta = supervised.with_head(theta, classes=3, dim=16, rng=rng)
    y = torch.randint(3, (60,), generator=rng)
    batch = Examples(torch.randn(60, 6, generator=rng) / 4 + F.one_hot(y, 6), y)
    loss = mixed(partial(supervised.loss, embed))
    trained = train(loss, theta, lambda step: batch, steps=60, outer_lr=1e-2, progress=False)
    assert trained.history.loss[-1] < 0.3 * trained.history.loss[0]
