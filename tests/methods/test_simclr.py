import math

import pytest
import torch
import torch.nn.functional as F

from metacourse.methods import simclr, views
from metacourse.methods.simclr import Views


@pytest.fixture
def pair(rng):
    z = torch.randn(5, 4, generator=rng, dtype=torch.float64)
    return z, z + 0.3 * torch.randn(5, 4, generator=rng, dtype=torch.float64)


def embed(theta, x):
    return x.flatten(1) @ theta["w"]


def project(theta, z):
    return z @ theta["head"]


@pytest.mark.parametrize("n", [2, 3, 8])
def test_identical_features_cost_the_logarithm_of_all_other_views(n):
    z = torch.ones(n, 3, dtype=torch.float64)
    assert simclr.nt_xent(z, 5 * z, temperature=0.3).item() == pytest.approx(math.log(2 * n - 1))


def test_two_pictures_at_right_angles_by_hand():
    """Each view has one other at cosine 1, two at cosine 0: −log(e^{1/τ} / (e^{1/τ} + 2))."""
    z = torch.eye(2, dtype=torch.float64)
    e = math.exp(2.0)
    assert simclr.nt_xent(z, z, temperature=0.5).item() == pytest.approx(-math.log(e / (e + 2)))


def test_the_loss_is_what_walking_through_all_views_gives(pair):
    z, n = torch.cat(pair), len(pair[0])

    def s(i, k):
        return F.cosine_similarity(z[i], z[k], dim=0) / 0.2
    each = []
    for i in range(2 * n):
        others = torch.stack([s(i, k) for k in range(2 * n) if k != i])
        each.append(others.logsumexp(0) - s(i, (i + n) % (2 * n)))
    torch.testing.assert_close(simclr.nt_xent(*pair, temperature=0.2), torch.stack(each).mean())


def test_swapping_views_shuffling_pictures_and_longer_vectors_change_nothing(pair):
    value, order = simclr.nt_xent(*pair, temperature=0.2), torch.tensor([4, 2, 0, 1, 3])
    for z_a, z_b in (pair[::-1], (pair[0][order], pair[1][order]), (7 * pair[0], pair[1])):
        torch.testing.assert_close(simclr.nt_xent(z_a, z_b, temperature=0.2), value)


def test_the_pictures_of_a_pair_must_match(pair):
    matched = simclr.nt_xent(*pair, temperature=0.2)
    assert simclr.nt_xent(pair[0], pair[1].roll(1, 0), temperature=0.2) > matched + 1


def test_a_batch_shows_the_same_pictures_twice_and_differently(rng):
    images = torch.randint(0, 256, (3, 4, 1, 8, 8), generator=rng, dtype=torch.uint8)
    shown = simclr.batch(images, size=5, view=lambda x, rng: x, rng=rng)
    assert shown.x_a.equal(shown.x_b) and shown.x_a.shape == (5, 1, 8, 8) and shown.x_a.max() <= 1
    seen = simclr.batch(images, size=5, view=views.glyphs, rng=rng)
    assert not seen.x_a.equal(seen.x_b)


def test_the_loss_goes_through_embedding_and_head(pair):
    theta = {"w": 2 * torch.eye(4, dtype=torch.float64), "head": torch.eye(4, dtype=torch.float64)[:, :3]}
    pictures = Views(*(z[:, None, None] for z in pair))
    torch.testing.assert_close(simclr.loss(embed, project, theta, pictures, temperature=0.2),
                               simclr.nt_xent(*(z[:, :3] for z in pair), temperature=0.2))


def test_a_few_steps_make_views_alike_and_pictures_different(rng):
    x = torch.randn(6, 1, 1, 8, generator=rng)
    noise = [0.5 * torch.randn(6, 1, 1, 8, generator=rng) for _ in range(2)]
    theta = {"w": torch.randn(8, 4, generator=rng).requires_grad_(), "head": torch.eye(4)}
    losses = []
    for _ in range(30):
        value = simclr.loss(embed, project, theta, Views(x + noise[0], x + noise[1]), temperature=0.5)
        gradient, = torch.autograd.grad(value, theta["w"])
        theta["w"] = (theta["w"] - 0.5 * gradient).detach().requires_grad_()
        losses.append(value.item())
    assert losses[-1] < losses[0] - 0.2


@pytest.mark.parametrize("n_a, n_b", [(0, 0), (1, 1), (3, 2)])
def test_a_batch_without_anything_to_compare_is_refused(n_a, n_b):
    with pytest.raises(ValueError, match=f"{n_a} and {n_b} views; wanted two of each picture, and 2"):
        simclr.nt_xent(torch.ones(n_a, 3), torch.ones(n_b, 3), temperature=1.0)


def test_a_temperature_must_be_positive(pair):
    with pytest.raises(ValueError, match="wanted a number > 0: it divides the scores"):
        simclr.nt_xent(*pair, temperature=0.0)


def test_maps_are_refused(pair):
    pictures = Views(*(z[:, None, None] for z in pair))
    with pytest.raises(ValueError, match=r"wanted \(5, 'dim'\), a vector for each"):
        simclr.loss(lambda theta, x: x, project, {}, pictures, temperature=1.0)
