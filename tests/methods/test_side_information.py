import pytest
import torch

from metacourse.episode import Examples, task
from metacourse.methods import protonet, side_information, zero_shot
from tests.methods.pencil import pictures


def identity(theta, x):
    return x.flatten(-3)


@pytest.fixture
def episode():
    return task(pictures(torch.Generator().manual_seed(0), tasks=1), 0)


@pytest.fixture
def told():
    """Two attributes of each class, and a map from them to 25 pixels."""
    rng = torch.Generator().manual_seed(1)
    weight, bias, a = (torch.randn(shape, generator=rng).double() for shape in ((2, 25), (25,), (3, 2)))
    return a, {"weight": weight, "bias": bias}


def test_a_description_that_is_worth_three_pictures_counts_as_three():
    c, guess = torch.tensor([[0.0, 8.0]]), torch.tensor([[4.0, 0.0]])
    assert side_information.mix(c, guess, shots=1, worth=3.0).tolist() == [[3.0, 2.0]]
    assert side_information.mix(c, guess, shots=3, worth=1.0).tolist() == [[1.0, 6.0]]


def test_a_line_by_hand():
    a, c = torch.tensor([[-1.0], [1.0]]).double(), torch.tensor([[1.0], [5.0]]).double()
    g = side_information.fit(a, c, ridge=2.0)              # slope Σ a (c − 3) / (Σ a² + 2) = 4 / 4, at 3
    assert (g["weight"].item(), g["bias"].item()) == (pytest.approx(1.0), pytest.approx(3.0))
    assert side_information.described(g, torch.tensor([2.0]).double()).item() == pytest.approx(5.0)


def test_a_linear_world_is_learned_exactly(told):
    _, g = told
    a = torch.randn(40, 2, generator=torch.Generator().manual_seed(2)).double() + 7
    learned = side_information.fit(a, side_information.described(g, a), ridge=1e-9)
    torch.testing.assert_close(learned, g)


def test_the_map_is_at_the_bottom_of_what_it_minimizes():
    rng = torch.Generator().manual_seed(3)
    a, c = torch.randn(9, 2, generator=rng).double(), torch.randn(9, 4, generator=rng).double()
    g = {name: p.requires_grad_() for name, p in side_information.fit(a, c, ridge=0.5).items()}
    cost = (side_information.described(g, a) - c).square().sum() + 0.5 * g["weight"].square().sum()
    cost.backward()
    assert all(p.grad.abs().max() < 1e-10 for p in g.values())


def test_worthless_descriptions_leave_protonet_and_priceless_ones_zero_shot(episode, told):
    (a, g), x = told, episode.query.x.flatten(0, 1)
    nothing, everything = (side_information.predict(identity, {}, episode.support, a, x, g=g, worth=worth)
                           for worth in (0.0, 1e12))
    torch.testing.assert_close(nothing, protonet.predict(identity, {}, episode.support, x))
    only_told = Examples(side_information.described(g, a)[:, None], torch.arange(3)[:, None])
    torch.testing.assert_close(everything, zero_shot.predict(identity, {}, only_told, x))


def test_a_class_with_more_pictures_listens_less(episode, told):
    (a, g), x = told, episode.query.x.flatten(0, 1)
    mask = torch.tensor([[True, True], [True, False], [True, False]])
    scores = side_information.predict(identity, {}, episode.support._replace(mask=mask), a, x, g=g, worth=1.0)
    z, guess = episode.support.x.flatten(-3), side_information.described(g, a)
    c = torch.stack([(z[0].sum(0) + guess[0]) / 3, (z[1, 0] + guess[1]) / 2, (z[2, 0] + guess[2]) / 2])
    torch.testing.assert_close(scores, protonet.log_probs(identity({}, x), c))


@pytest.mark.parametrize("change, message", [
    (dict(worth=-1.0), r"worth=-1\.0; wanted 0"),
    (dict(a=torch.zeros(2, 2).double()), "2 descriptions for 3 classes; wanted one of each"),
    (dict(a=torch.zeros(3, 5).double()), "5 attributes describe a class; g was fitted to 2"),
])
def test_what_cannot_be_mixed_is_named(episode, told, change, message):
    (a, g), x = told, episode.query.x.flatten(0, 1)
    with pytest.raises(ValueError, match=message):
        settings = {"a": a, "g": g, "worth": 1.0} | change
        side_information.predict(identity, {}, episode.support, x_query=x, **settings)


def test_a_map_needs_a_ridge():
    with pytest.raises(ValueError, match=r"ridge=0\.0; wanted a number > 0"):
        side_information.fit(torch.zeros(2, 3), torch.zeros(2, 4), ridge=0.0)
