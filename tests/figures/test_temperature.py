"""Softened answers: pencil values of bits and gradients, and what T² keeps."""
import math

import pytest
import torch

from metacourse import figures
from metacourse.figures.temperature import TEMPERATURES, shares, shown, softened
from metacourse.methods import distillation


def test_two_equal_classes_are_one_bit_and_pull_at_nobody():
    answer = softened(torch.zeros(1, 2), [1, 5])
    assert answer.p.tolist() == [[[0.5, 0.5]]] * 2
    assert answer.entropy.flatten().tolist() == pytest.approx([1, 1])
    assert answer.squared.abs().max() < 1e-12


def test_the_gradient_of_one_picture_by_hand():
    # z = (ln 9, 0): p = (0.9, 0.1) at T = 1, and q − p = (−0.4, 0.4); at T = 2 p = (0.75, 0.25), over T
    answer = softened(torch.tensor([[math.log(9), 0.0]]), [1, 2])
    assert answer.plain.flatten().tolist() == pytest.approx([0.4 * math.sqrt(2), 0.25 * math.sqrt(2) / 2])
    assert answer.squared.flatten().tolist() == pytest.approx([0.4 * math.sqrt(2), 0.25 * math.sqrt(2) * 2])
    assert answer.label == pytest.approx(math.sqrt(0.5))     # (½, ½) − (1, 0)
    assert answer.entropy[0, 0] == pytest.approx(-0.9 * math.log2(0.9) - 0.1 * math.log2(0.1))


def test_with_the_square_the_gradient_tends_to_the_centered_logits_over_the_classes():
    logits = torch.tensor([[4.0, -1.0, 0.0]])                # centered: (3, −2, −1); Equation 4 of the paper
    answer = softened(logits, [1000.0])
    assert answer.squared.item() == pytest.approx(math.sqrt(14) / 3, rel=1e-2)
    assert answer.plain.item() == pytest.approx(math.sqrt(14) / 3 / 1000**2, rel=1e-2)


def test_pictures_do_not_see_each_other(rng):
    logits = torch.randn(5, 4, generator=rng)
    together, alone = softened(logits), softened(logits[3:4])
    for name in ("p", "entropy", "squared", "plain"):
        assert torch.allclose(getattr(together, name)[:, 3], getattr(alone, name)[:, 0])


def test_the_gradient_is_that_of_finite_differences():
    logits, T, step = torch.tensor([[2.0, 0.5, -1.0]], dtype=torch.float64), 3.0, 1e-5
    moved = step * torch.eye(3, dtype=torch.float64)
    up, down = (torch.stack([distillation.response(sign * z[None], logits, temperature=T) for z in moved])
                for sign in (1, -1))
    slope = (up - down) / (2 * step)
    assert softened(logits, [T]).squared.item() == pytest.approx(slope.norm().item(), rel=1e-3)


def test_of_many_classes_the_likeliest_come_first_and_the_others_are_summed():
    logits = torch.arange(20.0)
    assert shown(logits) == list(range(19, 9, -1)) and shown(logits[:12]) == list(range(12))
    p = torch.full((1, 20), 0.05)
    assert shares(p, shown(logits)) == [pytest.approx([0.05] * 10 + [0.5])]
    assert shares(p[:, :3], [0, 1, 2]) == [pytest.approx([0.05] * 3)]


def test_the_picture_tells_every_temperature_that_it_shows():
    image = torch.zeros(1, 4, 4, dtype=torch.uint8)
    picture = figures.temperature(torch.tensor([3.0, 0.0, 1.0]), image, y=0, names=["b", "d", "p"],
                                  temperatures=(1, TEMPERATURES[-1]), title="What else?")
    assert "T = 1: 0.84 for b" in picture.alt and "T = 30: 0.35 for b" in picture.alt
    assert "(the label's: 0.82)" in picture.alt              # √(1 − 1/3)


def test_many_classes_and_no_picture_are_drawn_too():
    assert figures.temperature(torch.arange(40.0), temperatures=(1,), title="What?").png
