import pytest
import torch
import torch.nn.functional as F

from metacourse.episode import Episode, Examples
from metacourse.methods import losses, maml
from metacourse.models import fast_conv4
from metacourse.models.conv4 import Conv4
from metacourse.models.fast_conv4 import FastConv4
from metacourse.models.functional import functional

CLOSE = dict(rel=0, abs=1e-12)
NORMS = ["batch", "group", "none"]


def pair(norm, rng, **settings):
    """apply of Conv4, apply of FastConv4, and one θ, its normalization weights of both signs, in float64."""
    settings = dict(way=3, size=16, in_channels=2, norm=norm) | settings
    plain, fast = (functional(network(16, **settings).double()) for network in (Conv4, FastConv4))
    theta = {name: p + 0.3 * torch.randn(p.shape, generator=rng).to(p) for name, p in plain[1].items()}
    for name in theta:
        if name.startswith("body") and name.endswith(".1.weight"):
            theta[name][::3] *= -1
    return plain[0], fast[0], theta


def episodes(rng, tasks=2, size=16):
    def examples(shot):
        x = torch.rand(tasks, 3, shot, 2, size, size, generator=rng, dtype=torch.float64)
        return Examples(x, torch.arange(3)[:, None].expand(tasks, 3, shot))
    return Episode(examples(1), examples(2))


def gap(one, other):
    """The largest difference, over the largest number or 1: without a norm, gradients are in the hundreds."""
    largest = max(1.0, *(part.abs().max().item() for part in one.values()))
    return max((one[name] - other[name]).abs().max().item() for name in one) / largest


@pytest.mark.parametrize("size", [16, 28, 33])
@pytest.mark.parametrize("norm", NORMS)
def test_its_output_is_that_of_conv4(norm, size, rng):
    plain, fast, theta = pair(norm, rng, size=size)
    x = torch.rand(3, 2, 2, size, size, generator=rng, dtype=torch.float64)
    assert (plain(theta, x) - fast(theta, x)).abs().max().item() == pytest.approx(0, **CLOSE)


@pytest.mark.parametrize("norm, inner_steps, over", [
    *((norm, inner_steps, "loop") for norm in NORMS for inner_steps in (0, 1, 5)),
    ("batch", 1, "threads"), ("batch", 5, "vmap"), ("group", 1, "vmap")])
def test_its_gradient_and_its_meta_gradient_are_those_of_conv4(norm, inner_steps, over, rng):
    plain, fast, theta = pair(norm, rng)
    assert any((theta[name] < 0).any() for name in theta if name.endswith(".1.weight")) or norm == "none"
    inner, batch = dict(inner_lr=0.1, inner_steps=inner_steps), episodes(rng)
    for first_order in (False, True):
        wanted, found = (maml.meta_gradient(losses.cross_entropy(apply), theta, batch, over=way, **inner,
                                            first_order=first_order)
                         for apply, way in ((plain, "loop"), (fast, over)))
        assert found[0].item() == pytest.approx(wanted[0].item(), rel=1e-12)
        assert gap(wanted[1], found[1]) == pytest.approx(0, **CLOSE)


@pytest.mark.parametrize("norm", NORMS)
def test_either_network_can_load_the_weights_of_the_other(norm, rng):
    plain, fast = (network(8, way=3, norm=norm) for network in (Conv4, FastConv4))
    fast.load_state_dict(plain.state_dict())
    x = torch.rand(4, 1, 28, 28, generator=rng)
    assert torch.allclose(plain(x), fast(x), atol=1e-5)


@pytest.mark.parametrize("convolve", [fast_conv4._convolve, fast_conv4._patches_times])
def test_the_maximum_of_a_decreasing_map_is_that_map_of_the_minimum(convolve):
    """By hand: an image of zeros with the pixels 1, 2, 3, 4 in a corner, and γ = -1, so that the 1 wins."""
    x = torch.zeros(1, 1, 16, 16)
    x[0, 0, :2, :2] = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    network = FastConv4(8, norm="batch", size=16).requires_grad_(False)
    convolution, norm = network.body[0][:2]
    convolution.weight.zero_()[:, 0, 1, 1] = 1.0                # it leaves the image as it is
    norm.weight.fill_(-1.0)
    norm.bias.fill_(5.0)
    mean, var = 10 / 256, 30 / 256 - (10 / 256)**2
    first = fast_conv4._block(x, convolution, norm, convolve)[0, 0, 0, 0]
    assert first.item() == pytest.approx(5 - (1 - mean) / (var + 1e-5)**0.5, rel=1e-5)


def test_blank_images_give_finite_slopes_and_not_those_of_the_root_of_zero():
    network = FastConv4(16, way=3).double()
    x, y = torch.zeros(3, 1, 28, 28, dtype=torch.float64), torch.arange(3)
    gradients = torch.autograd.grad(F.cross_entropy(network(x), y), tuple(network.parameters()))
    assert all(gradient.isfinite().all() for gradient in gradients)
