"""Chapter 3's predictions that a pencil can answer, and the places where the chapter asks them."""
import pytest
import torch

from metacourse.methods import matching, protonet, siamese
from metacourse.quiz.questions import load

QUESTIONS = load("predictions_few_shot")


def random(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def right(id):
    choice, = QUESTIONS[id].right_choices()
    return choice


def test_there_is_a_prediction_for_each_place_in_the_chapter():
    assert list(QUESTIONS) == ["3.1 pixels", "3.2 squared", "3.2 ways", "3.2 shots", "3.3 one shot",
                               "3.4 margin", "3.5 untrained", "3.6 winner", "3.6 across", "3.7 alphabet"]


def test_a_root_changes_the_probabilities_and_no_answer():
    z, c = random(50, 4, seed=0), random(5, 4, seed=1)
    squared, plain = (protonet.log_probs(z, c, distance=name) for name in ("squared", "euclidean"))
    assert right("3.2 squared") == "The probabilities change, and every answer stays."
    assert torch.equal(squared.argmax(1), plain.argmax(1)) and not torch.allclose(squared, plain)


@pytest.mark.parametrize("temperature", [1.0, 0.1])
def test_with_one_shot_matching_and_prototypes_by_the_cosine_are_the_same(temperature):
    z, support = random(50, 4, seed=0), random(5, 1, 4, seed=1)
    by_mean = protonet.log_probs(z, support.mean(1), distance="cosine", temperature=temperature)
    assert right("3.3 one shot") == "In nothing, not even in the probabilities."
    assert torch.allclose(matching.log_probs(z, support, temperature=temperature), by_mean, atol=1e-5)


def test_with_hardly_a_margin_one_point_for_all_pictures_costs_next_to_nothing():
    point, same = torch.zeros(6, 4), torch.tensor([True, False] * 3)
    assert right("3.4 margin") == "All pictures in one point."
    assert siamese.contrastive(point, point, same, margin=1e-6) < 1e-9
    assert siamese.contrastive(random(6, 4, seed=0), point, same, margin=1e-6) > 0.1
