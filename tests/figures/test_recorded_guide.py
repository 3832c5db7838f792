"""The pictures of section 4.6, from a made-up result."""

import pytest

from metacourse.figures import recorded_guide
from metacourse.results import NotRun
from tests.figures.border import white_at_the_border


def seeds(*values):
    return {str(seed): {"accuracy": value, "interval": 0.01} for seed, value in enumerate(values)}


METHODS = ("protonet_ways", "anil", "simple_shot", "logistic", "head", "finetune", "layerwise", "scratch",
           "simclr")
BY_SHOT = {str(shot): {**{name: seeds(0.3 + 0.05 * i + gain, 0.34 + 0.05 * i + gain)
                          for i, name in enumerate(METHODS)}, "pixels": seeds(0.25 + gain)}
           for shot, gain in [(1, 0.0), (5, 0.1), (10, 0.2)]}
RESULT = {"accuracy": {"glyphs": BY_SHOT, "quickdraw": BY_SHOT}}


@pytest.fixture(scope="module", params=["lines", "guide", "guide without numbers"])
def picture(request):
    return {"lines": lambda: recorded_guide.meta_or_transfer(RESULT, "Which one?"),
            "guide": lambda: recorded_guide.decision_guide(RESULT),
            "guide without numbers": recorded_guide.decision_guide}[request.param]()


def test_nothing_is_cut_off(picture):
    assert white_at_the_border(picture) and picture.width <= 960 and len(picture.png) < 160_000


def test_the_description_names_every_method_in_every_domain():
    alt = recorded_guide.meta_or_transfer(RESULT, "Which one?").alt
    assert "new scripts, 1 and 5 and 10 examples: SimCLR 72 82 92 %" in alt  # (0.70 + 0.74) / 2, + 0.1, …
    assert "Quick, Draw!" in alt and "pixels 25 35 45 %" in alt


def test_the_guide_says_what_the_run_has_measured_and_nothing_without_a_run():
    said = recorded_guide.decision_guide(RESULT).alt
    assert "ProtoNet, its training way tuned (3.2, 3.6): ProtoNet 32 · 42 %" in said
    bare = recorded_guide.decision_guide(NotRun("made_up")).alt
    assert "ProtoNet, its training way tuned (3.2, 3.6);" in bare and "%" not in bare


def test_a_missing_run_says_how_to_make_it():
    picture = recorded_guide.meta_or_transfer(NotRun("made_up"), "Which one?")
    assert "python -m metacourse.experiments.made_up" in picture.alt


def test_a_pale_color_is_darkened_for_letters_and_a_dark_one_is_not():
    assert recorded_guide.dark("#ffffff") == "#6e6e6e" and recorded_guide.dark("#000000") == "#000000"
