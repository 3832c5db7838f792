"""Accuracy of prototypes with more information, for whole meta-batches of embedded pictures at once."""
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import vmap

from metacourse.data.sampling import sample_episodes
from metacourse.episode import Episode
from metacourse.methods import active, side_information
from metacourse.methods.semi_supervised import soft_k_means
from metacourse.training.reproducible import generator

Accuracies = Float[Tensor, " task"]


def correct(c: Float[Tensor, "task way dim"], query: Float[Tensor, "task way queries dim"]) -> Accuracies:
    """Share of each task's queries that lie nearest to the prototype of their class."""
    scores = query.flatten(1, 2) @ (2 * c).mT - c.square().sum(-1)[:, None]             # −‖z − c‖² + ‖z‖²
    right = scores.argmax(-1).view(query.shape[:3]) == torch.arange(c.shape[1], device=c.device)[:, None]
    return right.double().mean((1, 2)).cpu()


def score(accuracies: Accuracies) -> dict:
    """Mean and 95 % interval over the tasks, as a results file keeps them."""
    half = 1.96 * accuracies.std(correction=1) / len(accuracies) ** 0.5
    return {"accuracy": round(accuracies.mean().item(), 5), "interval": round(half.item(), 5)}


def with_unlabeled(episodes: Episode, shot: int = 1, **settings) -> Accuracies:
    """Accuracy with prototypes refined by the pictures in the columns after `shot`."""
    labeled, loose = episodes.support.x.split([shot, episodes.support.x.shape[2] - shot], dim=2)
    c = vmap(partial(soft_k_means, **settings))(labeled, loose.flatten(1, 2))
    return correct(c, episodes.query.x)


def constant_gate(threshold: float, slope: float):
    """A gate that is the same for all classes: it closes at `threshold` times the mean distance."""
    return lambda statistics: torch.tensor([threshold, slope]).to(statistics).expand(len(statistics), 2)


def with_descriptions(z: Float[Tensor, "class drawing dim"], guess: Float[Tensor, "class dim"], *,
                      worth: float, shot: int, **shape) -> Accuracies:
    """Accuracy where every class comes with a guess at its prototype; `worth` ∞ leaves the guess alone.

    The guess is glued to every drawing, so that the sampler of episodes draws both together.
    """
    glued = torch.cat([z, guess[:, None].expand_as(z)], -1)
    episodes = sample_episodes(glued, shot=shot, rng=generator(2), **shape)
    pictures, told = episodes.support.x.chunk(2, dim=-1)
    c, told = pictures.mean(2), told[:, :, 0]
    mixed = told if worth == float("inf") else side_information.mix(c, told, shots=shot, worth=worth)
    return correct(mixed, episodes.query.x.chunk(2, dim=-1)[0])


def by_asking(z: Float[Tensor, "class drawing dim"], *, way: int, pool: int, queries: int, tasks: int,
              budget: int, strange: bool, lucky: bool) -> tuple[Float[Tensor, "labels task"], float]:
    """Accuracy after every answer, and the share of questions spent on pictures of other classes.

    One picture of each of `way` classes is labeled at first. With `strange` as many other classes lie in the
    pool. Questions go to the least certain picture, or, where `lucky`, to a random one.
    """
    episodes = sample_episodes(z, tasks=tasks, way=2 * way, shot=pool, queries=queries, rng=generator(3))
    rows = 2 * way if strange else way
    x = episodes.support.x[:, :rows].flatten(1, 2)
    y = torch.arange(rows, device=x.device).repeat_interleave(pool)
    known = (torch.arange(rows * pool, device=x.device) % pool == 0) & (y < way)
    y = torch.where(y < way, y, -1)
    luck = torch.rand(tasks, len(y), generator=generator(4)).to(x.device)

    def one(x, luck):
        return active.label(x, y, known, way=way, budget=budget, luck=luck if lucky else None)
    history = vmap(one)(x, luck)                                             # [task, labels, pool]
    means = partial(active.prototypes, y=y, way=way)
    query = episodes.query.x[:, :way]
    curve = [correct(vmap(lambda x, known: means(x, known=known))(x, now), query)
             for now in history.unbind(1)]
    asked = (history[:, -1] & ~known).double()
    return torch.stack(curve), (asked * (y < 0)).sum().item() / asked.sum().item()
