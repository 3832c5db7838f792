import math

import pytest
import torch
import torch.nn.functional as F

from metacourse.episode import Examples
from metacourse.methods import distillation


@pytest.fixture
def student(rng):
    return torch.randn(4, 3, generator=rng, dtype=torch.float64).requires_grad_()


@pytest.fixture
def teacher(rng):
    rng.manual_seed(1)
    return 2 * torch.randn(4, 3, generator=rng, dtype=torch.float64)


def gradient(student, teacher, temperature):
    value = distillation.response(student, teacher, temperature=temperature)
    return torch.autograd.grad(value, student)[0]


def test_a_larger_temperature_is_softer():
    logits = torch.tensor([[math.log(4.0), 0.0]])
    torch.testing.assert_close(distillation.soften(logits, temperature=1.0), torch.tensor([[0.8, 0.2]]))
    torch.testing.assert_close(distillation.soften(logits, temperature=2.0), torch.tensor([[2 / 3, 1 / 3]]))


def test_the_loss_by_hand():
    """At T = 2 the teacher says 2/3 and 1/3, the student ½ and ½; T² is 4."""
    teacher, student = torch.tensor([[math.log(4.0), 0.0]]), torch.zeros(1, 2)
    expected = 4 * (2 / 3 * math.log(4 / 3) + 1 / 3 * math.log(2 / 3))
    assert distillation.response(student, teacher, temperature=2.0).item() == pytest.approx(expected)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_a_student_that_agrees_pays_nothing_and_stays(student, temperature):
    assert abs(distillation.response(student, student.detach(), temperature=temperature)) < 1e-12
    assert gradient(student, student.detach(), temperature).abs().max() < 1e-12
    assert gradient(student, student.detach() + 7.0, temperature).abs().max() < 1e-12   # so does a constant


def test_the_gradient_is_that_of_cross_entropy_to_the_soft_targets(student, teacher):
    p = distillation.soften(teacher, temperature=3.0)
    cross = -(p * (student / 3.0).log_softmax(-1)).sum(-1).mean()
    torch.testing.assert_close(gradient(student, teacher, 3.0), 9 * torch.autograd.grad(cross, student)[0])


def test_hot_distillation_matches_logits_up_to_a_constant(student, teacher):
    off = student - teacher
    off = off - off.mean(-1, keepdim=True)                                   # zero-meaned, image by image
    value = distillation.response(student, teacher, temperature=1e4)
    torch.testing.assert_close(value, 0.5 * off.square().mean(-1).mean(), rtol=1e-3, atol=0)
    torch.testing.assert_close(gradient(student, teacher, 1e4), off.detach() / (3 * 4), rtol=1e-3, atol=1e-6)


def test_the_gradient_keeps_its_size_as_the_temperature_rises(student, teacher):
    sizes = [gradient(student, teacher, T).norm() for T in (10.0, 1000.0)]
    assert 0.8 < sizes[0] / sizes[1] < 1.25


def test_the_teacher_learns_nothing(student, teacher):
    teacher.requires_grad_()
    (distillation.response(student, teacher, temperature=2.0)
     + distillation.features(student, teacher)).backward()
    assert teacher.grad is None and student.grad.norm() > 0


@pytest.mark.parametrize("soft", [0.0, 0.25, 1.0])
def test_soft_weighs_the_teacher_against_the_labels(student, teacher, soft):
    examples = Examples(torch.zeros(4, 1, 1, 1), torch.tensor([0, 1, 2, 0]))
    found = distillation.loss(lambda theta, x: theta["logits"], {"logits": student}, examples, teacher,
                              temperature=2.0, soft=soft)
    from_teacher = distillation.response(student, teacher, temperature=2.0)
    torch.testing.assert_close(found, soft * from_teacher + (1 - soft) * F.cross_entropy(student, examples.y))


def test_projected_features_by_hand():
    """z = 3 is projected to (3, 6); the teacher has (2, 3); so ½ · (1 + 9) / 2."""
    theta = {"project": torch.tensor([[1.0, 2.0]])}
    embed, project = lambda theta, x: x.flatten(1), lambda theta, z: z @ theta["project"]
    value = distillation.feature_loss(embed, project, theta, torch.full((1, 1, 1, 1), 3.0),
                                      torch.tensor([[2.0, 3.0]]))
    assert value.item() == 2.5


@pytest.mark.parametrize("temperature", [0.0, -1.0])
def test_a_temperature_must_be_positive(student, teacher, temperature):
    with pytest.raises(ValueError, match="wanted a number > 0: it divides the scores"):
        distillation.response(student, teacher, temperature=temperature)


def test_a_teacher_of_other_classes_is_refused(student):
    with pytest.raises(ValueError, match=r"\[4, 3\], the teacher's \[4, 5\]; wanted the same images and"):
        distillation.response(student, torch.zeros(4, 5), temperature=1.0)


def test_features_of_another_width_are_refused(student):
    with pytest.raises(ValueError, match=r"\[4, 3\], the teacher's \[4, 5\]; wanted the same: project"):
        distillation.features(student, torch.zeros(4, 5))


def test_soft_is_a_part(student, teacher):
    examples = Examples(torch.zeros(4, 1, 1, 1), torch.zeros(4).long())
    with pytest.raises(ValueError, match=r"soft=2\.0; wanted a weight from 0 \(labels only\) to 1"):
        distillation.loss(lambda theta, x: student, {}, examples, teacher, temperature=1.0, soft=2.0)
