import pytest
import torch

from metacourse.episode import Examples, task
from metacourse.methods import finetune, losses
from tests.methods.pencil import half_square, pictures, small_net, small_theta

cross_entropy = losses.cross_entropy(small_net)


@pytest.fixture
def theta():
    return small_theta(torch.Generator().manual_seed(0))


@pytest.fixture
def episode():
    return task(pictures(torch.Generator().manual_seed(1), tasks=1), 0)


def test_the_first_adam_step_has_the_length_of_its_rate():
    support = Examples(torch.zeros(1), torch.ones(1))
    phi = finetune.fit(half_square, {"w": torch.tensor(3.0)}, support, steps=1, lr=0.1)
    assert phi["w"].item() == pytest.approx(2.9)


def test_enough_steps_memorize_the_support_set(theta, episode):
    phi = finetune.fit(cross_entropy, theta, episode.support, steps=100, lr=0.05)
    assert (small_net(phi, episode.support.x).argmax(-1) == episode.support.y).all()


def test_only_the_named_part_moves_and_theta_stays(theta, episode):
    before = {name: p.clone() for name, p in theta.items()}
    phi = finetune.fit(cross_entropy, theta, episode.support, steps=3, lr=0.05, only="head")
    assert [name for name in theta if not phi[name].equal(theta[name])] == ["head"]
    assert all(theta[name].equal(before[name]) for name in theta)


def test_from_scratch_is_prediction_from_a_network_drawn_anew(theta, episode):
    drawn, rng, x = [], torch.Generator().manual_seed(2), episode.query.x.flatten(0, 1)

    def fresh(support):
        assert support is episode.support
        drawn.append(small_theta(rng))
        return drawn[-1]
    scores = finetune.from_scratch(small_net, fresh, episode.support, x, loss=cross_entropy, steps=5, lr=0.05)
    again = finetune.predict(small_net, drawn[0], episode.support, x, loss=cross_entropy, steps=5, lr=0.05)
    assert len(drawn) == 1 and scores.equal(again) and not scores.requires_grad


@pytest.mark.parametrize("wrong, message", [
    (dict(steps=1, lr=0.1, only="haed"), "only='haed' begins no parameter's name; there are conv, scale"),
    (dict(steps=-1, lr=0.1), "steps=-1, lr=0.1; wanted 0 or more steps"),
    (dict(steps=1, lr=0.0), "positive rate"),
])
def test_settings_that_cannot_be_are_named(theta, episode, wrong, message):
    with pytest.raises(ValueError, match=message):
        finetune.fit(cross_entropy, theta, episode.support, **wrong)
