"""The weights that travel with the library score what their results files say, on the data drawn now."""
from functools import partial

import pytest
import torch

from metacourse import results
from metacourse.data import glyphs
from metacourse.data.sampling import test_episodes as episodes_of
from metacourse.experiments import (
    distillation_glyphs,
    distillation_parts,
    few_shot,
    finetuning_glyphs,
    foundation_features,
    in_context_glyphs,
    maml_sinusoids,
    starts,
    transfer_parts,
)
from metacourse.experiments.contender import Common, Condition, Judge
from metacourse.experiments.contenders import BUILD
from metacourse.methods import in_context, losses, maml, supervised
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.training import evaluate


@pytest.fixture(scope="module")
def images():
    return glyphs.load("test").images


def scored(name, predict, images, recorded, episodes=20):
    measured = evaluate(predict, episodes_of(images, episodes=episodes))
    assert measured.accuracy == pytest.approx(recorded["accuracy"], abs=2 * measured.interval), name


def test_protonet(images):
    embed, _ = few_shot.network(0, channels=32, norm="group")
    z = few_shot.embedded(embed, results.weights("protonet_glyphs"), images)
    recorded = results.load("protonet_glyphs")["protonet"]["0"]
    again = few_shot.evaluate_prototypes(z, episodes=recorded["episodes"])
    assert again.accuracy == pytest.approx(recorded["accuracy"], abs=0.002)


def test_a_start_for_gradient_descent(images):
    result = results.load("reptile_glyphs")
    apply, _ = few_shot.network(0, channels=result["settings"]["channels"], norm="group", way=5)
    inner = {setting: result["settings"][setting] for setting in ("inner_lr", "inner_steps")}
    theta = results.weights("reptile_glyphs")
    predict = partial(maml.predict, apply, theta, loss=losses.cross_entropy(apply), **inner)
    scored("reptile_glyphs", predict, images, result["reptile"]["0"])


def test_in_context(images):
    result = results.load("in_context_glyphs")
    apply, _ = in_context_glyphs.reader(in_context_glyphs.Settings(), 0)
    tests = [kept["test"]["0"] for kept in result["by_classes"].values()]
    predict = partial(in_context.predict, apply, results.weights("in_context_glyphs"))
    scored("in_context_glyphs", predict, images, max(tests, key=lambda test: test["accuracy"]))


@pytest.mark.parametrize("suffix, start", [("", "maml"), ("_joint", "joint")])
def test_starts_on_sine_waves(suffix, start):
    result = results.load("maml_sinusoids")
    settings = maml_sinusoids.Settings()
    apply, _ = maml_sinusoids.network(settings.hidden, 0)
    theta = results.weights("maml_sinusoids" + suffix)
    _, errors = maml_sinusoids.tested(settings, losses.mse(apply), theta, shot=10, tuned=start == "joint")
    assert errors.mean(0).tolist() == pytest.approx(result["walk"]["10"][start]["0"], abs=0.01)


def test_maml_of_the_family(images):
    result = results.load("maml_family_glyphs")
    if not result:
        pytest.skip(repr(result))
    training = starts.Training(test_episodes=50)
    apply, _ = starts.network(training, 0)
    walked = starts.walk(apply, results.weights("maml_family_glyphs"), starts.tests(training, images, 50),
                         steps=[1], inner_lr=training.inner_lr)
    measured, recorded = starts.score(walked[1], training), result["maml"]["0"]
    assert measured["accuracy"] == pytest.approx(recorded["accuracy"], abs=2 * measured["interval"])


@pytest.mark.parametrize("name", ["protonet", "maml"])
def test_a_contender_of_the_comparison(images, name):
    result = results.load("few_shot_comparison_glyphs")
    contender = BUILD[name](Common(**result["settings"]["common"]), images, seed=0)
    weights = results.weights("few_shot_comparison_glyphs")
    theta = {key: weights[f"{name}.{key}"] for key in contender.theta}
    again = Judge(contender, theta)(name, Condition("glyphs", 1, images, images), episodes=50)
    recorded = result["accuracy"]["glyphs"]["1"][name]["0"]
    assert again.accuracy == pytest.approx(recorded["accuracy"], abs=2 * again.interval)


def test_a_head_on_the_pretrained_body_of_chapter_4():
    result, body = results.load("finetuning_glyphs"), results.weights("finetuning_glyphs")
    settings = finetuning_glyphs.Settings()
    _, fresh = transfer_parts.network(settings.pretraining.channels, 2, seed=0)
    scripts = glyphs.load("test", drawings=settings.drawings)
    found = finetuning_glyphs.accuracies(settings, "head", result["chosen"]["head"]["1"], {**fresh, **body},
                                         scripts, shot=1, seed=0)
    recorded = result["accuracy"]["glyphs"]["head"]["1"]["0"]["accuracy"]
    assert sum(found) / len(found) == pytest.approx(recorded, abs=0.01)


def test_features_of_a_published_network():
    result, settings = results.load("foundation_features"), foundation_features.Settings(test_episodes=60)
    if not result:
        pytest.skip(repr(result))
    z = foundation_features.unpacked(results.weights("foundation_features"))
    again = foundation_features.scored(settings, z, torch.zeros(z.shape[-1]), shot=5)
    assert z.shape == (len(result["kept"]["names"]), 20, result["dim"][settings.network])
    assert again["accuracy"] == pytest.approx(result["kept"]["5"]["accuracy"], abs=2 * again["interval"])


def test_the_teacher_of_letters_and_digits():
    result, settings = results.load("distillation_glyphs"), distillation_glyphs.Settings()
    if not result:
        pytest.skip(repr(result))
    embed, _ = functional(StridedConv4(settings.teacher))
    theta = {name: p.float() for name, p in results.weights("distillation_glyphs").items()}
    new = distillation_glyphs.characters(sum(settings.drawings)).images[:, -settings.drawings[-1]:]
    right = distillation_parts.answers(partial(supervised.scores, embed), theta, new)
    again = distillation_parts.score(right)
    assert again["accuracy"] == pytest.approx(result["teacher"]["0"]["accuracy"], abs=0.005)
