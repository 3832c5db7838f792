import pytest
import torch

from metacourse.models.functional import functional
from metacourse.models.relation_head import Maps, RelationHead
from metacourse.models.strided import StridedConv4
from metacourse.models.together import together


@pytest.mark.parametrize("size", [1, 2, 5, 7])
def test_maps_of_any_size_become_one_number_between_0_and_1(size, rng):
    r = RelationHead(16, size=size)(torch.randn(3, 32, size, size, generator=rng))
    assert r.shape == (3,) and ((r > 0) & (r < 1)).all()


def test_a_head_without_weights_says_one_half():
    head = RelationHead(16, size=2)
    with torch.no_grad():
        for p in head.head.parameters():
            p.zero_()
    assert head(torch.zeros(1, 32, 2, 2)).item() == 0.5


def test_a_pair_is_judged_alone(rng):
    pairs = torch.randn(4, 16, 5, 5, generator=rng)
    head = RelationHead(8, size=5)
    torch.testing.assert_close(head(pairs)[:1], head(pairs[:1]))


def test_maps_are_the_numbers_that_were_flattened(rng):
    embed, x = StridedConv4(8, blocks=2), torch.rand(3, 1, 28, 28, generator=rng)
    maps = Maps(embed, 8)
    assert maps(x).shape == (3, 8, 7, 7) and maps.size == 7
    blocks = embed.body[:-1](x)                                  # everything but the flattening
    torch.testing.assert_close(maps(x), blocks)


def test_a_norm_that_would_make_the_head_blind_is_refused():
    with pytest.raises(ValueError, match="a group of one number is always normalized to zero"):
        RelationHead(8, size=2)


def test_numbers_that_are_no_square_maps_are_refused():
    with pytest.raises(ValueError, match="32 numbers are not 7 square maps"):
        Maps(StridedConv4(8), 7)


def test_two_networks_under_one_theta_are_the_two_networks(rng):
    body, head = Maps(StridedConv4(16), 16), RelationHead(16, size=2)
    embed, compare, theta = together(body, compare=head)
    assert set(theta) == {*functional(body)[1], *(f"compare.{name}" for name in functional(head)[1])}
    x, pairs = torch.rand(2, 3, 1, 28, 28, generator=rng), torch.rand(4, 5, 32, 2, 2, generator=rng)
    torch.testing.assert_close(embed(theta, x), body(x.flatten(0, 1)).unflatten(0, (2, 3)))
    torch.testing.assert_close(compare(theta, pairs), head(pairs.flatten(0, 1)).unflatten(0, (4, 5)))


def test_one_network_behind_the_embedding_is_wanted():
    with pytest.raises(ValueError, match="0 networks behind the embedding; wanted one, under its name"):
        together(StridedConv4(8))
