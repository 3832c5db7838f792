"""Exercise 1.1: is this an episode, and is it drawn fairly?"""
from collections.abc import Iterator

import torch

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.fundamentals import coded, fairness
from metacourse.checks.fundamentals.coded import Source

CLASSES, DRAWINGS = 5, 6
WAY, SHOT, QUERIES = 3, 2, 4                              # all different, and shot + queries is every drawing there is
EPISODES = 100

Drawn = tuple[Source, Source]                             # support, query


@exercise("1.1", points=3)
def sample_episode(answer: Attempt) -> Iterator[str]:
    """Sample an episode."""
    _draw(answer, SHOT, QUERIES, torch.Generator().manual_seed(0))
    yield "support is [way, shot, C, H, W] and query [way, queries, C, H, W]; labels are int64"
    rng = torch.Generator().manual_seed(0)
    episodes = [_draw(answer, SHOT, QUERIES - 1, rng) for _ in range(EPISODES)]
    fairness.labels_name_rows(episodes)
    yield "the labels of a row are one number of 0 … way − 1, the same in support and query"
    fairness.rows_are_classes(episodes)
    yield "every row shows one class, the same in support and query"
    fairness.classes_differ(episodes)
    yield f"no class is drawn twice, in {EPISODES} episodes"
    fairness.drawings_differ(episodes)
    yield "no query image is in the support set, and no image is used twice"
    again = torch.Generator().manual_seed(0)
    fairness.drawn_from_rng(episodes, [_draw(answer, SHOT, QUERIES - 1, again) for _ in range(3)])
    yield "rng decides: the same seed draws the same episode, the next call another one"
    fairness.every_class_and_drawing(episodes, CLASSES, DRAWINGS)
    yield "every class is drawn, and every drawing is shown and asked"
    fairness.labels_are_reshuffled(episodes, CLASSES, WAY)
    yield "labels are dealt anew in each episode: every class gets every label"


def _draw(answer: Attempt, shot: int, queries: int, rng: torch.Generator) -> Drawn:
    images = coded.images(CLASSES, DRAWINGS)
    came = answer(images, way=WAY, shot=shot, queries=queries, rng=rng)
    sides = expect.parts(came, ["support", "query"], "an episode")
    return tuple(_side(side, name, n, images) for side, name, n in zip(sides, ["support", "query"],
                                                                       [shot, queries]))


def _side(side: object, name: str, n: int, images: torch.Tensor) -> Source:
    axis, item = ("shot" if name == "support" else "queries"), images.shape[2:]
    flat, turned = "keep way and shot as two axes: rows are classes, columns are shots.", f"[way, {axis}], in this order."
    both = {"all drawings at once: cut [way, shot + queries] in two.": (WAY, DRAWINGS)}
    likely = {flat: (WAY * n,), turned: (n, WAY), "there is one task here, and no axis for it.": (1, WAY, n),
              **both}
    x, y = expect.parts(_without_mask(side), ["x", "y"], name)
    x = expect.tensor(x, f"{name}.x", shape=(WAY, n, *item), axes=f"way, {axis}, C, H, W",
                      likely={mistake: (*shape, *item) for mistake, shape in likely.items()})
    one_each = {"one label for each image, not one for each class: expand [way, 1] to the shape of the row.": (WAY,)}
    y = expect.labels(y, f"{name}.y", shape=(WAY, n), axes=f"way, {axis}", likely=likely | one_each)
    return coded.source(x, y, images, f"{name}.x")


def _without_mask(side: object) -> object:
    return side[:2] if isinstance(side, tuple | list) and len(side) == 3 and side[2] is None else side
