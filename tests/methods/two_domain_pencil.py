"""Two small domains and small functions on them, for the tests of domain adaptation."""
import torch

from metacourse.episode import Examples

Z_SOURCE = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [2.0, 4.0]])
Z_TARGET = Z_SOURCE + torch.tensor([3.0, 0.0])


def as_images(z):
    """A vector as an image of one row."""
    return z[:, None, None, :]


def embed(theta, x):
    return x.flatten(1) @ theta["embed"]


def classify(theta, z):
    return z @ theta["classify"]


def domain(theta, z):
    return z @ theta["domain"]


def make_theta(rng):
    shapes = {"embed": (2, 3), "classify": (3, 2), "domain": (3, 1)}
    return {name: torch.randn(shape, generator=rng).requires_grad_() for name, shape in shapes.items()}


def source(z=Z_SOURCE):
    return Examples(as_images(z), torch.tensor([0, 1, 0, 1]))
