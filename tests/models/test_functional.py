import threading

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import grad, vmap

from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP


def test_apply_gives_what_the_module_gives(rng):
    module, x = MLP([3, 8, 2]), torch.rand(5, 3, generator=rng)
    apply, theta = functional(module)
    assert torch.equal(apply(theta, x), module(x))


def test_apply_is_a_function_of_theta(rng):
    apply, theta = functional(MLP([1, 1]))
    theta = {"layers.0.weight": torch.tensor([[2.0]]), "layers.0.bias": torch.tensor([1.0])}
    assert apply(theta, torch.tensor([3.0])).tolist() == [7.0]  # 2 · 3 + 1


@pytest.mark.parametrize("leading", [(), (4,), (2, 3), (2, 3, 4), (0, 3)])
def test_axes_in_front_are_kept(leading, rng):
    apply, theta = functional(Conv4(8, way=6, size=16))
    x = torch.rand(*leading, 1, 16, 16, generator=rng)
    assert apply(theta, x).shape == (*leading, 6)


def test_each_image_gets_its_own_answer_whatever_stands_in_front(rng):
    apply, theta = functional(Conv4(8, size=16))
    x = torch.rand(2, 3, 1, 16, 16, generator=rng)
    assert torch.allclose(apply(theta, x)[1, 2], apply(theta, x[1, 2]), atol=1e-6)


def test_use_changes_nothing_in_the_module_and_training_the_module_changes_nothing_here(rng):
    module, x = MLP([2, 2]), torch.rand(3, 2, generator=rng)
    before = {name: p.clone() for name, p in module.named_parameters()}
    apply, theta = functional(module)
    out = apply({name: p + 1 for name, p in theta.items()}, x)
    assert all(torch.equal(p, before[name]) and p.grad is None for name, p in module.named_parameters())
    with torch.no_grad():
        for p in module.parameters():
            p.zero_()
    assert torch.equal(apply({name: p + 1 for name, p in theta.items()}, x), out)
    assert not any(p.requires_grad for p in theta.values())


def test_a_learner_without_input_dims_gets_all_inputs_as_they_come():
    class Distance(nn.Module):
        def forward(self, a, b):
            return (a - b).square().sum(-1)
    apply, theta = functional(Distance())
    assert apply(theta, torch.ones(2, 3), torch.zeros(2, 3)).tolist() == [3.0, 3.0]


def test_too_few_axes_are_named():
    apply, theta = functional(Conv4(8, size=16))
    with pytest.raises(ValueError, match=r"\[16, 16\].*channels, height, width"):
        apply(theta, torch.zeros(16, 16))


@pytest.mark.parametrize("norm", ["group", "batch", "none"])
def test_a_loop_and_vmap_give_the_same_gradient_of_each_task(norm, rng):
    apply, theta = functional(Conv4(8, way=3, norm=norm, size=16).double())
    x = torch.rand(4, 3, 2, 1, 16, 16, generator=rng, dtype=torch.float64)      # [tasks, way, shot, C, H, W]
    y = torch.arange(3)[:, None].expand(3, 2)

    def loss(theta, x):
        return F.cross_entropy(apply(theta, x).flatten(0, 1), y.flatten())
    together = vmap(grad(loss), in_dims=(None, 0))(theta, x)
    for i in range(4):
        alone = grad(loss)(theta, x[i])
        assert all(torch.allclose(together[name][i], alone[name], atol=1e-10) for name in theta)


def test_threads_do_not_mix_up_their_parameters(rng):
    apply, theta = functional(MLP([16, 64, 64, 1]))
    x, wrong = torch.rand(64, 16, generator=rng), []

    def work(scale):
        mine = {name: p * scale for name, p in theta.items()}
        weights, biases = list(mine.values())[::2], list(mine.values())[1::2]
        wanted = F.relu(F.linear(F.relu(F.linear(x, weights[0], biases[0])), weights[1], biases[1]))
        wanted = F.linear(wanted, weights[2], biases[2])
        wrong.extend(scale for _ in range(200) if not torch.allclose(apply(mine, x), wanted, atol=1e-5))
    threads = [threading.Thread(target=work, args=(scale,)) for scale in (0.5, 1.0, 2.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_running_averages_are_refused_with_three_ways_out():
    with pytest.raises(ValueError, match=r"'0' \(BatchNorm1d\).*stats=False.*eval.*buffers=True"):
        functional(nn.Sequential(nn.BatchNorm1d(3)))


def test_running_averages_may_be_held_fixed():
    layer = nn.BatchNorm1d(2)
    layer.running_mean.fill_(1.0)
    apply, theta = functional(nn.Sequential(layer).eval())
    theta = {name: p.double() for name, p in theta.items()}
    out = apply(theta, torch.full((1, 2), 3.0, dtype=torch.float64))
    assert out.dtype == torch.float64
    assert out[0, 0].item() == pytest.approx(2.0, abs=1e-4)     # (3 − 1) / √(1 + ε)


def test_with_buffers_the_running_averages_travel_beside_theta():
    module = nn.BatchNorm1d(1, momentum=0.5)
    apply, theta, buffers = functional(module, buffers=True)
    x = torch.tensor([[1.0], [3.0]])                            # mean 2
    _, new = apply(theta, buffers, x)
    assert new["running_mean"].item() == 1.0                    # half of the way from 0 to 2
    assert buffers["running_mean"].item() == 0.0 and module.running_mean.item() == 0.0
