import pytest
import torch
import torch.nn.functional as F
from torch import nn

from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.models.resnet12 import ResNet12


def slopes(f, theta, rng, step=1e-8):
    """The slope of f along a random direction: by autograd, and by finite differences.

    The step is small because the curve is a wild one, with a kink wherever a ReLU or a maximum changes sides.
    """
    direction = {name: torch.randn(p.shape, generator=rng, dtype=p.dtype) for name, p in theta.items()}
    gradient = torch.func.grad(f)(theta)
    slope = sum((gradient[name] * direction[name]).sum() for name in theta)
    ahead, behind = ({name: p + s * direction[name] for name, p in theta.items()} for s in (step, -step))
    return slope.item(), ((f(ahead) - f(behind)) / (2 * step)).item()


@pytest.mark.parametrize("make", [
    lambda: Conv4(8, way=3, size=16), lambda: Conv4(8, way=3, size=16, norm="batch"),
    lambda: ResNet12(3, in_channels=1, channels=(8, 8, 8, 8)), lambda: MLP([256, 8, 3])])
def test_the_gradient_of_a_gradient_is_that_of_finite_differences(make, rng):
    with torch.random.fork_rng():
        torch.manual_seed(0)                    # by chance a kink may lie between the two differences
        network = make()
    apply, theta = functional(network.double())
    x = torch.rand(3, 2, 1, 16, 16, generator=rng, dtype=torch.float64)
    x = x.flatten(2) if isinstance(network, MLP) else x
    y = torch.arange(3).repeat_interleave(2)

    def loss(theta):
        return F.cross_entropy(apply(theta, x).flatten(0, 1), y)

    def after_one_step(theta):
        gradient = torch.func.grad(loss)(theta)
        return loss({name: p - 0.01 * gradient[name] for name, p in theta.items()})
    slope, measured = slopes(after_one_step, theta, rng)
    assert slope == pytest.approx(measured, rel=1e-4)


def test_conv4_is_the_stack_of_layers_that_the_papers_write_down(rng):
    network, x = Conv4(8, way=4), torch.rand(3, 1, 28, 28, generator=rng)
    h = x
    for block in network.body[:4]:
        h = F.conv2d(h, block[0].weight.contiguous(), block[0].bias, padding=1)
        h = F.max_pool2d(F.relu(F.group_norm(h, 8, block[1].weight, block[1].bias)), 2)
    wanted = F.linear(h.flatten(1), network.head.weight, network.head.bias)
    assert torch.allclose(network(x), wanted, atol=1e-5)


@pytest.mark.parametrize("size, dim", [(28, 64), (32, 256), (84, 1600)])
def test_the_embedding_of_conv4_has_as_many_numbers_as_its_papers_say(size, dim):
    network = Conv4(64, in_channels=3, size=size)
    assert network.dim == dim and network(torch.zeros(1, 3, size, size)).shape == (1, dim)


@pytest.mark.parametrize("norm, alone", [("group", True), ("none", True), ("batch", False)])
def test_only_batch_norm_lets_images_see_each_other(norm, alone, rng):
    network, x = Conv4(8, norm=norm), torch.rand(5, 1, 28, 28, generator=rng)
    assert torch.allclose(network(x)[:1], network(x[:1]), atol=1e-5) == alone


def test_batch_norm_has_nothing_to_remember():
    assert not list(Conv4(norm="batch").buffers())


def test_resnet12_halves_four_times_and_averages(rng):
    network = ResNet12(5, channels=(8, 16, 24, 32))
    assert network.body(torch.rand(2, 3, 84, 84, generator=rng)).shape == (2, 32, 5, 5)
    assert network(torch.rand(2, 3, 32, 32, generator=rng)).shape == (2, 5)


def test_resnet12_has_twelve_convolutions_on_its_long_way_and_the_size_of_the_paper():
    network = ResNet12(norm="batch")
    long = [layer for block in network.body for layer in block.long if isinstance(layer, nn.Conv2d)]
    assert len(long) == 12
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(12.4e6, rel=0.01)


@pytest.mark.parametrize("make, message", [
    (lambda: Conv4(norm="layer"), "norm='layer'; wanted 'group', 'batch' or 'none'"),
    (lambda: Conv4(size=8), "16 × 16 pixels"),
    (lambda: MLP([3]), r"sizes=\[3\]"),
])
def test_what_cannot_be_built_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()
