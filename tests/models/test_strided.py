import pytest
import torch

from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4


@pytest.mark.parametrize("size, blocks, dim", [(28, 4, 8 * 2 * 2), (16, 4, 8), (28, 2, 8 * 7 * 7)])
def test_every_block_halves_the_image(size, blocks, dim):
    embed = StridedConv4(8, size=size, blocks=blocks)
    assert embed.dim == dim and embed(torch.zeros(3, 1, size, size)).shape == (3, dim)


def test_its_parameters_have_the_names_of_conv4s():
    _, strided = functional(StridedConv4(8, way=5, size=16))
    _, pooled = functional(Conv4(8, way=5, size=16))
    assert {name: p.shape for name, p in strided.items()} == {name: p.shape for name, p in pooled.items()}


def test_one_block_on_ones_adds_the_weights_that_lie_on_the_image():
    net = StridedConv4(8, norm="none", size=8, blocks=1)
    with torch.no_grad():
        net.body[0][0].weight.fill_(1.0)
        net.body[0][0].bias.fill_(-5.0)
        out = net(torch.ones(1, 1, 8, 8)).view(8, 4, 4)
    corner, edge, inside = out[0, 0, 0], out[0, 0, 1], out[0, 1, 1]          # 4, 6 and 9 pixels, minus 5
    assert (corner.item(), edge.item(), inside.item()) == (0.0, 1.0, 4.0)


def test_an_image_is_normalized_by_itself(rng):
    embed, theta = functional(StridedConv4(16, size=16).double())
    x = torch.rand(4, 1, 16, 16, generator=rng, dtype=torch.float64)
    torch.testing.assert_close(embed(theta, x)[:1], embed(theta, x[:1]))


def test_no_block_is_refused():
    with pytest.raises(ValueError, match="blocks=0"):
        StridedConv4(blocks=0)
