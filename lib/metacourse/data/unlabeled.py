"""Episodes with pictures that nobody has labeled, some of them of classes that the task does not have."""
import torch
from jaxtyping import Shaped
from torch import Tensor

from metacourse.data import sampling
from metacourse.episode import Episode, Examples

UNLABELED = -1                                  # stands where a label would


def sample_episodes(images: Shaped[Tensor, "class drawing *item"], *, tasks: int, way: int, shot: int,
                    unlabeled: int, distractors: int = 0, queries: int, rng: torch.Generator) -> Episode:
    """A meta-batch whose support sets hold `unlabeled` pictures of every class beside the labeled ones.

    `distractors` more classes add as many pictures each, and never appear among the queries. All unlabeled
    pictures are shuffled and fill the columns after `shot` of x `[tasks, way, shot + more, *item]`: their
    row says nothing, y is −1 there, and `mask` is False, so that other methods pass them over as padding.
    """
    more = (way + distractors) * unlabeled
    if more % way:
        raise ValueError(f"{way} + {distractors} classes with {unlabeled} unlabeled pictures make {more}, "
                         f"which do not fill {way} equal rows: take distractors a multiple of way")
    (x, y, _), query = sampling.sample_episodes(images, tasks=tasks, way=way + distractors, queries=queries,
                                                shot=shot + unlabeled, rng=rng)
    order = torch.rand(tasks, more, generator=rng).argsort(-1).to(x.device, non_blocking=x.is_cuda)
    loose = x[:, :, shot:].flatten(1, 2)[torch.arange(tasks, device=x.device)[:, None], order]
    x = torch.cat([x[:, :way, :shot], loose.unflatten(1, (way, -1))], 2)
    column = torch.arange(x.shape[2], device=x.device)
    y = torch.where(column < shot, y[:, :way, :1], UNLABELED)
    return Episode(Examples(x, y, y != UNLABELED), Examples(query.x[:, :way], query.y[:, :way]))
