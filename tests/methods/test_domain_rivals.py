"""CORAL and MMD: two distances between the features of two domains, and the loss they share."""
import math

import pytest
import torch

from metacourse.episode import Examples
from metacourse.methods import coral, mmd
from tests.methods.two_domain_pencil import Z_SOURCE, Z_TARGET, as_images, classify, embed, make_theta, source

RIVALS = pytest.mark.parametrize("rival", [coral, mmd], ids=["coral", "mmd"])


@pytest.fixture
def z(rng):
    return torch.randn(6, 3, generator=rng, dtype=torch.float64)


@RIVALS
def test_equal_samples_lie_at_distance_zero(rival, z):
    assert abs(rival.distance(z, z)) < 1e-12
    assert abs(rival.distance(z, z[torch.tensor([3, 0, 5, 1, 4, 2])])) < 1e-12


@RIVALS
def test_samples_that_differ_lie_apart_whichever_comes_first(rival, z):
    wider = 2 * z[:4]
    there, back = rival.distance(z, wider), rival.distance(wider, z)
    assert there > 0.01
    torch.testing.assert_close(there, back)


@RIVALS
def test_the_distance_pulls_the_domains_together(rival, z):
    other = (3 * z).requires_grad_()
    before = rival.distance(z, other)
    before.backward()
    assert rival.distance(z, other.detach() - 0.1 * other.grad) < before


def test_coral_by_hand():
    """Two points at ±1 have the variance 2, two at ±2 have 8, and d = 1."""
    value = coral.distance(torch.tensor([[-1.0], [1.0]]), torch.tensor([[-2.0], [2.0]]))
    assert value.item() == (2 - 8)**2 / 4


def test_covariance_is_what_torch_computes(z):
    torch.testing.assert_close(coral.covariance(z), torch.cov(z.T))


def test_coral_does_not_see_a_shift_and_mmd_does():
    assert coral.distance(Z_SOURCE, Z_TARGET) == 0
    assert mmd.distance(Z_SOURCE, Z_TARGET) > 0.1


def test_mmd_by_hand():
    """Two points at 0 and two at 1: half of all pairs are 1 apart, so the scale is ½, and k(0, 1) = e⁻²."""
    value = mmd.distance(torch.zeros(2, 1), torch.ones(2, 1), widths=[1.0])
    assert value.item() == pytest.approx(1 + 1 - 2 * math.exp(-2))


def test_mmd_is_what_a_loop_over_pairs_gives(z):
    other = z[:4] + 1
    both = torch.cat([z, other])
    scale = sum((a - b).square().sum() for a in both for b in both) / len(both)**2

    def mean_k(first, second):
        return sum(torch.exp(-(a - b).square().sum() / (w * scale))
                   for a in first for b in second for w in mmd.WIDTHS) / (len(first) * len(second))
    expected = mean_k(z, z) + mean_k(other, other) - 2 * mean_k(z, other)
    torch.testing.assert_close(mmd.distance(z, other), expected)


def test_mmd_does_not_change_when_all_features_grow(z):
    torch.testing.assert_close(mmd.distance(100 * z, 100 * (z + 1)), mmd.distance(z, z + 1))


def test_features_that_are_all_the_same_give_zero_and_a_finite_gradient():
    z = torch.ones(4, 2, requires_grad=True)
    value = mmd.distance(z, torch.ones(3, 2))
    gradient, = torch.autograd.grad(value, z)
    assert value == 0 and gradient.isfinite().all()


@RIVALS
def test_the_loss_is_classification_plus_the_weighted_distance(rival, rng):
    theta, target_x = make_theta(rng), as_images(2 * Z_TARGET)
    plain = rival.loss(embed, classify, theta, source(), target_x, weight=0.0)
    apart = rival.distance(embed(theta, source().x), embed(theta, target_x))
    torch.testing.assert_close(rival.loss(embed, classify, theta, source(), target_x, weight=3.0),
                               plain + 3 * apart)
    scores = classify(theta, embed(theta, source().x))
    torch.testing.assert_close(plain, torch.nn.functional.cross_entropy(scores, source().y))
    assert rival.predict(embed, classify, theta, source().x).equal(scores)


@RIVALS
@pytest.mark.parametrize("change, message", [
    (dict(target_x=as_images(Z_TARGET)[:0]), "4 source and 0 target images; wanted 2 or more of each"),
    (dict(target_x=torch.zeros(4, 1, 2, 2)), r"target images \[1, 2, 2\]; wanted one shape for both"),
    (dict(source=Examples(as_images(Z_SOURCE), torch.tensor([0, -1, 0, 1]))), "labels go from -1 to 1"),
    (dict(weight=-1.0), r"weight=-1\.0; wanted 0 or more: below 0 the domains are driven apart"),
])
def test_domains_that_cannot_be_compared_are_refused(rival, rng, change, message):
    given = dict(embed=embed, classify=classify, theta=make_theta(rng), source=source(),
                 target_x=as_images(Z_TARGET), weight=1.0)
    with pytest.raises(ValueError, match=message):
        rival.loss(**{**given, **change})


@RIVALS
@pytest.mark.parametrize("other", [torch.zeros(4, 3), torch.zeros(1, 2)])
def test_features_of_other_lengths_or_of_one_image_are_refused(rival, other):
    with pytest.raises(ValueError, match="wanted 2 or more vectors of each domain, all of one length"):
        rival.distance(Z_SOURCE, other)


@pytest.mark.parametrize("widths", [(), (1.0, 0.0)])
def test_a_kernel_needs_widths_above_zero(widths):
    with pytest.raises(ValueError, match="wanted one number > 0 or more: each divides a distance"):
        mmd.distance(Z_SOURCE, Z_TARGET, widths=widths)
