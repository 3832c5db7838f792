"""Chapter 4's predictions that a pencil can answer, and the places where the chapter asks them."""
import math

import pytest
import torch

from metacourse.methods import distillation, simclr
from metacourse.quiz.questions import load

QUESTIONS = load("predictions_transfer")


def random(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def right(id):
    choice, = QUESTIONS[id].right_choices()
    return choice


def test_there_is_a_prediction_for_each_place_in_the_chapter():
    assert list(QUESTIONS) == ["4.1 depth", "4.1 negative", "4.2 few examples", "4.3 batch statistics",
                               "4.3 fifty percent", "4.3 real digits", "4.4 temperature", "4.4 student",
                               "4.5 flips", "4.5 collapse", "4.6 winner", "4.6 across"]


def test_where_clouds_are_equal_and_proportions_are_not_six_in_ten_is_the_best_there_is():
    """All ways in which ten target pictures, nine of the first class, can share the source's answers."""
    y = [0] * 9 + [1]
    answers = [[0] * 5 + [1] * 5, [1] * 5 + [0] * 5]                 # half and half, as on the source
    best = max(sum(a == b for a, b in zip(answer, y)) / 10 for answer in answers)
    assert right("4.3 fifty percent") == f"{best:.0%}".replace("%", " %") == "60 %"


def test_at_twice_a_high_temperature_the_gradient_without_its_factor_is_about_a_quarter():
    student, teacher = random(6, 5, seed=0).requires_grad_(), random(6, 5, seed=1)

    def size(temperature):
        loss = distillation.response(student, teacher, temperature=temperature) / temperature**2
        gradient, = torch.autograd.grad(loss, student)
        return gradient.norm()
    assert right("4.4 temperature") == "It is about a quarter."
    assert size(20.0) / size(10.0) == pytest.approx(0.25, abs=0.02)


def test_eight_pictures_in_one_point_cost_the_logarithm_of_fifteen():
    point = random(1, 4, seed=0).expand(8, 4)
    assert right("4.5 collapse") == f"log 15 ≈ {math.log(15):.2f}: one of fifteen others."
    assert simclr.nt_xent(point, point, temperature=0.5).item() == pytest.approx(math.log(15))
