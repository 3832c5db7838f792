import pytest
import torch

from metacourse.episode import task
from metacourse.methods import alpha_maml, anil, losses, maml, maml_plus_plus, meta_sgd
from metacourse.training.cost import cost
from tests.methods.networks import network

BATCH_NORM = "conv4 with batch norm"


def bytes_kept(value):
    """Bytes of all tensors that the graph behind `value` keeps for backward."""
    seen, kept, todo = set(), {}, [value.grad_fn]
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        saved = [getattr(node, name) for name in dir(node) if name.startswith("_saved_")]
        for t in [*saved, *getattr(node, "saved_tensors", [])]:
            if isinstance(t, torch.Tensor):
                kept[t.untyped_storage().data_ptr()] = t.untyped_storage().nbytes()
        todo += [parent for parent, _ in node.next_functions]
    return sum(kept.values())


@pytest.mark.parametrize("name, over", [(BATCH_NORM, "loop"), (BATCH_NORM, "threads"), (BATCH_NORM, "vmap"),
                                        ("resnet12", "loop")])
def test_recomputing_changes_no_number(name, over, two_cores):
    apply, theta, episodes = network(name, tasks=2)
    loss, inner = losses.cross_entropy(apply), dict(inner_lr=0.1, inner_steps=3, over=over)
    torch.testing.assert_close(maml.meta_gradient(loss, theta, episodes, recompute=True, **inner),
                               maml.meta_gradient(loss, theta, episodes, **inner), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("over", ["loop", "vmap"])
def test_nor_does_it_in_the_variants(over):
    apply, theta, episodes = network(BATCH_NORM, tasks=2)
    loss, inner = losses.cross_entropy(apply), dict(inner_steps=2, over=over)
    plus = maml_plus_plus.start(theta, inner_lr=0.1, inner_steps=2)
    for meta_gradient, meta, more in [(anil.meta_gradient, theta, dict(inner_lr=0.1)),
                                      (meta_sgd.meta_gradient, meta_sgd.start(theta, 0.1), {}),
                                      (maml_plus_plus.meta_gradient, plus, dict(progress=0.05)),
                                      (alpha_maml.meta_gradient, theta, dict(inner_lr=0.1))]:
        torch.testing.assert_close(meta_gradient(loss, meta, episodes, recompute=True, **inner, **more),
                                   meta_gradient(loss, meta, episodes, **inner, **more),
                                   rtol=1e-12, atol=1e-12)


def test_its_memory_hardly_grows_with_the_steps():
    apply, theta, episodes = network(BATCH_NORM, tasks=1)
    leaves = {name: p.clone().requires_grad_() for name, p in theta.items()}

    def kept(**inner):
        return bytes_kept(maml.task_loss(losses.cross_entropy(apply), leaves, task(episodes, 0), inner_lr=0.1,
                                         **inner))
    a_step_more = [kept(inner_steps=4, recompute=r) - kept(inner_steps=3, recompute=r) for r in (False, True)]
    weights = sum(p.nbytes for p in theta.values())
    assert a_step_more[1] < 2 * weights < a_step_more[0]


def peak(**inner):
    """Bytes of tensors at the fullest moment of a whole meta-gradient."""
    apply, theta, episodes = network(BATCH_NORM, tasks=1)
    return cost(lambda: maml.meta_gradient(losses.cross_entropy(apply), theta, episodes, inner_lr=0.1,
                                           **inner)).peak_bytes


def test_all_tasks_at_once_keep_no_graph_of_the_outer_gradient():
    assert peak(inner_steps=2, over="vmap") < 1.2 * peak(inner_steps=2, over="loop")


@pytest.mark.parametrize("over", ["loop", "vmap"])
def test_recomputing_lowers_the_peak(over):
    assert peak(inner_steps=4, over=over, recompute=True) < 0.7 * peak(inner_steps=4, over=over)
