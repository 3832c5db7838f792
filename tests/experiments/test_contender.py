"""The comparison of chapter 3 asks every contender the same, and its short cuts change no number."""
from dataclasses import replace
from functools import partial

import pytest
import torch

from metacourse.experiments import comparison_parts, few_shot_comparison_glyphs
from metacourse.experiments.contender import Common, Condition, Judge, at_once, backbone, tasks_of
from metacourse.experiments.contenders import BUILD
from metacourse.methods import protonet
from metacourse.training import Evaluation, evaluate

COMMON = Common(channels=8, tasks=1, queries=2, fit_steps=1, head_steps=1)
TRIAL = {"matching": {"temperature": 0.1}, "matching_fce": {"temperature": 0.1}, "siamese": {"margin": 1.0},
         "triplet": {"margin": 1.0}, "cosine_head": {"scale": 10.0}}


@pytest.fixture
def images(rng):
    return torch.randint(0, 256, (8, 6, 1, 28, 28), generator=rng, dtype=torch.uint8)


def test_embedding_all_pictures_at_once_changes_neither_loss_nor_gradient(images):
    embed, theta = backbone(COMMON, 0)
    drawn = tasks_of(COMMON, images, 0)(0)
    theta = {name: p.requires_grad_() for name, p in theta.items()}
    values = [loss(theta, drawn) for loss in (at_once(embed, protonet.meta_loss),
                                              partial(protonet.meta_loss, embed))]
    torch.testing.assert_close(*values)
    for one, other in zip(*(torch.autograd.grad(value, list(theta.values())) for value in values)):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


@pytest.mark.filterwarnings("ignore::metacourse.training.ChanceWarning")
@pytest.mark.parametrize("name", ["protonet", "matching", "matching_fce", "siamese", "relation", "supervised",
                                  "cosine_head"])
def test_embedding_every_picture_once_changes_no_answer(name, images):
    contender = BUILD[name](COMMON, images, 0, **TRIAL.get(name, {}))
    judge, rule = Judge(contender, contender.theta), next(iter(contender.rules))
    condition = Condition("made up", 1, images, images)
    slowly = evaluate(judge.predict(rule), condition.episodes(lambda x: x, episodes=2))
    assert judge(rule, condition, episodes=2).per_episode.tolist() == slowly.per_episode.tolist()


@pytest.mark.parametrize("name", BUILD)
def test_a_step_sees_as_many_pictures_whoever_takes_it(name, images):
    contender = BUILD[name](COMMON, images, 0, **TRIAL.get(name, {}))
    if contender.batch is not None:
        batch = contender.batch(0)
        pictures = (batch,) if hasattr(batch, "x") else batch
        assert sum(half.x[..., 0, 0, 0].numel() for half in pictures) == COMMON.pictures
        value = contender.loss(contender.theta, batch)
        assert (value[0] if isinstance(value, tuple) else value).isfinite()


def test_more_ways_come_with_fewer_tasks(images):
    drawn = tasks_of(replace(COMMON, way=3, tasks=2), images, 0, way=6)(0)
    assert drawn.support.y.shape == (1, 6, 1)


def test_all_contenders_start_from_one_backbone(images):
    first, *others = (BUILD[name](COMMON, images, 3, **TRIAL.get(name, {})).theta
                      for name in ("protonet", "matching_fce", "maml", "supervised"))
    for name, p in first.items():
        assert all(p.equal(theta[name]) for theta in others)


def test_a_printed_support_meets_written_queries_of_the_same_classes():
    shades = torch.arange(8, dtype=torch.uint8)[:, None, None, None, None].expand(8, 20, 1, 2, 2)
    condition = Condition("printed", 1, shades, shades + 100)
    for support, query in condition.episodes(lambda x: x, episodes=3):
        printed, written = ((255 * half.x[..., 0, 0, 0]).round().long() for half in (support, query))
        assert (written == printed + 100).all() and query.x.shape[1:3] == (5, 15)


def scored(*values):
    per_episode = torch.tensor(values, dtype=torch.double)
    return Evaluation(per_episode.mean().item(), 0.0, per_episode, 0.2, "inductive", "")


def test_differences_are_paired_seed_by_seed_over_the_episodes_that_both_met():
    rules = {"good": {0: scored(0.9, 0.7, 0.5), 1: scored(0.8, 0.8, 0.5)}, "short": {0: scored(0.5, 0.5),
             1: scored(0.6, 0.8)}, "pixels": {0: scored(0.4, 0.4, 0.4)}}
    found = comparison_parts.to_the_best(rules)
    assert found["best"] == "good" and found["good"]["mean"] == 0
    assert found["short"]["seeds"] == {0: pytest.approx(-0.3), 1: pytest.approx(-0.1)}
    assert found["pixels"]["seeds"] == {0: pytest.approx(-0.3), 1: pytest.approx(-0.3)}


def test_everybody_gets_three_trials_but_for_pixels():
    trials = few_shot_comparison_glyphs.TRIALS
    assert set(trials) == set(BUILD)
    assert {len(tried) for name, tried in trials.items() if name != "pixels"} == {3}
