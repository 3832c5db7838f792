"""Nothing in a training step reads a number from the device: a GPU would have to finish all it has first.

Tensors on PyTorch's `meta` device have shapes and no numbers, so that whatever asks for one fails there:
`item`, `tolist`, a tensor as a condition, `nonzero`, a copy to the CPU.
What does wait, by design: `train` where it looks at its losses, every `validate_every` steps; `predict` for
the check of MAML's inner losses; a support set with a mask, whose shots are counted; Alpha-MAML's rates,
which are plain numbers.
"""
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_map_only

from metacourse.data import sampling
from metacourse.episode import task
from metacourse.methods import anil, maml, matching, over_tasks, protonet, relation, reptile, siamese
from metacourse.models.conv4 import Conv4
from metacourse.models.fast_conv4 import FastConv4
from metacourse.models.functional import functional
from metacourse.models.relation_head import Maps, RelationHead
from metacourse.models.strided import StridedConv4
from metacourse.models.together import together
from metacourse.training import train
from tests.methods.pencil import pictures

INNER = dict(inner_lr=0.1, inner_steps=2)
READS = (NotImplementedError, RuntimeError)              # what PyTorch raises where a number is asked for
INNER_LOOPS = {"maml": partial(maml.meta_gradient, **INNER),
               "fomaml": partial(maml.meta_gradient, first_order=True, **INNER),
               "maml, recomputed": partial(maml.meta_gradient, recompute=True, **INNER),
               "anil": partial(anil.meta_gradient, **INNER),
               "reptile": partial(reptile.meta_gradient, **INNER)}
SIAMESE = {f"siamese, {mining}, {kind}": partial(siamese.loss, margin=1.0, kind=kind, mining=mining)
           for mining in ("all", "hard") for kind in ("contrastive", "triplet")}
EPISODIC = {"protonet": protonet.loss, "matching": matching.loss, **SIAMESE}


def there(tensors, device="meta"):
    """The same on the device that has no numbers, or on another one."""
    return tree_map_only(torch.Tensor, lambda t: t.to(device), tensors)


def net(theta, x):
    """Convolution, tanh, linear; x [..., 1, 5, 5] -> [..., 3]."""
    h = F.conv2d(x.reshape(-1, 1, 5, 5), theta["conv"]).tanh()
    return (h.flatten(1) @ theta["head"]).reshape(*x.shape[:-3], -1)


def cross_entropy(theta, examples):
    return F.cross_entropy(net(theta, examples.x).flatten(0, 1), examples.y.flatten())


@pytest.fixture
def theta(rng):
    shapes = {"conv": (2, 1, 3, 3), "head": (18, 3)}
    return {name: torch.randn(shape, generator=rng, dtype=torch.float64) for name, shape in shapes.items()}


@pytest.fixture
def episodes(rng):
    return there(pictures(rng, tasks=2, shot=1, queries=2))


@pytest.mark.parametrize("over", ["loop", "vmap"])
@pytest.mark.parametrize("name", INNER_LOOPS)
def test_an_outer_step_over_inner_loops_reads_nothing(name, over, theta, episodes):
    value, gradient = INNER_LOOPS[name](cross_entropy, there(theta), episodes, over=over)
    assert value.is_meta and all(g.is_meta for g in gradient.values())


def reads_nothing(loss, theta, episodes, over):
    theta = {name: p.requires_grad_() for name, p in there(theta).items()}
    value = over_tasks.mean_loss(loss, theta, episodes, over=over)
    return all(g.is_meta for g in torch.autograd.grad(value, tuple(theta.values())))


@pytest.mark.parametrize("over", ["loop", "vmap"])
@pytest.mark.parametrize("name", EPISODIC)
def test_a_step_of_an_episodic_method_reads_nothing(name, over, theta, episodes):
    assert reads_nothing(partial(EPISODIC[name], net), theta, episodes, over)


@pytest.mark.parametrize("over", ["loop", "vmap"])
def test_a_learned_comparison_reads_nothing(over, rng):
    network = Maps(StridedConv4(8, size=8, blocks=1, norm="none"), 8)
    head = RelationHead(8, size=4, norm="none")
    embed, compare, theta = together(network.double(), compare=head.double())
    episodes = there(pictures(rng, tasks=2, shot=1, queries=2, size=8))
    assert reads_nothing(partial(relation.loss, embed, compare), theta, episodes, over)


@pytest.mark.parametrize("network, norm", [(Conv4, "none"), (FastConv4, "batch"), (FastConv4, "group")])
def test_no_network_reads_anything(network, norm, rng):
    embed, theta = functional(network(8, size=16, norm=norm).double())
    episodes = there(pictures(rng, tasks=2, shot=1, queries=2, size=16))
    assert reads_nothing(partial(protonet.loss, embed), theta, episodes, "vmap")


def test_drawing_episodes_reads_nothing_from_the_pictures(rng):
    images = torch.empty(6, 5, 1, 16, 16, dtype=torch.uint8, device="meta")
    drawn = sampling.sample_episodes(images, tasks=2, way=3, shot=1, queries=2, rng=rng, rotate=True)
    assert drawn.query.x.is_meta and drawn.query.y.is_meta


def test_the_outer_loop_reads_only_where_it_looks(theta, episodes):
    taken = []

    def step(theta, drawn):
        taken.append(INNER_LOOPS["maml"](cross_entropy, theta, drawn, over="vmap"))
        return taken[-1]
    with pytest.raises(READS, match="meta"):                             # the look after the last of three
        train(step, there(theta), lambda number: episodes, steps=3, validate_every=3)
    assert len(taken) == 3


@pytest.mark.parametrize("method", [maml, anil])
def test_predict_still_checks_for_an_explosion(method, theta, episodes):
    support, query = task(episodes, 0)
    with pytest.raises(READS, match="meta"):
        method.predict(net, there(theta), support, query.x, loss=cross_entropy, **INNER)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", INNER_LOOPS)
def test_a_gpu_is_never_waited_for(name, theta, rng):
    theta, drawn = there((theta, pictures(rng, tasks=2, shot=1, queries=2)), "cuda")
    step = partial(INNER_LOOPS[name], cross_entropy, theta, drawn, over="vmap")
    step()                                                               # what is set up once may wait
    torch.cuda.set_sync_debug_mode("error")
    try:
        step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_what_asks_for_a_number_fails_here():
    x = torch.ones(2, device="meta")
    for asks in (torch.Tensor.tolist, torch.Tensor.cpu, torch.nonzero, lambda x: x[0].item(),
                 lambda x: bool(x.all()), lambda x: x[x > 0]):
        with pytest.raises(READS):
            asks(x)
