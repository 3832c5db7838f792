"""Exercise 1.1: is this an episode, and is it drawn fairly?"""
from collections.abc import Iterator

import torch

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.fundamentals import coded, fairness
from metacourse.checks.fundamentals.coded import Source
from metacourse.checks.fundamentals.fairness import Drawn

CLASSES, DRAWINGS = 5, 6
WAY, SHOT, QUERIES = 3, 2, 4                              # shot + queries uses every drawing there is
EPISODES = 40


@exercise("1.1", points=3)
def sample_episode(answer: Attempt) -> Iterator[str]:
    """Sample an episode."""
    _draw(answer, SHOT, QUERIES, _seeded())
    yield "support is [way, shot, C, H, W] and query [way, queries, C, H, W]; labels are int64"
    rng, again = _seeded(), _seeded()
    episodes = [_draw(answer, SHOT, QUERIES - 1, rng) for _ in range(EPISODES)]
    fairness.labels_name_rows(episodes)
    yield "a row has one label from 0 to way − 1, the same in support and query"
    fairness.rows_are_classes(episodes)
    yield "a row shows one class, the same in support and query"
    fairness.classes_differ(episodes)
    yield f"no class is drawn twice, in {EPISODES} episodes"
    fairness.drawings_differ(episodes)
    yield "no query image is in the support set, and no image is used twice"
    fairness.drawn_from_rng(episodes, [_draw(answer, SHOT, QUERIES - 1, again) for _ in range(3)])
    yield "rng decides: one seed draws the same episode twice, the next call draws another one"
    fairness.every_class_and_drawing(episodes, CLASSES, DRAWINGS)
    yield "every class is drawn, and every drawing is shown and asked"
    fairness.labels_are_reshuffled(episodes, CLASSES)
    yield "labels are dealt anew in each episode: no class keeps its own"


def _seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _draw(answer: Attempt, shot: int, queries: int, rng: torch.Generator) -> Drawn:
    images = coded.images(CLASSES, DRAWINGS)
    episode = answer(images, way=WAY, shot=shot, queries=queries, rng=rng)
    support, query = expect.parts(episode, ["support", "query"], "an episode")
    return _read(support, "support", shot, images), _read(query, "query", queries, images)


def _read(side: object, name: str, n: int, images: torch.Tensor) -> Source:
    """One side of the episode as it came, and where its images came from."""
    x, y = expect.parts(_without_mask(side), ["x", "y"], name)
    axes, item = f"way, {'shot' if name == 'support' else 'queries'}", images.shape[2:]
    likely = {
        "way and shot are two axes: rows are classes, columns are shots.": (WAY * n,),
        f"the axes are [{axes}], in this order.": (n, WAY),
        "this is one task: no axis counts tasks.": (1, WAY, n),
        "all drawings came at once: cut [way, shot + queries] in two.": (WAY, DRAWINGS),
    }
    x = expect.tensor(x, f"{name}.x", shape=(WAY, n, *item), axes=f"{axes}, C, H, W",
                      likely={mistake: (*shape, *item) for mistake, shape in likely.items()})
    y = expect.labels(y, f"{name}.y", shape=(WAY, n), axes=axes, likely=likely | {
        "every image has a label, not only every class: expand [way, 1] to [way, n].": (WAY,)})
    return coded.source(x, y, images, f"{name}.x")


def _without_mask(side: object) -> object:
    return side[:2] if isinstance(side, tuple | list) and len(side) == 3 and side[2] is None else side
