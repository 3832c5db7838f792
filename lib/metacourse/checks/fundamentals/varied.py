"""Exercise 1.5 ◇: episodes whose classes have unequal numbers of shots, and the mask that says so."""
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.fundamentals import coded, fairness
from metacourse.checks.fundamentals.coded import Source
from metacourse.checks.report import CheckFailed

CLASSES, DRAWINGS, QUERIES = 6, 6, 3
WAY, SHOT = (2, 4), (1, 3)                                # smallest and largest; 3 + 3 uses every drawing
EPISODES = 40
INVERTED = "the mask is inverted: True marks real shots, False padding."


class Varied(NamedTuple):
    """Where the images of one episode came from. Padding is filled in with the row's first real image."""

    support: Source
    query: Source
    real: Tensor                                          # [way, shot], the mask


@exercise("1.5 a", points=3, further=True)
def sample_varied(answer: Attempt) -> Iterator[str]:
    """Episodes with unequal shots."""
    rng, again = torch.Generator().manual_seed(0), torch.Generator().manual_seed(0)
    episodes = [_draw(answer, rng) for _ in range(EPISODES)]
    yield "support.x is [way, shot, C, H, W], and its mask [way, shot] is True for real shots"
    _covers([len(episode.real) for episode in episodes], WAY, "way")
    yield f"way runs from {WAY[0]} to {WAY[1]}, both included"
    _shots_differ([episode.real.sum(1).tolist() for episode in episodes])
    yield f"each class has its own number of shots, from {SHOT[0]} to {SHOT[1]}, both included"
    drawn = [(episode.support, episode.query) for episode in episodes]
    fairness.labels_name_rows(drawn)
    fairness.rows_are_classes(drawn)
    fairness.classes_differ(drawn)
    yield "a row is one class with one label, and no class is drawn twice"
    fairness.drawings_differ(drawn, [episode.real for episode in episodes])
    yield "no query image is among the real shots, and no image is used twice"
    fairness.drawn_from_rng(drawn, [_draw(answer, again)[:2] for _ in range(3)])
    fairness.every_class_and_drawing(drawn, CLASSES, DRAWINGS)
    yield "rng decides, and nothing in the data is left out"


def _draw(answer: Attempt, rng: torch.Generator) -> Varied:
    images = coded.images(CLASSES, DRAWINGS)
    episode = answer(images, way=WAY, shot=SHOT, queries=QUERIES, rng=rng)
    support, query = expect.parts(episode, ["support", "query"], "an episode")
    x, y, mask = expect.parts(support, ["x", "y", "mask"], "support")
    query_x, query_y, *_ = expect.parts(query, ["x", "y", "mask"][: len(query)], "query")
    if not isinstance(x, Tensor) or x.shape[2:] != images.shape[2:]:
        raise CheckFailed("support.x has the wrong shape", came=x, wanted="a tensor [way, shot, C, H, W]")
    rows, columns = x.shape[:2]
    mask = _mask(mask, x)
    y = expect.labels(y, "support.y", shape=(rows, columns), axes="way, shot")
    query_x = expect.tensor(query_x, "query.x", shape=(rows, QUERIES, *images.shape[2:]),
                            axes="way, queries, C, H, W")
    query_y = expect.labels(query_y, "query.y", shape=(rows, QUERIES), axes="way, queries")
    return Varied(_without_padding(coded.source(x.detach().cpu(), y, images, "support.x", real=mask), mask),
                  coded.source(query_x, query_y, images, "query.x"), mask)


def _mask(came: object, x: Tensor) -> Tensor:
    if came is None:
        raise CheckFailed("support has no mask", came="Examples(x, y)", wanted="Examples(x, y, mask)",
                          likely="the third part of Examples was left out.")
    mask = expect.tensor(came, "support.mask", shape=x.shape[:2], axes="way, shot")
    if mask.dtype != torch.bool:
        raise CheckFailed("support.mask has the wrong dtype", came=str(mask.dtype), wanted="torch.bool",
                          likely="a mask is made by comparing: `torch.arange(longest) < shots[:, None]`.")
    blank = x.detach().cpu().flatten(2).eq(0).all(-1)
    if not mask.any(1).all() or (mask & blank).any():
        raise CheckFailed("every class should have a real shot, and padding should be masked out", came=mask,
                          likely=INVERTED)
    return mask


def _without_padding(source: Source, real: Tensor) -> Source:
    first = real.int().argmax(1, keepdim=True)            # the first real shot of each row
    return Source(*(torch.where(real, part, part.gather(1, first)) for part in source))


def _covers(values: list[int], ends: tuple[int, int], name: str) -> None:
    if (min(values), max(values)) == ends:
        return
    likely = f"{name} is not drawn at all." if min(values) == max(values) else \
        "`torch.randint(low, high)` stops before `high`: add 1." if max(values) == ends[1] - 1 else ""
    raise CheckFailed(f"{name} should run from {ends[0]} to {ends[1]}, both included", likely=likely,
                      came=f"from {min(values)} to {max(values)}, in {EPISODES} episodes")


def _shots_differ(shots: list[list[int]]) -> None:
    values = [n for row in shots for n in row]
    if set(values) == {SHOT[1]}:
        raise CheckFailed("classes should have unequal numbers of shots", came=f"always {SHOT[1]} shots",
                          likely="the mask is True everywhere: make it False where a class has fewer shots.")
    _covers(values, SHOT, "shot")
    if all(len(set(row)) == 1 for row in shots):
        raise CheckFailed("classes should have unequal numbers of shots", came=f"one episode has {shots[0]}",
                          likely="one number of shots is drawn for all classes: draw one for each.")
