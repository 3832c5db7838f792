import pytest
import torch
from torch import nn

from metacourse.episode import task
from metacourse.methods import matching, over_tasks
from metacourse.models.full_context import Cell, FullContext
from metacourse.models.together import together
from tests.methods.pencil import pictures

DIM = 25


class Pixels(nn.Module):
    """The pixels are the embedding."""

    input_dims = 3

    def forward(self, x):
        return x.flatten(1)


@pytest.fixture
def context():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return FullContext(DIM, steps=3).double()


@pytest.fixture
def episodes(rng):
    return pictures(rng, tasks=2)


@pytest.fixture
def z(episodes):
    """Embeddings of one task, support and query."""
    episode = task(episodes, 0)
    return episode.support.x.flatten(2), episode.query.x.flatten(0, 1).flatten(1)


def test_a_step_of_the_cell_by_pencil():
    cell = Cell(2, 1)
    with torch.no_grad():
        cell.gates.weight.zero_()
        cell.gates.bias.copy_(torch.tensor([0.0, 0.0, 10.0, 100.0]))     # write ½, keep ½, new 1, show
    h, c = cell(torch.zeros(1), torch.zeros(1), torch.tensor([3.0]))
    torch.testing.assert_close(c, torch.tensor([0.5 * 3 + 0.5 * 1]))
    torch.testing.assert_close(h, c.tanh())


def test_without_weights_the_context_adds_nothing(context, z):
    with torch.no_grad():
        for p in context.parameters():
            p.zero_()
    g, f = context(*z)
    torch.testing.assert_close((g, f), z)                        # only the skip connections are left


def test_the_support_set_is_read_as_pytorchs_bidirectional_lstm_reads_it(context, z):
    z_support, _ = z
    oracle = nn.LSTM(DIM, DIM, bidirectional=True).double()
    with torch.no_grad():
        for cell, suffix in ((context.there, "l0"), (context.back, "l0_reverse")):
            getattr(oracle, f"weight_ih_{suffix}").copy_(cell.gates.weight[:, :DIM])
            getattr(oracle, f"weight_hh_{suffix}").copy_(cell.gates.weight[:, DIM:])
            getattr(oracle, f"bias_ih_{suffix}").copy_(cell.gates.bias)
            getattr(oracle, f"bias_hh_{suffix}").zero_()
    flat = z_support.flatten(0, 1)
    there, back = oracle(flat)[0].split(DIM, dim=-1)
    torch.testing.assert_close(context(*z)[0], (there + back + flat).view_as(z_support))


def test_a_query_looks_as_pytorchs_cell_does_with_the_read_out_as_an_input(context, z):
    oracle, weight = nn.LSTMCell(2 * DIM, DIM).double(), context.look.gates.weight
    with torch.no_grad():
        oracle.weight_ih.copy_(torch.cat([weight[:, :DIM], weight[:, 2 * DIM:]], dim=1))     # of x and r
        oracle.weight_hh.copy_(weight[:, DIM:2 * DIM])                                       # of h
        oracle.bias_ih.copy_(context.look.gates.bias)
        oracle.bias_hh.zero_()
    g, f = context(*z)
    g = g.flatten(0, 1)
    for x, found in zip(z[1], f):
        h, c = torch.zeros(DIM).double(), torch.zeros(DIM).double()
        for _ in range(3):
            a = torch.exp(g @ h) / torch.exp(g @ h).sum()
            r = sum(weight * picture for weight, picture in zip(a, g))
            h, c = oracle(torch.cat([x, r]), (h, c))
            h = h + x
        torch.testing.assert_close(found, h)


def test_the_first_look_is_at_all_pictures_alike(z):
    context = FullContext(DIM, steps=1).double()
    g = context.support(z[0].flatten(0, 1))
    mean = g.mean(dim=0, keepdim=True)                           # one picture, in their middle, instead
    torch.testing.assert_close(context.query(z[1], g), context.query(z[1], mean))


def test_the_order_of_the_support_set_matters(context, z):
    g, f = context(*z)
    g_shuffled, f_shuffled = context(z[0][[2, 0, 1]], z[1])
    assert not torch.allclose(g_shuffled, g[[2, 0, 1]]) and not torch.allclose(f_shuffled, f)


def test_reading_backwards_with_both_directions_exchanged_is_the_same(context, z):
    flat = z[0].flatten(0, 1)
    expected = context.support(flat).flip(0)
    context.there, context.back = context.back, context.there
    torch.testing.assert_close(context.support(flat.flip(0)), expected)


def test_queries_do_not_see_each_other(context, z):
    z_support, z_query = z
    alone = torch.cat([context(z_support, one[None])[1] for one in z_query])
    torch.testing.assert_close(alone, context(z_support, z_query)[1])


def test_a_query_must_look():
    with pytest.raises(ValueError, match="steps=0; wanted 1 or more"):
        FullContext(DIM, steps=0)


@pytest.fixture
def network(context):
    return together(Pixels(), context=context)


def test_the_gradient_reaches_every_weight_of_both_lstms(network, episodes):
    embed, context, theta = network
    theta = {name: p.requires_grad_() for name, p in theta.items()}
    matching.meta_loss(embed, theta, episodes, context=context).backward()
    assert set(theta) == {f"context.{cell}.gates.{kind}" for cell in ("there", "back", "look")
                          for kind in ("weight", "bias")}
    for name, p in theta.items():
        reached = p.grad.view(4, -1).abs().amax(dim=1)           # of each gate
        assert (reached > 1e-8).all(), name


def test_matching_attends_to_what_the_context_returns(network, context, episodes, z):
    embed, through_theta, theta = network
    x = task(episodes, 0).query.x.flatten(0, 1)
    found = matching.predict(embed, theta, task(episodes, 0).support, x, context=through_theta)
    g, f = context(*z)
    torch.testing.assert_close(found, matching.log_probs(f, g))


def test_all_tasks_at_once_give_the_loss_and_gradient_of_the_loop(network, episodes):
    embed, context, theta = network
    theta = {name: p.requires_grad_() for name, p in theta.items()}
    found = [matching.meta_loss(embed, theta, episodes, context=context),
             over_tasks.mean_loss(lambda *task: matching.loss(embed, *task, context=context), theta, episodes,
                                  over="vmap")]
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(*(torch.autograd.grad(value, list(theta.values())) for value in found))


def test_padding_is_refused_where_an_lstm_would_read_it(network, episodes):
    embed, context, theta = network
    episode = task(episodes, 0)
    masked = episode._replace(support=episode.support._replace(mask=torch.tensor([[True, False]] * 3)))
    with pytest.raises(ValueError, match="wanted equal ones, because the LSTM would read the padding"):
        matching.loss(embed, theta, masked, context=context)
