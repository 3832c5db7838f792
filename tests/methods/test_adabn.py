import pytest
import torch
from torch import nn

from metacourse.methods import adabn
from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional


@pytest.fixture
def images(rng):
    return torch.rand(12, 1, 16, 16, generator=rng)


@pytest.fixture
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Conv4(4, norm="batch", size=16)


def one_layer(**settings):
    return nn.BatchNorm1d(1, **settings)


def test_the_statistics_are_those_of_the_images():
    layer = one_layer()
    adapted = adabn.adapt(layer, dict(layer.named_parameters()), [torch.tensor([[1.0], [3.0]])])
    assert adapted.running_mean.item() == 2.0 and adapted.running_var.item() == 2.0


def test_batches_count_alike_whatever_the_layer_remembered():
    layer = one_layer(momentum=0.9)
    layer.running_mean.fill_(100.0)
    batches = [torch.tensor([[1.0], [3.0]]), torch.tensor([[10.0], [10.0]]), torch.tensor([[0.0], [0.0]])]
    adapted = adabn.adapt(layer, dict(layer.named_parameters()), batches)
    assert adapted.running_mean.item() == pytest.approx(4.0)
    assert layer.running_mean.item() == 100.0 and layer.momentum == 0.9      # the original is left alone


def test_a_target_that_is_a_scaled_and_shifted_source_is_repaired(rng):
    x, layer = torch.randn(50, 1, generator=rng), one_layer(affine=False)
    source, target = (adabn.adapt(layer, {}, [batch]) for batch in (x, 5 * x + 3))
    torch.testing.assert_close(target(5 * x + 3), source(x), atol=1e-4, rtol=0)
    assert (source(5 * x + 3) - source(x)).abs().mean() > 1


def test_one_batch_gives_the_features_that_batch_statistics_give(network, images):
    embed, theta = functional(network)
    adapted, theta = functional(adabn.adapt(network, theta, [images]))
    # one divides by n, the other by n − 1, of 12 · 16 · 16 numbers and of 48 in the last layer
    torch.testing.assert_close(adapted(theta, images), embed(theta, images), atol=0.05, rtol=0.05)


def test_afterwards_every_image_is_embedded_alone(network, images):
    embed, theta = functional(adabn.adapt(network, functional(network)[1], images.split(4)))
    alone = torch.cat([embed(theta, one[None]) for one in images[:3]])
    torch.testing.assert_close(alone, embed(theta, images)[:3])


def test_the_parameters_are_those_given_and_other_networks_may_stand_beside(network, images):
    theta = {name: p + 1 for name, p in functional(network)[1].items()}
    _, found = functional(adabn.adapt(network, {**theta, "classify.weight": torch.zeros(1)}, [images]))
    assert list(found) == list(theta) and all(found[name].equal(theta[name]) for name in theta)


@pytest.mark.parametrize("module, batches, message", [
    (nn.Linear(1, 1), [torch.zeros(2, 1)], "Linear has no batch norm, and so no statistics to adapt"),
    (one_layer(), [], "the target is empty; wanted one batch of images or more"),
    (one_layer(), [torch.zeros(1, 1)], "a batch of 1 images; wanted 2 or more: one has no variance"),
])
def test_what_has_no_statistics_is_refused(module, batches, message):
    with pytest.raises(ValueError, match=message):
        adabn.adapt(module, dict(module.named_parameters()), batches)


def test_parameters_that_are_missing_are_named(network, images):
    with pytest.raises(ValueError, match=r"theta has no body\.0\.0\.weight; wanted all parameters of Conv4"):
        adabn.adapt(network, {}, [images])
