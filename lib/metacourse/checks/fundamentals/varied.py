"""Exercise 1.5 ◇: episodes whose classes have unequal numbers of shots, and the mask that says so."""
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.expect import true
from metacourse.checks.fundamentals import coded, fairness
from metacourse.checks.fundamentals.coded import Source
from metacourse.episode import Examples

CLASSES, DRAWINGS, QUERIES = 6, 6, 3
WAY, SHOT = (2, 4), (1,
                     3)                                # smallest and largest; 3 + 3 is every drawing there is
EPISODES = 200
INVERTED = "the mask is inverted: True marks real shots, False padding."
END = "`torch.randint(low, high)` stops before `high`: give it the largest number plus 1."


class Varied(NamedTuple):
    """One episode as it came, and where its images came from. Padding is filled in with the row's first real image."""

    support: Source
    query: Source
    real: Tensor                                          # [way, shot], True where an image is meant


@exercise("1.5 a", points=3, further=True)
def sample_varied(answer: Attempt) -> Iterator[str]:
    """Episodes with unequal shots."""
    rng = torch.Generator().manual_seed(0)
    episodes = [_draw(answer, rng) for _ in range(EPISODES)]
    yield "support.x is [way, shot, C, H, W], and its mask [way, shot] is True for real shots"
    _covers([len(episode.real) for episode in episodes], WAY, "way")
    yield f"way runs from {WAY[0]} to {WAY[1]}, both included"
    shots = [episode.real.sum(1).tolist() for episode in episodes]
    _covers([shot for row in shots for shot in row], SHOT, "shot")
    true(any(len(set(row)) > 1 for row in shots), "the classes of an episode should differ in their shots",
         came=str(shots[0]),
         likely="one number of shots is drawn for the whole episode: draw one for each class.")
    yield f"each class has its own number of shots, from {SHOT[0]} to {SHOT[1]}"
    drawn = [(episode.support, episode.query) for episode in episodes]
    fairness.labels_name_rows(drawn)
    fairness.rows_are_classes(drawn)
    fairness.classes_differ(drawn)
    yield "every row is one class with one label, and no class is drawn twice"
    fairness.drawings_differ(drawn, [episode.real for episode in episodes])
    yield "no query image is among the real shots, and no image is used twice"
    again = torch.Generator().manual_seed(0)
    fairness.drawn_from_rng(drawn, [tuple(_draw(answer, again)[:2]) for _ in range(3)])
    fairness.every_class_and_drawing(drawn, CLASSES, DRAWINGS)
    yield "rng decides, and nothing in the data is left out"


@exercise("1.5 b", points=1, further=True)
def masked_prototypes(answer: Attempt) -> Iterator[str]:
    """Prototypes that skip the padding."""
    x = torch.tensor([[[2.0, 0.0], [4.0, 2.0], [9.0, 9.0]], [[6.0, 6.0], [9.0, 9.0], [9.0, 9.0]]])
    mask = torch.tensor([[True, True, False], [True, False, False]])
    c = expect.tensor(answer(x, mask), "the answer", shape=(2, 2), axes="way, dim",
                      likely={"the mean runs over the classes: shots are axis 1.": (3, 2)})
    real = mask[..., None]
    mistakes = {
        "the padding is counted in: multiply by the mask before adding up.": x.mean(1),
        "the sum is divided by the padded width: divide by the number of real shots, `mask.sum(1)`.": (x * real).mean(1),
        "the sum is not divided at all: a prototype is a mean.": (x * real).sum(1),
        "the padding is used and the shots are dropped: True marks real shots.": (x * ~real).sum(1) / (~real).sum(1),
        "only the first shot is used.": x[:, 0],
    }
    likely = next((mistake for mistake, wrong in mistakes.items() if torch.allclose(c.double(),
                                                                                    wrong.double())), "")
    right = torch.tensor([[3.0, 1.0], [6.0, 6.0]], dtype=torch.float64)
    true(torch.allclose(c.double(), right), "the prototypes are not right", came=c,
         wanted="[[3, 1], [6, 6]]: the mean of "
         "(2, 0) and (4, 2), and (6, 6) alone", likely=likely)
    yield "the mean of (2, 0) and (4, 2) is (3, 1), and a single shot is its own prototype"
    twice = answer(torch.cat([x, x], 1), torch.cat([mask, torch.zeros_like(mask)], 1))
    true(torch.allclose(twice.double(), right), "more padding should change nothing", came=twice,
         wanted="[[3, 1], [6, 6]]")
    yield "more padding changes nothing"


def _draw(answer: Attempt, rng: torch.Generator) -> Varied:
    images = coded.images(CLASSES, DRAWINGS)
    support, query = expect.parts(answer(images, way=WAY, shot=SHOT, queries=QUERIES, rng=rng),
                                  ["support", "query"], "an episode")
    true(isinstance(support, tuple | list) and len(support) == 3 and support[2] is not None,
         "the support set should have a mask",
         came=support, wanted="Examples(x, y, mask)", likely="the third part of Examples was left out.")
    x, y, mask = Examples(*support)
    true(isinstance(x, Tensor) and x.ndim == 5, "support.x has the wrong shape", came=x,
         wanted="[way, shot, C, H, W]")
    rows, width = x.shape[:2]
    mask = expect.tensor(mask, "support.mask", shape=(rows, width), axes="way, shot")
    true(mask.dtype == torch.bool, "support.mask has the wrong dtype", came=str(mask.dtype),
         wanted="torch.bool",
         likely="compare numbers: `torch.arange(longest) < shots[:, None]` is a mask.")
    true(bool(mask.any(1).all()), "every class needs at least one real shot", came=mask, likely=INVERTED)
    y = expect.labels(y, "support.y", shape=(rows, width), axes="way, shot")
    blank = x.flatten(2).eq(0).all(-1)
    true(not (blank & mask).any(), "the mask marks blank images as real", came=mask, likely=INVERTED)
    query_x, query_y, *_ = query
    query_x = expect.tensor(query_x, "query.x", shape=(rows, QUERIES, *images.shape[2:]),
                            axes="way, queries, C, H, W")
    query_y = expect.labels(query_y, "query.y", shape=(rows, QUERIES), axes="way, queries")
    shown = _fill(coded.source(x.detach().cpu(), y, images, "support.x", real=mask), mask)
    return Varied(shown, coded.source(query_x, query_y, images, "query.x"), mask)


def _fill(source: Source, real: Tensor) -> Source:
    """Padding replaced by the first real image of its row, so that it breaks no rule and hides no break."""
    first = real.int().argmax(1, keepdim=True)
    return Source(*(torch.where(real, part, part.gather(1, first)) for part in source))


def _covers(values: list[int], ends: tuple[int, int], name: str) -> None:
    came = f"{name} from {min(values)} to {max(values)} in {EPISODES} episodes"
    likely = f"{name} is not drawn at all." if len(set(values)) == 1 else END if max(values) == ends[1] - 1 else ""
    if name == "shot" and set(values) == {max(values)}:
        likely = "the mask is True everywhere: it should be False where a class has fewer shots."
    true((min(values), max(values)) == ends, f"{name} should run from {ends[0]} to {ends[1]}, both included",
         came=came,
         wanted=f"{name} from {ends[0]} to {ends[1]}", likely=likely)
