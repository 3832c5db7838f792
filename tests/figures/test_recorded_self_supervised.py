"""Every picture of pretraining without labels, from a made-up result."""

import pytest
import torch

from metacourse import figures
from metacourse.results import NotRun
from tests.figures.border import white_at_the_border

GOOD = {"0": {"accuracy": 0.8, "interval": 0.01, "chance": 0.2, "classes": 60},
        "1": {"accuracy": 0.8, "interval": 0.01, "chance": 0.2, "classes": 60}}
POOR = {seed: {**score, "accuracy": 0.4} for seed, score in GOOD.items()}


def judged(*data):
    return {kind: {judge: dict.fromkeys(data, seeds) for judge in ("few_shot", "linear_probe")}
            for kind, seeds in (("nothing", POOR), ("simclr", GOOD))}


RESULT = {"accuracy": judged("glyphs", "omniglot", "quickdraw"), "omniglot": judged("omniglot", "quickdraw"),
          "views": {"0": {"glyphs": POOR, "omniglot": POOR, "pairs": POOR},
                    "1": {"glyphs": GOOD, "omniglot": POOR, "pairs": GOOD},
                    "1 flipped": {"glyphs": POOR, "omniglot": POOR, "pairs": POOR}}}


def shown():
    x = torch.rand(2, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    return figures.views(x, {"strength 0.25": [x, x], "and flips": [x.flip(-1)]}, title="What comes out?")


PICTURES = {
    "pretrainings": (lambda: figures.pretrainings(RESULT, title="What comes out?"),
                     "linear probe, Quick, Draw!: nothing 40.0 %, SimCLR 80.0 %"),
    "omniglot": (lambda: figures.pretrainings(RESULT, title="What comes out?", source="omniglot"),
                 "Pretrained on omniglot. 5-way 1-shot, nearest mean, Omniglot: nothing 40.0 %, SimCLR"),
    "strength": (lambda: figures.views_strength(RESULT, title="What comes out?"),
                 "new scripts: 0 40.0 %, 1 80.0 %, 1 flipped 40.0 %"),
    "views": (shown, "2 pictures, a row each, and views: 2 of strength 0.25; 1 of and flips"),
}


@pytest.fixture(params=PICTURES, scope="module")
def pictured(request):
    draw, words = PICTURES[request.param]
    return draw(), words


def test_a_picture_says_what_it_shows(pictured):
    picture, words = pictured
    assert words in picture.alt and picture.alt.startswith("What comes out?")
    assert picture.width <= 900 and len(picture.png) < 120_000


def test_nothing_is_cut_off(pictured):
    assert white_at_the_border(pictured[0])


@pytest.mark.parametrize("draw", [figures.pretrainings, figures.views_strength])
def test_a_missing_run_says_how_to_make_it(draw):
    missing = draw(NotRun("self_supervised_glyphs"), title="What comes out?")
    assert "python -m metacourse.experiments.self_supervised_glyphs" in missing.alt
