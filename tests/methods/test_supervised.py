import pytest
import torch

from metacourse.episode import Examples
from metacourse.methods import supervised
from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional

ONE_PIXEL = torch.arange(6, dtype=torch.uint8).view(3, 2, 1, 1, 1) * 51      # class 0 shows 0 and 51, …


def identity(theta, x):
    return x.flatten(1)


def head(*rows, bias=0.0):
    return {"head.weight": torch.tensor(rows), "head.bias": torch.full((len(rows),), bias)}


def generator():
    return torch.Generator().manual_seed(0)


def test_a_whole_batch_holds_every_picture_once_with_its_class():
    x, y, _ = supervised.batch(ONE_PIXEL, size=6, rng=generator())
    order = x.flatten().argsort()
    torch.testing.assert_close(x.flatten()[order], torch.tensor([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]))
    assert y[order].tolist() == [0, 0, 1, 1, 2, 2]


def test_a_batch_is_drawn_by_its_generator_alone():
    first, again = (supervised.batch(ONE_PIXEL, size=4, rng=generator()) for _ in range(2))
    assert first.x.equal(again.x) and first.y.equal(again.y)
    rng = generator()
    assert {supervised.batch(ONE_PIXEL, size=1, rng=rng).y.item() for _ in range(40)} == {0, 1, 2}


def test_both_heads_by_hand():
    theta = head([1.0, 0.0], [0.0, 2.0], bias=0.5)
    x = torch.tensor([3.0, 4.0]).view(1, 1, 1, 2)
    assert supervised.scores(identity, theta, x).tolist() == [[3.5, 8.5]]
    torch.testing.assert_close(supervised.scores(identity, theta, x, scale=10.0), torch.tensor([[6.0, 8.0]]))


def test_knowing_nothing_costs_the_logarithm_of_the_classes():
    theta = head(*[[0.0, 0.0]] * 7)
    examples = Examples(torch.rand(5, 1, 1, 2), torch.arange(5))
    torch.testing.assert_close(supervised.loss(identity, theta, examples), torch.tensor(7.0).log())


def test_body_and_head_are_the_network_with_both():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        apply, theta = functional(Conv4(8, way=4, size=16))
        embed, _ = functional(Conv4(8, size=16))
    x = torch.rand(3, 1, 16, 16)
    torch.testing.assert_close(supervised.scores(embed, theta, x), apply(theta, x))


def test_a_new_head_leaves_the_body_and_starts_as_unsure_as_a_linear_layer():
    theta = {"body.w": torch.zeros(2)}
    both = supervised.with_head(theta, classes=300, dim=16, rng=generator())
    assert both["body.w"] is theta["body.w"] and supervised.body(both) == theta
    weight = both["head.weight"]
    assert weight.shape == (300, 16) and both["head.bias"].shape == (300,)
    assert 0.24 < weight.abs().max() <= 0.25                                 # uniform within ±1/√16
    assert abs(weight.mean()) < 0.01


@pytest.mark.parametrize("scale", [None, 5.0])
def test_a_few_steps_learn_to_tell_bright_from_dark(scale):
    theta = supervised.with_head({"w": torch.eye(2)}, classes=2, dim=2, rng=generator())
    theta = {name: p.clone().requires_grad_() for name, p in theta.items()}
    images = torch.tensor([[1.0, 0.2], [0.2, 1.0]]).view(2, 1, 1, 1, 2).repeat(1, 3, 1, 1, 1)
    optimizer, rng = torch.optim.Adam(theta.values(), lr=0.1), generator()
    for _ in range(80):
        examples = supervised.batch(images, size=4, rng=rng)
        optimizer.zero_grad()
        value = supervised.loss(lambda theta, x: x.flatten(1) @ theta["w"], theta, examples, scale=scale)
        value.backward()
        optimizer.step()
    assert value < 0.3


@pytest.mark.parametrize("call, message", [
    (lambda: supervised.batch(ONE_PIXEL, size=7, rng=generator()), "size=7; the data has 3 classes × 2"),
    (lambda: supervised.loss(identity, {}, Examples(torch.rand(2, 1, 1, 2), torch.arange(2))),
     r"no head\.weight: give it one by supervised\.with_head"),
    (lambda: supervised.scores(lambda theta, x: x, head([1.0, 0.0]), torch.rand(2, 1, 1, 2)),
     r"embed gives \[2, 1, 1, 2\]; the head wants \[batch, 2\]"),
    (lambda: supervised.loss(identity, head([1.0, 0.0]), Examples(torch.rand(2, 1, 1, 2), torch.arange(2))),
     "a label is 1, and the head has 1 classes"),
])
def test_what_cannot_be_trained_on_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
