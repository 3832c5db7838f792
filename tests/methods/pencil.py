"""Tasks for a pencil, and a network small enough for finite differences."""
import torch
import torch.nn.functional as F

from metacourse.episode import Episode, Examples


def half_square(theta, examples):
    """½(θ − y)², with gradient θ − y and curvature 1."""
    return 0.5 * (theta["w"] - examples.y).square().mean()


def one_number(*ys):
    """One example a task, y; as many tasks as numbers."""
    return Examples(torch.zeros(len(ys), 1), torch.tensor(ys).reshape(-1, 1))


def small_net(theta, x):
    """Convolution, native batch norm with adapted weights, tanh, linear; x [..., 1, 5, 5] -> [..., 3]."""
    h = F.conv2d(x.reshape(-1, 1, 5, 5), theta["conv"])
    h = F.batch_norm(h, None, None, theta["scale"], theta["shift"], training=True).tanh()
    return (h.flatten(1) @ theta["head"]).reshape(*x.shape[:-3], -1)


def small_theta(rng):
    shapes = {"conv": (2, 1, 3, 3), "scale": (2,), "shift": (2,), "head": (18, 3)}
    return {name: torch.randn(shape, generator=rng, dtype=torch.float64) for name, shape in shapes.items()}


def pictures(rng, *, tasks, way=3, shot=2, queries=4, size=5):
    """Episodes of noise: class k is a random picture, and a drawing of it adds more noise."""
    classes = torch.randn(tasks, way, 1, 1, size, size, generator=rng, dtype=torch.float64)
    noise = torch.randn(tasks, way, shot + queries, 1, size, size, generator=rng, dtype=torch.float64)
    x, y = classes + 0.5 * noise, torch.arange(way)[:, None].expand(tasks, way, shot + queries)
    return Episode(Examples(x[:, :, :shot], y[..., :shot]), Examples(x[:, :, shot:], y[..., shot:]))


def slope(f, theta, direction, h=1e-5):
    """Directional derivative of f at θ by central differences."""
    def move(t):
        return {name: p + t * direction[name] for name, p in theta.items()}
    return ((f(move(h)) - f(move(-h))) / (2 * h)).item()


def dot(a, b):
    return sum((a[name] * b[name]).sum() for name in a).item()
