"""Every picture of a chapter 2 run, from a made-up result to a Picture with its description."""

import pytest

from metacourse.figures import recorded_maml, recorded_parts
from metacourse.results import NotRun
from tests.figures.border import white_at_the_border

SCORE = {"accuracy": 0.9, "interval": 0.01, "chance": 0.2}
SEEDS = {"0": SCORE, "1": {**SCORE, "accuracy": 0.7}}
WAVES = {"walk": {"10": {start: {"0": [3.0, 1.0, 0.5], "1": [3.0, 2.0, 1.5]} for start in ("maml", "joint")}}}
WALK = {"walk": {"maml": {seed: {"0": {**SCORE, "accuracy": 0.2}, "10": SCORE} for seed in "01"}}}
ALONG = {"steps": [0, 10], "fomaml": {"cosine": [0.5, 0.9], "uphill": [0.1, 0.0]},
         "reptile": {"cosine": [0.1, 0.3], "uphill": [0.4, 0.2]}}
FROZEN = {"frozen": {family: {"head": SEEDS, "head and block 4": SEEDS} for family in ("plain", "inverted")},
          "cka": {family: {"block 1": {"0": 1.0}, "head": {"0": 0.4}} for family in ("plain", "inverted")}}
RATES = {"curves": {"0.4": {"0": {"validation": [[1, 0.3], [2, 0.5]], "exploded": None}},
                    "4.0": {"0": {"validation": [[1, 0.2]], "exploded": 1}}}}
OVER = {"curves": {"0": {"steps": [1, 2, 3], "train": [0.3, 0.6, 0.9], "validation": [0.2, 0.3, 0.3]}},
        "settings": {"training": {"way": 10}}}
BOTH = {"walk": {"any frequency": {"maml": {"0": [3.0, 2.0]}, "anil": {"0": [3.0, 2.5]}}}}
PICTURES = {
    "waves": (recorded_maml.error_per_step, WAVES, "10 points, MAML: 3.00, 1.50, 1.00"),
    "frequencies": (recorded_maml.error_per_step, BOTH, "any frequency, ANIL: 3.00, 2.50, 2.50"),
    "walk": (recorded_maml.walk_over_steps, WALK, "MAML 0.9"),
    "directions": (recorded_maml.directions, {"directions": {"0": ALONG, "1": ALONG}}, "0.50 at first, 0.90"),
    "frozen": (recorded_parts.frozen_blocks, FROZEN, "plain, head and block 4: 80.0 %"),
    "ablation": (recorded_parts.ablation, {"accuracy": {"MAML": SEEDS}}, "MAML 80.0 % (70.0 to 90.0)"),
    "rates": (recorded_maml.instability, RATES, "α = 4.0: last values 20 %, 1 exploded"),
    "overfitting": (recorded_maml.overfitting, OVER, "training characters 0.9; validation scripts 0.3"),
}


@pytest.fixture(params=PICTURES, scope="module")
def pictured(request):
    draw, result, words = PICTURES[request.param]
    return draw(result, "What comes out?"), words


def test_a_picture_says_what_it_shows(pictured):
    picture, words = pictured
    assert words in picture.alt and picture.alt.startswith("What comes out?")
    assert picture.width <= 900 and len(picture.png) < 120_000


def test_nothing_is_cut_off(pictured):
    assert white_at_the_border(pictured[0])


def test_a_family_can_be_kept_for_later():
    alt = recorded_parts.frozen_blocks(FROZEN, "What moves?", families=("plain",)).alt
    assert "plain, head: 80.0 %" in alt and "inverted" not in alt


@pytest.mark.parametrize("draw", [draw for draw, _, _ in PICTURES.values()])
def test_a_missing_run_says_how_to_make_it(draw):
    assert "python -m metacourse.experiments.made_up" in draw(NotRun("made_up"), "What comes out?").alt
