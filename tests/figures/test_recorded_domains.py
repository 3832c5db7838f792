"""Every picture of a recorded run on two domains, from a made-up result."""

import pytest
import torch

from metacourse import figures
from metacourse.data.domains import Labeled
from metacourse.figures import recorded_domains
from metacourse.results import NotRun, Result
from tests.figures.border import white_at_the_border


def seeds(*accuracies):
    return {str(seed): {"accuracy": value, "interval": 0.01} for seed, value in enumerate(accuracies)}


def run(**payload):
    return Result({"name": "made_up", "minutes": 12.3, "device": "cpu", "commit": "abc", "payload": payload})


METHODS = {"source_only": seeds(0.3, 0.4), "dann": seeds(0.8, 0.9), "coral": seeds(0.5),
           "mmd": seeds(0.6, 0.7), "oracle": seeds(0.97, 0.99)}
BOTH = run(accuracy={**METHODS, "adabn": seeds(0.6)}, group_norm=METHODS)
DIRECTIONS = run(accuracy={"mnist_to_usps": {**METHODS, "adabn": seeds(0.6, 0.62)}, "usps_to_mnist": METHODS})
SEEN = {"accuracy": 0.7, "interval": 0.01, "step": [0, 100], "source": [0.1, 0.99], "target": [0.1, 0.7],
        "domain": [0.5, 0.75]}
SWEPT = run(sweep={"0.0": {"0": SEEN, "1": SEEN}, "0.3": {"0": SEEN, "1": SEEN}},
            chosen={"labels": seeds(0.8, 0.9), "sure": seeds(0.4, 0.6)})
PICTURES = {
    "between": (figures.adapted_between, BOTH, "AdaBN 60.0 %, CORAL 50.0 %"),
    "digits": (figures.adapted_between, DIRECTIONS, "USPS → MNIST: source only 35.0"),
    "failures": (recorded_domains.failures, run(failures={"proportions": METHODS, "heavy_noise": METHODS}),
                 "other proportions: source only 35 %, CORAL 50 %, MMD 65 %, DANN 85 %, oracle 98 %"),
    "chosen": (recorded_domains.chosen_without_labels, SWEPT, "with target labels 85.0 ±"),
    "reversals": (recorded_domains.reversals, SWEPT, "accuracy of the domain head at the end, λ = 0.3: 75 %"),
}


@pytest.fixture(params=PICTURES, scope="module")
def pictured(request):
    draw, result, words = PICTURES[request.param]
    return draw(result, title="What comes out?"), words


def test_a_picture_says_what_it_shows(pictured):
    picture, words = pictured
    assert words in picture.alt and picture.alt.startswith("What comes out?")
    assert picture.width <= 900 and len(picture.png) < 120_000


def test_nothing_is_cut_off(pictured):
    assert white_at_the_border(pictured[0])


@pytest.mark.parametrize("draw", [draw for draw, _, _ in PICTURES.values()])
def test_a_missing_run_says_how_to_make_it(draw):
    assert "python -m metacourse.experiments.made_up" in draw(NotRun("made_up"), title="What?").alt


def test_two_directions_have_a_panel_each_and_no_blocks_of_norms():
    alt = figures.adapted_between(DIRECTIONS, title="And real digits?").alt
    assert "MNIST → USPS: source only 35.0" in alt and "AdaBN 61.0" in alt and "norm" not in alt


def test_moments_are_read_in_order_with_their_clouds(rng):
    clouds = torch.randn(2, 5, 2, generator=rng)
    weights = {f"{name}.{domain}": clouds.half() for name in ("0", "0.3") for domain in ("source", "target")}
    found = figures.moments(SWEPT, weights)
    assert list(found) == [0.0, 0.3] and [moment.step for moment in found[0.3]] == [0, 100]
    last = found[0.3][-1]
    assert last.source_accuracy == 0.99 and last.target_accuracy == 0.7 and last.domain_accuracy == 0.75
    torch.testing.assert_close(last.z_target, clouds[1], atol=2e-3, rtol=1e-3)
    assert figures.moments(NotRun("made_up"), weights) == {}


def test_two_domains_stand_above_each_other_class_by_class(rng):
    x = torch.randint(256, (30, 3, 28, 28), generator=rng, dtype=torch.uint8)
    domain = Labeled(x, torch.arange(10).repeat_interleave(3))
    picture = figures.domains_side_by_side(domain, domain, title="How do they differ?")
    assert "2 pictures of each class: source above, target below" in picture.alt
