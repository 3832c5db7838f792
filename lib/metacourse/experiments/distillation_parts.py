"""What the comparison of teachers and students consists of: lessons, three ways to learn, size and speed."""
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn

from metacourse.episode import Examples, Params
from metacourse.experiments import starts
from metacourse.methods import distillation, losses, supervised, views
from metacourse.models.strided import StridedConv4
from metacourse.models.together import together
from metacourse.training.reproducible import seeded


class Lesson(NamedTuple):
    """Pictures, their labels, and what a teacher says of them: its logits, and its features."""

    x: Shaped[Tensor, "picture *item"]
    y: Int[Tensor, " picture"]
    logits: Float[Tensor, "picture class"]
    z: Float[Tensor, "picture dim"]

    def some(self, size: int, rng: torch.Generator) -> "Lesson":
        """`size` different pictures, as numbers in [0, 1], with everything that belongs to them."""
        row = torch.randperm(len(self.y), generator=rng)[:size].to(self.y.device)
        x, *told = (part[row] for part in self)
        return Lesson(x.float() / 255, *told)

    def without(self, classes: Tensor) -> "Lesson":
        """Only pictures of other classes; the logits still speak of all."""
        return Lesson(*(part[~torch.isin(self.y, classes)] for part in self))


@torch.no_grad()
def lessons(embed: Callable, theta: Params, images: Shaped[Tensor, "class drawing *item"], *, shown: int,
            strength: float, rng: torch.Generator) -> Lesson:
    """`shown` views of every drawing, and what the teacher says of each: once, for all of its students."""
    y = torch.arange(len(images), device=images.device).repeat_interleave(images.shape[1])
    rounds = []
    for _ in range(shown):
        x = views.glyphs(images.flatten(0, 1).float() / 255, rng=rng, strength=strength)
        x = (255 * x).round().byte()                                         # as small as the drawings are
        z = torch.cat([embed(supervised.body(theta), part.float() / 255) for part in x.split(500)])
        logits = torch.nn.functional.linear(z, theta["head.weight"], theta["head.bias"])
        rounds.append(Lesson(x, y, logits, z))
    return Lesson(*(torch.cat(parts) for parts in zip(*rounds)))


class Student(NamedTuple):
    """A small network: logits, features, and features projected to the teacher's width, of one θ."""

    apply: Callable
    embed: Callable
    project: Callable
    theta: Params


def student(width: int, *, classes: int, dim: int, seed: int) -> Student:
    """A new one of `width` channels, for a teacher with `dim` features."""
    with seeded(seed):
        body = StridedConv4(width)
        embed, head, project, theta = together(body, head=nn.Linear(body.dim, classes),
                                               project=nn.Linear(body.dim, dim))
    return Student(lambda theta, x: head(theta, embed(theta, x)), embed, project, theta)


def loss(how: str, student: Student, theta: Params, lesson: Lesson, *, temperature: float = 1.0,
         soft: float = 0.0, weight: float = 0.0) -> Float[Tensor, ""]:
    """One of three ways to learn: "labels", "distilled" (answers and labels), "features" (and labels)."""
    examples = Examples(lesson.x, lesson.y)
    match how:
        case "labels":
            return losses.cross_entropy(student.apply)(theta, examples)
        case "distilled":
            return distillation.loss(student.apply, theta, examples, lesson.logits, temperature=temperature,
                                     soft=soft)
        case "features":
            near = distillation.feature_loss(student.embed, student.project, theta, lesson.x, lesson.z)
            return weight * near + losses.cross_entropy(student.apply)(theta, examples)
    raise ValueError(f"how={how!r}; wanted 'labels', 'distilled' or 'features'")


@torch.no_grad()
def answers(apply: Callable, theta: Params, images: Shaped[Tensor, "class drawing *item"]) -> Tensor:
    """Which drawings are recognized: [class, drawing] of true and false."""
    logits = torch.cat([apply(theta, part.float() / 255) for part in images.flatten(0, 1).split(500)])
    truth = torch.arange(len(images), device=images.device)[:, None]
    return logits.argmax(-1).view(images.shape[:2]) == truth


def score(right: Tensor) -> dict:
    """The share of recognized drawings as a results file keeps it, with the interval over drawings."""
    p, n = right.double().mean().item(), right.numel()
    return {"accuracy": round(p, 5), "interval": round(1.96 * (p * (1 - p) / n) ** 0.5, 5), "pictures": n}


@torch.no_grad()
def cost(width: int, classes: int, pictures: int = 100) -> dict[str, int | float]:
    """Parameters, kilobytes, and milliseconds on one core: for one picture, and for each of many at once."""
    network = StridedConv4(width, way=classes)
    parameters, cpu = sum(p.numel() for p in network.parameters()), torch.device("cpu")
    x = torch.rand(pictures, 1, 28, 28)
    one, many = (starts.seconds_of(partial(_pass, network, some), cpu, repeats=20) for some in (x[:1], x))
    return {"parameters": parameters, "kilobytes": round(4 * parameters / 1000, 1),
            "milliseconds": round(1000 * one, 3), "milliseconds_of_many": round(1000 * many / pictures, 4)}


def _pass(network: nn.Module, x: Tensor) -> tuple[Tensor]:
    return (network(x).sum(),)
