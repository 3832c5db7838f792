from dataclasses import replace

import pytest
import torch

from metacourse.episode import Episode, task
from metacourse.methods import losses, maml, maml_plus_plus
from metacourse.methods.maml_plus_plus import ALL, Parts
from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from tests.methods.pencil import dot, half_square, one_number, pictures, slope

NOTHING = Parts()
EARLY, LATE = 0.0, 1.0                          # progress


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return functional(Conv4(8, way=3, size=16, norm="batch").double())


@pytest.fixture(scope="module")
def episodes():
    return pictures(torch.Generator().manual_seed(1), tasks=2, shot=1, queries=1, size=16)


def shaken(meta):
    """The same with all rows a little different, as after some training."""
    rng = torch.Generator().manual_seed(3)
    return {name: p * (1.1 - 0.2 * torch.rand(p.shape, generator=rng, dtype=p.dtype))
            for name, p in meta.items()}


def test_two_steps_match_the_hand_calculation():
    # θ = 3, y = 1, y′ = 2, α = 0.5, 0.1: φ₁ = 2, φ₂ = 1.9; both count a half at first.
    meta = maml_plus_plus.start({"w": torch.tensor(3.0)}, inner_lr=0.5, inner_steps=2,
                                parts=replace(ALL, step_norm=False))
    meta["rate/w"][1] = 0.1
    episode = Episode(one_number(1.0), one_number(2.0))
    parts = Parts(multi_step_loss=True, learned_rates=True)
    value, gradient = maml_plus_plus.meta_gradient(half_square, meta, episode, inner_steps=2, parts=parts,
                                                   progress=EARLY)
    assert value.item() == pytest.approx(0.5 * 0 + 0.5 * 0.5 * 0.1**2)
    assert gradient["w"].item() == pytest.approx(0.5 * -0.1 * 0.9 * 0.5)
    # dφ₂/dα₁ = (1 − 0.1) · −(3 − 1), dφ₂/dα₂ = −(2 − 1); φ₁ is at y′ and wants nothing
    assert gradient["rate/w"].tolist() == pytest.approx([0.5 * -0.1 * 0.9 * -2, 0.5 * -0.1 * -1])


@pytest.mark.parametrize("progress", [EARLY, LATE])
def test_with_all_parts_off_it_is_maml(network, episodes, progress):
    apply, theta = network
    loss = losses.cross_entropy(apply)
    meta = maml_plus_plus.start(theta, inner_lr=0.1, inner_steps=2, parts=NOTHING)
    value, gradient = maml_plus_plus.meta_gradient(loss, meta, episodes, inner_steps=2, parts=NOTHING,
                                                   progress=progress)
    expected = maml.meta_gradient(loss, theta, episodes, inner_lr=0.1, inner_steps=2)
    torch.testing.assert_close((value, {name: gradient.pop(name) for name in theta}), expected)
    assert not any(g.any() for g in gradient.values())                    # fixed rates stay where they are


@pytest.mark.parametrize("inner_steps", [0, 1, 2, 5, 10])
@pytest.mark.parametrize("progress", [0.0, 0.03, 0.0999, 0.1, 0.5, 1.0])
def test_the_weights_of_the_steps_sum_to_one_and_end_on_the_last(inner_steps, progress):
    weights = maml_plus_plus.loss_weights(inner_steps, progress)
    assert sum(weights) == pytest.approx(1.0) and min(weights) >= 0
    assert weights[-1] == pytest.approx(max(weights))
    if progress >= maml_plus_plus.MULTI_STEP_SHARE:
        assert weights == [0.0] * (max(inner_steps, 1) - 1) + [1.0]


def test_the_weights_begin_equal():
    assert maml_plus_plus.loss_weights(4, 0.0) == [0.25] * 4


@pytest.mark.parametrize("over", ["loop", "threads", "vmap"])
def test_meta_gradient_is_the_slope_that_finite_differences_measure(network, episodes, over, two_cores):
    apply, theta = network
    loss, parts = losses.cross_entropy(apply), replace(ALL, annealed_order=False)
    meta = shaken(maml_plus_plus.start(theta, inner_lr=0.1, inner_steps=2, parts=parts))
    settings = dict(inner_steps=2, parts=parts, progress=0.05)
    rng = torch.Generator().manual_seed(2)
    direction = {name: torch.randn(p.shape, generator=rng, dtype=p.dtype) for name, p in meta.items()}
    measured = slope(lambda at: maml_plus_plus.meta_loss(loss, at, episodes, **settings), meta, direction,
                     h=1e-8)
    _, gradient = maml_plus_plus.meta_gradient(loss, meta, episodes, over=over, **settings)
    assert dot(gradient, direction) == pytest.approx(measured, rel=1e-4)


def test_normalization_never_mixes_steps(network, episodes):
    apply, theta = network
    meta = maml_plus_plus.start(theta, inner_lr=0.1, inner_steps=2, parts=ALL)
    seen = []

    def watched(theta, examples):
        seen.append((theta["body.0.1.weight"].mean().item(), theta["body.3.1.bias"].mean().item()))
        return losses.cross_entropy(apply)(theta, examples)
    rows = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)[:, None].expand(3, 8)
    meta |= {"step/body.0.1.weight": rows, "step/body.3.1.bias": 10 * rows}
    settings = dict(inner_steps=2, parts=replace(ALL, annealed_order=False))
    maml_plus_plus.task_loss(watched, meta, task(episodes, 0), progress=EARLY, **settings)
    support, query = [(1.0, 10.0), (2.0, 20.0)], [(2.0, 20.0), (3.0, 30.0)]
    assert seen == support + query


def test_a_row_that_no_query_meets_in_support_or_query_has_no_gradient(network, episodes):
    apply, theta = network
    meta = maml_plus_plus.start(theta, inner_lr=0.1, inner_steps=3, parts=ALL)
    first_order = dict(inner_steps=3, parts=replace(ALL, multi_step_loss=False), progress=EARLY)
    _, gradient = maml_plus_plus.meta_gradient(losses.cross_entropy(apply), meta, episodes, **first_order)
    rows = gradient["step/body.0.1.weight"].abs().sum(1)
    assert (rows[:3] == 0).all() and rows[3] > 0                          # first-order: only φ₃'s own row
    _, gradient = maml_plus_plus.meta_gradient(losses.cross_entropy(apply), meta, episodes,
                                               **{**first_order, "progress": LATE})
    assert (gradient["step/body.0.1.weight"].abs().sum(1) > 0).all()      # second order: every step's row


def test_statistics_are_those_of_the_step_and_of_nothing_before(network, episodes):
    apply, theta = network
    loss = losses.cross_entropy(apply)
    meta = shaken(maml_plus_plus.start(theta, inner_lr=0.1, inner_steps=2))
    first, second = (task(episodes, i) for i in range(2))

    def scores(episode, scale=1.0):
        x = scale * episode.query.x.flatten(0, 1)
        return maml_plus_plus.predict(apply, meta, episode.support, x, loss=loss, inner_steps=2)
    alone = scores(second)
    scores(first, scale=100.0)
    assert scores(second).equal(alone)


def test_order_is_first_until_a_third_of_training_is_done(network, episodes):
    apply, theta = network
    loss, parts = losses.cross_entropy(apply), Parts(annealed_order=True)
    meta = maml_plus_plus.start(theta, inner_lr=0.1, inner_steps=1, parts=parts)
    for progress, first_order in [(0.3, True), (0.34, False)]:
        _, gradient = maml_plus_plus.meta_gradient(loss, meta, episodes, inner_steps=1, parts=parts,
                                                   progress=progress)
        _, expected = maml.meta_gradient(loss, theta, episodes, inner_lr=0.1, inner_steps=1,
                                         first_order=first_order)
        torch.testing.assert_close({name: gradient[name] for name in theta}, expected)


@pytest.mark.parametrize("settings, message", [
    (dict(inner_lr=0.0, inner_steps=1), "inner_lr=0.0"),
    (dict(inner_lr=0.1, inner_steps=-1), "inner_steps=-1"),
    (dict(inner_lr=0.1, inner_steps=1), "no normalization layer: build its network with norm='batch'"),
])
def test_a_start_that_cannot_be_is_said(settings, message):
    parts = Parts(step_norm="norm" in message)
    with pytest.raises(ValueError, match=message):
        maml_plus_plus.start({"w": torch.tensor(3.0)}, parts=parts, **settings)


def test_progress_is_a_share(episodes):
    with pytest.raises(ValueError, match=r"progress=150.0; .* in \[0, 1\]"):
        maml_plus_plus.task_loss(half_square, {}, episodes, inner_steps=1, progress=150.0)
