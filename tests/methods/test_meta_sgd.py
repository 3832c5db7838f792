import pytest
import torch

from metacourse.episode import Episode, task
from metacourse.methods import losses, maml, meta_sgd
from tests.methods.pencil import dot, half_square, one_number, pictures, slope, small_net, small_theta

cross_entropy = losses.cross_entropy(small_net)


@pytest.fixture
def meta():
    rng = torch.Generator().manual_seed(0)
    meta = meta_sgd.start(small_theta(rng), 0.3)
    uneven = {name: 0.2 * torch.randn(p.shape, generator=rng, dtype=p.dtype) for name, p in meta.items()}
    return {name: p + uneven[name] if name.startswith("rate/") else p for name, p in meta.items()}


@pytest.fixture
def episodes():
    return pictures(torch.Generator().manual_seed(1), tasks=3)


def test_meta_gradient_matches_the_hand_calculation():
    meta, episode = meta_sgd.start({"w": torch.tensor(3.0)}, 0.1), Episode(one_number(1.0), one_number(2.0))
    _, gradient = meta_sgd.meta_gradient(half_square, meta, episode, inner_steps=1)
    assert gradient["w"].item() == pytest.approx(0.9 * 0.8)               # φ = 2.8, and dφ/dθ = 1 − α
    assert gradient["rate/w"].item() == pytest.approx(-2.0 * 0.8)         # dφ/dα = −(3 − 1)


def test_every_parameter_has_a_rate_of_its_own(episodes):
    theta = small_theta(torch.Generator().manual_seed(0))
    meta = meta_sgd.start(theta, 0.3)
    assert all(meta["rate/" + name].shape == p.shape for name, p in theta.items())
    meta["rate/head"][4, 1] = 0.0
    phi = meta_sgd.adapt(cross_entropy, meta, task(episodes, 0).support, inner_steps=2)
    stayed = phi["head"] == theta["head"]
    assert stayed.sum() == 1 and stayed[4, 1]


@pytest.mark.parametrize("inner_steps", [1, 4])
def test_with_all_rates_equal_it_is_maml(episodes, inner_steps):
    theta = small_theta(torch.Generator().manual_seed(0))
    value, gradient = meta_sgd.meta_gradient(cross_entropy, meta_sgd.start(theta, 0.3), episodes,
                                             inner_steps=inner_steps)
    expected = maml.meta_gradient(cross_entropy, theta, episodes, inner_lr=0.3, inner_steps=inner_steps)
    torch.testing.assert_close((value, {name: gradient[name] for name in theta}), expected)


@pytest.mark.parametrize("over", ["loop", "threads", "vmap"])
def test_meta_gradient_is_the_slope_that_finite_differences_measure(meta, episodes, over, two_cores):
    direction = meta_sgd.start(small_theta(torch.Generator().manual_seed(2)), 0.7)
    inner = dict(inner_steps=3)
    measured = slope(lambda at: meta_sgd.meta_loss(cross_entropy, at, episodes, **inner), meta, direction)
    _, gradient = meta_sgd.meta_gradient(cross_entropy, meta, episodes, over=over, **inner)
    assert dot(gradient, direction) == pytest.approx(measured, rel=1e-6)


def test_predict_scores_with_the_adapted_parameters(meta, episodes):
    support, x = task(episodes, 0).support, task(episodes, 0).query.x.flatten(0, 1)
    scores = meta_sgd.predict(small_net, meta, support, x, loss=cross_entropy, inner_steps=2)
    phi = meta_sgd.adapt(cross_entropy, meta, support, inner_steps=2)
    torch.testing.assert_close(scores, small_net(phi, x))


def test_what_cannot_be_is_said(meta, episodes):
    with pytest.raises(ValueError, match=r"inner_lr=-0\.1"):
        meta_sgd.start({"w": torch.tensor(3.0)}, -0.1)
    with pytest.raises(ValueError, match="inner_steps=-1"):
        meta_sgd.meta_gradient(cross_entropy, meta, episodes, inner_steps=-1)
    with pytest.raises(ValueError, match="parameters without rates; use `start` first"):
        meta_sgd.adapt(cross_entropy, {"w": torch.tensor(3.0)}, episodes.support, inner_steps=1)
    steep = {**meta, "rate/head": torch.full_like(meta["head"], float("inf"))}
    with pytest.raises(FloatingPointError, match=r"at inner step 2 of 3 .* lower the inner learning rates"):
        meta_sgd.meta_gradient(cross_entropy, steep, episodes, inner_steps=3, over="vmap")
