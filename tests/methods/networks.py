"""Every network that we ship, small, with tasks for it."""
import torch

from metacourse.episode import Episode
from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.models.resnet12 import ResNet12
from tests.methods.pencil import pictures

MAKE = {
    "mlp": lambda: MLP([256, 8, 3]),
    "conv4 with group norm": lambda: Conv4(8, way=3, size=16),
    "conv4 with batch norm": lambda: Conv4(8, way=3, size=16, norm="batch"),
    "conv4 without norm": lambda: Conv4(8, way=3, size=16, norm="none"),
    "resnet12": lambda: ResNet12(3, in_channels=1, channels=(8, 8, 8, 8)),
    "resnet12 with batch norm": lambda: ResNet12(3, in_channels=1, channels=(8, 8, 8, 8), norm="batch"),
}


def network(name, *, tasks):
    """(apply, theta, episodes), in double precision."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        apply, theta = functional(MAKE[name]().double())
    episodes = pictures(torch.Generator().manual_seed(1), tasks=tasks, shot=1, queries=2, size=16)
    if name == "mlp":
        episodes = Episode(*(half._replace(x=half.x.flatten(3)) for half in episodes))
    return apply, theta, episodes
