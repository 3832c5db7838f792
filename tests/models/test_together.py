import pytest
import torch

from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.models.together import together


@pytest.fixture
def networks():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return MLP([5, 4]), MLP([4, 3]), MLP([4, 2, 1])


def test_every_network_finds_its_own_parameters_in_one_theta(networks, rng):
    body, head, other = networks
    embed, classify, domain, theta = together(body, classify=head, domain=other)
    x = torch.randn(6, 5, generator=rng)
    z = embed(theta, x)
    for found, (apply, own) in ((z, functional(body)), (classify(theta, z), functional(head)),
                                (domain(theta, z), functional(other))):
        torch.testing.assert_close(found, apply(own, x if found is z else z))


def test_names_tell_whose_a_parameter_is(networks):
    *_, theta = together(networks[0], classify=networks[1])
    assert list(theta) == ["layers.0.weight", "layers.0.bias", "classify.layers.0.weight",
                           "classify.layers.0.bias"]


def test_an_embedding_with_nothing_behind_it_is_refused(networks):
    with pytest.raises(ValueError, match="0 networks behind the embedding; wanted one"):
        together(networks[0])
