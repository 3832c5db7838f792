import math

import pytest
import torch
import torch.nn.functional as F
from torch.func import grad, vmap

from metacourse.episode import Examples
from metacourse.methods import dann
from tests.methods.two_domain_pencil import (
    Z_SOURCE,
    Z_TARGET,
    as_images,
    classify,
    domain,
    embed,
    make_theta,
    source,
)

PARTS = (embed, classify, domain)


@pytest.fixture
def theta(rng):
    return make_theta(rng)


def undecided(theta, z):
    return torch.zeros(len(z))


def gradients(theta, reversal):
    value = dann.loss(*PARTS, theta, source(), as_images(Z_TARGET), reversal=reversal)
    return dict(zip(theta, torch.autograd.grad(value, theta.values())))


@pytest.mark.parametrize("reversal", [0.0, 0.3, 1.0])
def test_forward_is_the_identity_and_the_gradient_exactly_minus_lambda_times(rng, reversal):
    z = torch.randn(4, 3, generator=rng).requires_grad_()
    out, pulled = dann.reverse(z, reversal=reversal), torch.randn(4, 3, generator=rng)
    assert out.equal(z)
    found, = torch.autograd.grad((pulled * out).sum(), z)
    assert found.equal(-reversal * pulled)


def test_the_reversal_works_under_grad_and_vmap(rng):
    z = torch.randn(5, 3, generator=rng)
    slope = grad(lambda z: dann.reverse(z, reversal=0.5).square().sum())
    torch.testing.assert_close(vmap(slope)(z), -0.5 * 2 * z)
    torch.testing.assert_close(slope(z), -0.5 * 2 * z)


def test_reversing_twice_turns_the_gradient_back(rng):
    z = torch.randn(3, generator=rng)
    twice = grad(lambda z: dann.reverse(dann.reverse(z, reversal=2.0), reversal=0.5).sum())
    assert twice(z).equal(torch.ones(3))


def test_the_embedding_climbs_what_the_domain_head_descends(theta):
    z_source, z_target = (embed(theta, as_images(z)) for z in (Z_SOURCE, Z_TARGET))
    plain = dann.domain_loss(domain, theta, z_source, z_target)
    d_embed, d_domain = torch.autograd.grad(plain, [theta["embed"], theta["domain"]])
    watched, reversed_ = gradients(theta, 0.0), gradients(theta, 0.7)
    torch.testing.assert_close(reversed_["embed"] - watched["embed"], -0.7 * d_embed)
    for each in (watched, reversed_):                                # λ leaves the head's own gradient alone
        torch.testing.assert_close(each["domain"], d_domain)


def test_the_class_head_never_hears_of_the_domains(theta):
    scores = classify(theta, embed(theta, source().x))
    alone, = torch.autograd.grad(F.cross_entropy(scores, source().y), theta["classify"])
    torch.testing.assert_close(gradients(theta, 1.0)["classify"], alone)


def test_who_cannot_tell_the_domains_pays_log_two_for_each():
    value = dann.domain_loss(undecided, {}, Z_SOURCE, Z_TARGET[:3])
    assert value.item() == pytest.approx(2 * math.log(2))


def test_the_domain_loss_is_binary_cross_entropy_with_the_target_as_one(theta, rng):
    z_source, z_target = torch.randn(4, 3, generator=rng), torch.randn(2, 3, generator=rng)
    expected = sum(F.binary_cross_entropy_with_logits(domain(theta, z), torch.full((len(z), 1), float(d)))
                   for d, z in enumerate((z_source, z_target)))
    torch.testing.assert_close(dann.domain_loss(domain, theta, z_source, z_target), expected)


def test_each_domain_counts_half_however_many_images_it_has():
    def always_source(theta, z):
        return torch.full((len(z), 1), -9.0)

    def first_number(theta, z):
        return z[:, 0] - 2.5
    assert dann.domain_accuracy(always_source, {}, Z_SOURCE, Z_TARGET[:2]) == 0.5
    assert dann.domain_accuracy(first_number, {}, Z_SOURCE, Z_TARGET) == 1.0


def test_predictions_are_the_class_scores_of_any_image(theta):
    scores = dann.predict(embed, classify, theta, as_images(Z_TARGET))
    assert scores.equal(classify(theta, embed(theta, as_images(Z_TARGET)))) and not scores.requires_grad


def test_lambda_rises_from_zero_to_nearly_one():
    assert dann.schedule(0.0) == 0.0
    assert dann.schedule(1.0) == pytest.approx(math.tanh(5.0))       # 2σ(10) − 1
    rising = [dann.schedule(i / 20) for i in range(21)]
    assert rising == sorted(rising) and max(rising) < 1


@pytest.mark.parametrize("reversal, closer", [(0.0, False), (1.0, True)])
def test_a_step_against_a_head_that_can_tell_moves_the_clouds_together(reversal, closer):
    """The head looks at the first number, in which the clouds are 3 apart; no class pulls anywhere."""
    theta = {"embed": torch.eye(2).requires_grad_(), "classify": torch.zeros(2, 2)}
    value = dann.loss(embed, classify, lambda theta, z: z[:, 0] - 2.5, theta, source(), as_images(Z_TARGET),
                      reversal=reversal)
    gradient, = torch.autograd.grad(value, theta["embed"])
    moved = {**theta, "embed": (theta["embed"] - 0.1 * gradient).detach()}
    z_source, z_target = (embed(moved, as_images(z)).mean(0) for z in (Z_SOURCE, Z_TARGET))
    gap = (z_target - z_source).norm().item()
    assert gap < 2.9 if closer else gap == 3.0


@pytest.mark.parametrize("change, message", [
    (dict(target_x=as_images(Z_TARGET)[:0]), "4 source and 0 target images; wanted 2 or more of each"),
    (dict(target_x=as_images(Z_TARGET)[:1]), "4 source and 1 target images"),
    (dict(target_x=torch.zeros(4, 3, 1, 2)), r"\[1, 1, 2\], target images \[3, 1, 2\]; wanted one shape"),
    (dict(source=Examples(as_images(Z_SOURCE), torch.tensor([0, 1, 0, 2]))), "labels go from 0 to 2, and"),
    (dict(source=Examples(as_images(Z_SOURCE), torch.zeros(3).long())), r"4 source images came with labels"),
    (dict(reversal=-1.0), r"reversal=-1\.0; wanted λ ≥ 0: the minus sign is in the layer"),
    (dict(domain=classify), r"domain\(theta, z\) has shape \[4, 2\] for 4 vectors; wanted one logit"),
    (dict(embed=lambda theta, x: x), r"wanted \(4, 'dim'\), a vector for each"),
])
def test_domains_that_cannot_be_compared_are_refused(theta, change, message):
    given = dict(embed=embed, classify=classify, domain=domain, theta=theta, source=source(),
                 target_x=as_images(Z_TARGET), reversal=1.0)
    with pytest.raises(ValueError, match=message):
        dann.loss(**{**given, **change})


def test_progress_is_a_part_of_training():
    with pytest.raises(ValueError, match=r"progress=150\.0; wanted the part of training that is done"):
        dann.schedule(150.0)
