"""Tasks that are fitted together do not meet, and all contenders of section 4.6 get as much."""
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cosine_similarity

from metacourse.data.sampling import sample_episodes
from metacourse.episode import tasks
from metacourse.experiments import fitted_tasks, transfer_or_meta_glyphs
from metacourse.experiments.contender import Common, Condition, Judge, backbone
from metacourse.experiments.transfer_contenders import BUILD, FITTED, fitting
from metacourse.methods import finetuning, losses
from metacourse.training import evaluate

COMMON = Common(channels=8, way=3, tasks=1, queries=2, fit_steps=3, head_steps=3)
TRIAL = {"simclr": {"temperature": 0.5}}


@pytest.fixture
def images(rng):
    return torch.randint(0, 256, (8, 6, 1, 28, 28), generator=rng, dtype=torch.uint8)


@pytest.fixture
def episodes(images, rng):
    return sample_episodes(images, tasks=4, way=3, shot=2, queries=3, rng=rng)


def test_two_numbers_fitted_together_go_where_each_goes_alone():
    def away_from(phi, examples):
        return (phi["w"] - examples.x).square().sum()
    x = torch.tensor([[[3.0]], [[-5.0]]])
    theta = fitted_tasks.repeated({"w": torch.zeros(1, 1)})(2)
    support = fitted_tasks.Examples(x, x)
    phi = fitted_tasks.fit(away_from, theta, support, steps=2, rates={"w": 0.5})
    assert phi["w"].flatten().tolist() == pytest.approx([1.0, -1.0], abs=0.02)   # Adam: a rate a step


@pytest.mark.parametrize("decay", [1.0, 2.6])
def test_fitting_many_tasks_at_once_answers_as_one_by_one(episodes, decay):
    apply, theta = backbone(COMMON, 0, way=3)
    rates = finetuning.rates(theta, finetuning.blocks(theta), lr=1e-3, decay=decay)
    loss = losses.cross_entropy(apply)
    at_once = fitted_tasks.fit(loss, fitted_tasks.repeated(theta)(4), episodes.support, steps=3, rates=rates)
    x = episodes.query.x.flatten(1, 2)
    for i, (support, _) in enumerate(tasks(episodes)):
        alone = finetuning.predict(apply, theta, support, x[i], loss=loss, steps=3, rates=rates)
        torch.testing.assert_close(apply({name: p[i] for name, p in at_once.items()}, x[i]), alone,
                                   atol=5e-3, rtol=0)


def test_a_head_on_features_is_the_whole_network_with_its_body_frozen(episodes):
    contender = BUILD["supervised"](COMMON, episodes.support.x[:, :, 0] * 255, 0)
    embed, (apply, fresh) = contender.embed, backbone(COMMON, 0, way=3)
    how = fitting("head", COMMON, contender.theta, 0)
    head = fitted_tasks.fit(how.loss, how.starts(4), fitted_tasks.Examples(
        torch.stack([torch.stack([embed(contender.theta, x) for x in task]) for task in episodes.support.x]),
        episodes.support.y), steps=3, rates=how.rates(0.1))
    theta = {**fresh, **{name: p for name, p in contender.theta.items() if not name.startswith("head.")}}
    whole = fitted_tasks.fit(losses.cross_entropy(apply), fitted_tasks.repeated(theta)(4), episodes.support,
                             steps=3, rates=dict.fromkeys(head, 0.1))
    for name, p in head.items():
        torch.testing.assert_close(p, whole[name], atol=1e-4, rtol=0)


def test_every_network_from_scratch_is_another_one():
    how = fitting("scratch", COMMON, {}, 0)
    first, second = how.starts(2)["body.0.0.weight"].flatten(1)
    assert cosine_similarity(first, second, dim=0).abs() < 0.5
    of_another_seed = fitting("scratch", COMMON, {}, 1).starts(2)["body.0.0.weight"].flatten(1)
    assert not of_another_seed.equal(torch.stack([first, second]))


@pytest.mark.filterwarnings("ignore::metacourse.training.ChanceWarning")
def test_embedding_every_picture_once_changes_no_answer_of_simclr(images):
    contender = BUILD["simclr"](COMMON, images, 0, **TRIAL["simclr"])
    judge, condition = Judge(contender, contender.theta), Condition("made up", 1, images, images)
    slowly = evaluate(judge.predict("simclr"), condition.episodes(lambda x: x, episodes=2))
    assert judge("simclr", condition, episodes=2).per_episode.tolist() == slowly.per_episode.tolist()


def test_two_views_of_half_as_many_pictures_are_as_many_pictures(images):
    contender = BUILD["simclr"](replace(COMMON, queries=3), images, 0, **TRIAL["simclr"])
    batch = contender.batch(0)
    assert len(batch.x_a) + len(batch.x_b) == replace(COMMON, queries=3).pictures
    assert contender.loss(contender.theta, batch).isfinite()


def test_all_start_from_one_backbone(images):
    first, *others = (BUILD[name](COMMON, images, 3, **TRIAL.get(name, {})).theta
                      for name in ("protonet_ways", "anil", "supervised", "simclr"))
    assert all(p.equal(theta[name]) for theta in others for name, p in first.items())


def test_everybody_gets_three_trials_but_for_pixels():
    trials = {**transfer_or_meta_glyphs.TRIALS, **FITTED}
    assert {len(tried) for name, tried in trials.items() if name != "pixels"} == {3}
