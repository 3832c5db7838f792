"""A full run: every method learns as its recipe says, and its row can be computed again."""
from dataclasses import replace

import pytest
import torch

from metacourse import episode
from metacourse.data.sampling import sample_episodes
from metacourse.experiments import full_run, full_run_data, full_run_methods, papers, runner
from metacourse.experiments.full_run_methods import BUILD, NAMES
from metacourse.experiments.full_run_recipes import longer, scales, smoke
from metacourse.models.conv4 import Conv4
from metacourse.training import Evaluation, History

SETTINGS, SMOKE, _ = full_run.of("omniglot", way=5, shot=1)


@pytest.fixture
def images(rng):
    return torch.randint(0, 256, (6, 20, 1, 28, 28), generator=rng, dtype=torch.uint8)


@pytest.fixture
def run(tmp_path, monkeypatch, images):
    """A smoke run on made pictures, whose checkpoints go to a folder of its own."""
    monkeypatch.setenv("METACOURSE_CACHE", str(tmp_path))
    pictures = dict.fromkeys(("train", "val", "test"), images)
    monkeypatch.setitem(full_run.DATA, "omniglot", full_run_data.Data(lambda run: pictures))
    return runner.Run("full", torch.device("cpu"), smoke=True)


def clock_at(*times):
    clock = full_run.Clock("cpu")
    clock.seconds += times
    return clock


def test_the_seconds_to_a_level_are_those_of_the_first_validation_that_reached_it():
    history = History(torch.zeros(30), [(10, 0.85), (20, 0.96), (30, 0.94)], 20, 99.0, "done")
    found = full_run.seconds(history, clock_at(1.0, 2.04, 3.0))
    assert found == {"seconds": 3.0, "seconds_to": {"90": 2.0, "95": 2.0, "98": None}}


def test_the_clock_stands_still_while_it_is_stopped_and_goes_on_after_a_checkpoint(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(full_run.time, "perf_counter", lambda: now[0])
    clock = full_run.Clock("cuda")
    for training, validating in ((5, 100), (7, 100)):
        now[0] += training
        clock.stop()
        now[0] += validating
        clock.start()
    assert clock.seconds == [5, 12]
    later = full_run.Clock("cuda")
    later.load_state_dict(clock.state_dict())
    now[0] += 1
    later.stop()
    assert later.seconds == [5, 12, 13] and clock.seconds == [5, 12]


def test_the_answers_that_were_right_give_the_accuracy_of_every_episode():
    per_episode = torch.tensor([75, 0, 71], dtype=torch.double) / 75
    found = Evaluation(per_episode.mean().item(), 0.0, per_episode, 0.2, "inductive", "")
    assert full_run.counts(found, of=75) == {"correct": "75 0 71", "of": 75}


def test_every_number_of_a_paper_belongs_to_a_method_that_runs_and_says_how_it_was_measured():
    for data, way, shot in papers.NUMBERS:
        for method, number in papers.NUMBERS[data, way, shot].items():
            assert method in BUILD and method in NAMES and 1 / way < number < 1
            assert papers.protocol(data, way, shot, method)
    assert papers.number("cub", 5, 1, "maml") is papers.protocol("omniglot", 5, 1, "anil") is None


@pytest.mark.filterwarnings("ignore::metacourse.training.ChanceWarning")
def test_a_finished_method_is_not_trained_again(run, monkeypatch):
    settings = replace(SMOKE, methods=("protonet", "maml_plus_plus"))
    first = full_run.compare(settings, run)

    def never(*_):
        raise AssertionError("trained again")
    for name in settings.methods:
        build = BUILD[name]
        monkeypatch.setitem(BUILD, name, lambda *asked, build=build: build(*asked)._replace(loss=never))
    again = full_run.compare(settings, replace(run, resume=True))
    assert again["table"] == first["table"]
    was, now = (part["curves"]["protonet"][0]["training_seconds"] for part in (first, again))
    assert was == now
    assert first["budget"] == "a moment" == first["table"][0]["budget"]
    assert [row["setting"] for row in first["table"]] == ["ProtoNet", "MAML++"]
    assert first["table"][0]["paper"] == 0.988 and "60-way" in first["table"][0]["paper_protocol"]


@pytest.mark.parametrize("method", BUILD)
def test_each_method_has_the_policy_of_its_paper(method, images, rng):
    recipe = smoke(SETTINGS.scale("cpu")).recipes[method]
    learner = BUILD[method](recipe, images, 0)
    drawn = sample_episodes(images, tasks=1, way=5, shot=1, queries=3, rng=rng)
    support, x = episode.task(drawn, 0).support, drawn.query.x[0].flatten(0, 1)
    predict = learner.predict(learner.theta)
    alone = torch.cat([predict(support, x[i:i + 1]) for i in range(3)])
    inductive = torch.allclose(alone, predict(support, x)[:3], atol=1e-3)
    assert inductive == (method in ("protonet", "matching", "relation", "siamese"))


def test_what_reptile_learns_from_are_all_pictures_of_its_tasks(images):
    recipe = smoke(SETTINGS.scale("cpu")).recipes["reptile"]
    batch = BUILD["reptile"](recipe, images, 0).batch(0)
    assert batch.support.x.shape[:3] == (1, 5, recipe.shot + recipe.queries)
    assert batch.support.x[:, :, recipe.shot:].equal(batch.query.x)


def test_first_order_maml_begins_as_maml_and_walks_differently(images):
    recipe = smoke(SETTINGS.scale("cpu")).recipes["maml"]
    one, other = (BUILD[name](recipe, images, 0) for name in ("maml", "fomaml"))
    assert all(p.equal(other.theta[name]) for name, p in one.theta.items())
    (loss, g), (same, first_order) = one.loss(one.theta, one.batch(0)), other.loss(one.theta, one.batch(0))
    torch.testing.assert_close(loss, same)
    assert not torch.allclose(g["head.weight"], first_order["head.weight"], rtol=1e-3)


def test_photographs_meet_the_pooled_network_of_the_papers():
    recipe = replace(smoke(scales(5, 1, photos=True)["cpu"]).recipes["maml"], channels=8)
    _, theta = full_run_methods.classifier(recipe, torch.zeros(5, 2, 3, 84, 84, dtype=torch.uint8), 0)
    theirs = dict(Conv4(8, in_channels=3, way=5, size=84, norm="batch").named_parameters())
    assert {name: p.shape for name, p in theta.items()} == {name: p.shape for name, p in theirs.items()}


@pytest.mark.parametrize("way, shot", [(5, 1), (5, 5), (20, 1), (20, 5), (10, 10)])
def test_a_recipe_of_minutes_sees_about_as_many_pictures_whatever_the_setting(way, shot):
    def pictures(recipe):
        return recipe.steps * recipe.tasks * recipe.way * (recipe.shot + recipe.queries)
    small, usual = scales(way, shot)["cpu"].recipes, SETTINGS.scale("cpu").recipes
    assert set(small) == set(BUILD) == set(scales(way, shot, photos=True)["cuda"].recipes)
    for name, recipe in small.items():
        assert pictures(recipe) == pytest.approx(pictures(usual[name]), rel=0.02)


def test_in_the_papers_budget_maml_has_the_steps_of_its_paper():
    maml_5, maml_20 = (scales(way, 1)["cuda"].recipes["maml"] for way in (5, 20))
    assert (maml_5.steps, maml_5.tasks, maml_5.inner_lr, maml_5.inner_steps, maml_5.test_steps) == \
        (60_000, 32, 0.4, 1, 3)
    assert (maml_20.tasks, maml_20.inner_lr, maml_20.inner_steps) == (16, 0.1, 5)
    assert SETTINGS.scale("mps") is SETTINGS.scale("cpu")


@pytest.mark.parametrize("data", ["mini_imagenet", "cub"])
def test_missing_photographs_are_told_with_what_is_wanted(data, tmp_path):
    folder = full_run_data.DATA[data].needs
    for where, message in ((None, "no data"), (tmp_path, "has no folder")):
        with pytest.raises(FileNotFoundError, match=rf"{message}.*--data FOLDER.*|{message} {folder}"):
            full_run_data.DATA[data].load(runner.Run("x", torch.device("cpu"), where))


def test_a_longer_run_has_the_same_recipes_and_more_steps():
    usual = SETTINGS.scale("cpu")
    more = longer(usual, 9, budget="long")
    assert more.recipes["protonet"].steps == 9 * usual.recipes["protonet"].steps
    assert replace(more.recipes["maml"], steps=usual.recipes["maml"].steps) == usual.recipes["maml"]
    assert more.budget == "long" and more.validations > usual.validations
