"""What the experiments on two domains share does what its sentences say."""
import math

import pytest
import torch

from metacourse import results
from metacourse.data.domains import Labeled
from metacourse.experiments import domain_adaptation_digits as digits
from metacourse.experiments import domain_failures_glyphs as failing
from metacourse.experiments import domain_parts as parts
from metacourse.experiments.domain_reversal_glyphs import CRITERIA, clock
from metacourse.training.reproducible import generator

SMALL = dict(channels=8, hidden=8, pictures=8, steps=2)


@pytest.fixture(scope="module")
def pair():
    return parts.glyph_pair("bold_on_noise", per_class=4, test_per_class=3)


def test_new_pictures_are_other_pictures(pair):
    assert not any(torch.equal(old, new) for old in pair.target.x for new in pair.new_target.x)


def test_a_batch_is_drawn_alike_whenever_it_is_asked_for(pair):
    batch = parts.batches(pair, parts.Training(**SMALL), seed=3)
    assert torch.equal(batch(7).target.x, batch(7).target.x) and batch(1).progress == 0.5
    assert not torch.equal(batch(7).target.x, batch(8).target.x)


@pytest.mark.parametrize("norm", ["batch", "group"])
def test_only_the_oracle_reads_target_labels_and_it_reads_no_others(pair, norm):
    training = parts.Training(**SMALL, norm=norm)
    net = parts.network(training, seed=0)
    batch = parts.batches(pair, training, seed=0)(1)
    blind = batch._replace(target=batch.target._replace(y=torch.zeros_like(batch.target.y)))
    deaf = batch._replace(source=batch.source._replace(y=torch.zeros_like(batch.source.y)))
    for method, loss in parts.losses(net, training).items():
        value = loss(net.theta, batch)
        assert value.equal(loss(net.theta, blind)) == (method != "oracle"), method
        assert value.equal(loss(net.theta, deaf)) == (method == "oracle"), method


def test_statistics_of_the_other_domain_matter_with_batch_norm_only(pair):
    for norm, matter in (("batch", True), ("group", False)):
        net = parts.network(parts.Training(**SMALL, norm=norm), seed=0)
        one, other = (parts.features(net, pair.new_target.x, like=domain.x)
                      for domain in (pair.source, pair.target))
        assert one.allclose(other) != matter


def test_a_new_classifier_tells_two_clouds_apart_and_cannot_tell_one_from_itself(rng):
    centers = 9 * torch.tensor([[[0, 1]], [[0, 1]], [[1, 0]]])
    here, again, there = torch.randn(3, 400, 2, generator=rng) + centers
    assert parts.told_apart(here, there) > 0.99
    assert abs(parts.told_apart(here, again) - 0.5) < 0.1


def test_the_mean_over_classes_counts_a_rare_one_in_full(pair):
    net = parts.network(parts.Training(**SMALL), seed=0)
    stuck = net._replace(classify=lambda theta, z: torch.eye(10)[[0]].expand(len(z), 10))
    few = pair._replace(new_target=Labeled(pair.new_target.x[:4], pair.new_target.y[:4]))   # 0, 0, 0, 1
    score = parts.score(stuck, few)
    assert score["accuracy"] == 0.75 and score["by_class"] == 0.5
    assert score["interval"] == pytest.approx(1.96 * math.sqrt(0.75 * 0.25 / 4), abs=1e-5)


def test_failures_change_what_they_say():
    settings = failing.Settings(per_class=10, test_per_class=10, rare=5)
    counts = {kind: [domain.y.bincount(minlength=10).tolist() for domain in failing.changed(settings, kind)]
              for kind in ("proportions", "target_lacks", "target_adds")}
    all_, half, rare = [10] * 10, [10] * 5 + [0] * 5, [10] * 5 + [2] * 5
    assert counts == {"proportions": [all_, rare, all_, rare], "target_lacks": [all_, half, all_, half],
                      "target_adds": [half, all_, half, half]}


def test_target_pictures_get_the_margin_of_mnist_or_lose_it():
    full = torch.full((2, 1, 28, 28), 255, dtype=torch.uint8)
    boxed = torch.zeros_like(full)
    boxed[..., 4:24, 4:24] = 255
    for direction, before, after in (("mnist_to_usps", full, boxed), ("usps_to_mnist", boxed, full)):
        pair = parts.Pair(*[Labeled(before, torch.tensor([0, 1]))] * 4)
        framed = digits.in_the_source_s_frame(pair, direction)
        assert framed.target.x.equal(after) and framed.new_target.x.equal(after)
        assert framed.source is pair.source and framed.new_source is pair.new_source


def test_the_table_stands_beside_the_paper_with_the_mean_over_seeds():
    scores = {str(seed): {"accuracy": value} for seed, value in enumerate((0.7, 0.8, 0.9))}
    line, = digits.table({"mnist_to_usps": {"dann": scores}})
    half = 4.30 * 0.1 / 3**0.5                                               # Student's t for three seeds
    assert line == {"setting": "MNIST → USPS, DANN", "accuracy": 0.8, "interval": round(half, 5),
                    "paper": 0.771}


def test_the_clock_brings_classes_to_their_places():
    y = torch.arange(10).repeat_interleave(5)
    z = torch.nn.functional.one_hot(y).float() + 0.01 * torch.randn(50, 10, generator=generator(0))
    places = clock(z, y)(z)
    assert places[0].tolist() == pytest.approx([0, 1], abs=0.05)             # 0 stands at the top
    assert places[y == 5].mean(0).tolist() == pytest.approx([0, -1], abs=0.05)
    assert places.norm(dim=1).mean().item() == pytest.approx(1, abs=0.05)


def test_criteria_choose_as_they_are_called():
    a = dict(reversal=1.0, step=9, source=0.9, target=0.5, target_validation=0.5, domain=0.9, sure=-0.1,
             information=0.1)
    b = dict(reversal=0.3, step=5, source=0.8, target=0.9, target_validation=0.9, domain=0.45, sure=-0.5,
             information=0.8)
    chosen = {name: "ab"[value(b) > value(a)] for name, value in CRITERIA.items()}
    assert chosen == {"labels": "b", "no choice": "a", "source accuracy": "a", "domain accuracy": "b",
                      "sure": "a", "sure and varied": "b"}


def test_what_the_other_experiments_take_is_what_the_trials_chose():
    result = results.load("domain_adaptation_glyphs")
    if not result:
        pytest.skip(repr(result))
    assert result["chosen"] == parts.CHOSEN
