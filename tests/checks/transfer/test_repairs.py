"""The bugs of exercise 4.6 named, repaired and detected, rightly and wrongly."""
import copy

import pytest
import torch
from torch import nn

from metacourse.checks import NotAttempted, transfer
from metacourse.checks.transfer import bugs, changes, repairs
from tests.checks.saying import blank, names_the_mistake, rejected

RIGHT = {"reversal sign": "A", "T² missing": "D", "compared with itself": "G", "batch norm moves": "H",
         "optimizer too early": "J"}


def test_the_right_names_are_accepted_with_any_of_the_lines_that_make_a_bug_together():
    transfer.name_the_bugs(lambda: RIGHT)
    transfer.name_the_bugs(lambda: RIGHT | {"batch norm moves": "L", "optimizer too early": "i, k"})


@pytest.mark.parametrize("name", RIGHT)
def test_a_missing_bug_and_a_wrong_line_are_answered_with_where_to_look(name):
    without = {other: line for other, line in RIGHT.items() if other != name}
    names_the_mistake(transfer.name_the_bugs, lambda: without, bugs.LOOK[name])
    names_the_mistake(transfer.name_the_bugs, lambda: RIGHT | {name: "B"}, bugs.LOOK[name])


@pytest.mark.parametrize("name, hint", bugs.NOT_THERE.items())
def test_a_bug_that_is_not_there_is_answered_with_where_to_look(name, hint):
    names_the_mistake(transfer.name_the_bugs, lambda: RIGHT | {name: "C"}, hint)


def layers(backbone, kinds=(nn.BatchNorm1d, nn.BatchNorm2d)):
    return [layer for layer in backbone.modules() if isinstance(layer, kinds)]


def only_the_layers(backbone):
    for p in backbone.parameters():
        p.requires_grad = False
    for layer in layers(backbone):
        layer.eval()
    return backbone


@pytest.mark.parametrize("right", [lambda backbone: backbone.eval().requires_grad_(False), only_the_layers])
def test_every_right_freezing_is_accepted(right):
    transfer.freeze(right)


def one_kind(backbone):
    for layer in layers(backbone, nn.BatchNorm1d):
        layer.eval()
    return backbone.requires_grad_(False)


def without_momentum(backbone):
    for layer in layers(backbone):
        layer.momentum, layer.num_batches_tracked = 0.0, None
    return backbone.requires_grad_(False)


def only_weights(backbone):
    for name, p in backbone.named_parameters():
        p.requires_grad_("weight" not in name)
    return backbone.eval()


@pytest.mark.parametrize("wrong, hint", [
    (lambda backbone: backbone.requires_grad_(False), repairs.STATISTICS),
    (one_kind, repairs.STATISTICS),
    (lambda backbone: backbone.eval(), repairs.STILL_LEARNS),
    (only_weights, "all of them are to be frozen"),
    (lambda backbone: copy.deepcopy(backbone).eval().requires_grad_(False), repairs.A_COPY),
])
def test_every_wrong_freezing_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.freeze, wrong, hint)


def give(optimizer, block, *, lr):
    block.requires_grad_(True)
    optimizer.add_param_group({"params": block.parameters(), "lr": lr})
    return optimizer


def one_group_each(optimizer, block, *, lr):
    for p in block.parameters():
        p.requires_grad = True
        optimizer.add_param_group({"params": [p], "lr": lr})
    return optimizer


@pytest.mark.parametrize("right", [give, one_group_each])
def test_every_right_thaw_is_accepted(right):
    transfer.thaw(right)


def only_asked_for(optimizer, block, *, lr):
    block.requires_grad_(True)
    return optimizer


def still_frozen(optimizer, block, *, lr):
    optimizer.add_param_group({"params": block.parameters(), "lr": lr})
    return optimizer


def at_the_old_rate(optimizer, block, *, lr):
    optimizer.add_param_group({"params": block.requires_grad_(True).parameters()})
    return optimizer


def all_at_the_new_rate(optimizer, block, *, lr):
    for group in give(optimizer, block, lr=lr).param_groups:
        group["lr"] = lr
    return optimizer


def anew(optimizer, block, *, lr):
    old = optimizer.param_groups[0]
    groups = [{"params": old["params"], "lr": old["lr"]},
              {"params": block.requires_grad_(True).parameters(), "lr": lr}]
    return torch.optim.Adam(groups)


def block_only(optimizer, block, *, lr):
    return torch.optim.Adam(block.requires_grad_(True).parameters(), lr=lr)


def one_parameter(optimizer, block, *, lr):
    optimizer.add_param_group({"params": [block.requires_grad_(True).weight], "lr": lr})
    return optimizer


@pytest.mark.parametrize("wrong, hint", [
    (only_asked_for, repairs.NOT_KNOWN), (still_frozen, repairs.STILL_FROZEN),
    (lambda optimizer, block, *, lr: optimizer, "And it is frozen still"),
    (at_the_old_rate, "the block has the head's rate"), (all_at_the_new_rate, "the head's rate has changed"),
    (anew, repairs.FORGOTTEN), (block_only, "does not know the head"),
    (one_parameter, "more than one parameter"),
])
def test_every_wrong_thaw_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.thaw, wrong, hint)


def differences(before, after):
    return {name for name, value in after.items() if not torch.equal(value, before[name])}


def detect(network, work):
    before = copy.deepcopy(network.state_dict())
    work()
    return differences(before, network.state_dict())


def by_twin(network, work):
    twin = copy.deepcopy(network)
    work()
    return [n for n, value in network.state_dict().items() if (value != twin.state_dict()[n]).any()]


@pytest.mark.parametrize("right", [detect, by_twin])
def test_every_right_detector_is_accepted(right):
    transfer.changed(right)


def aliased(network, work):
    before = network.state_dict()
    work()
    return differences(before, network.state_dict())


def too_late(network, work):
    work()
    before = copy.deepcopy(network.state_dict())
    return differences(before, network.state_dict())


def no_buffers(network, work):
    return detect(network, work) & {name for name, _ in network.named_parameters()}


def only_learning(network, work):
    return detect(network, work) & {name for name, p in network.named_parameters() if p.requires_grad}


def all_must_differ(network, work):
    before = copy.deepcopy(network.state_dict())
    work()
    return {n for n, value in network.state_dict().items() if (value != before[n]).all()}


def by(equal):
    """A detector for which two tensors with `equal` are the same."""
    def detector(network, work):
        before = copy.deepcopy(network.state_dict())
        work()
        now = network.state_dict()
        return {name for name in now if not equal(before[name].double(), now[name].double())}
    return detector


def as_objects(network, work):
    before = copy.deepcopy(network.state_dict())
    work()
    return {name for name, value in network.state_dict().items() if value is not before[name]}


@pytest.mark.parametrize("wrong, hint", [
    (aliased, changes.SAME_TENSORS), (too_late, changes.AFTER_ALL), (no_buffers, changes.BUFFERS),
    (only_learning, changes.ONLY_LEARNING), (all_must_differ, changes.ONE_IS_ENOUGH),
    (by(torch.allclose), changes.ONE_IS_ENOUGH), (by(lambda a, b: a.sum() == b.sum()), changes.SUMMARY),
    (as_objects, changes.EVERYTHING), (lambda network, work: set(), changes.UNCALLED),
    (lambda network, work: bool(detect(network, work)), "does not say where"),
])
def test_every_wrong_detector_gets_its_own_hint(wrong, hint):
    names_the_mistake(transfer.changed, wrong, hint)


def test_work_that_is_done_twice_is_rejected():
    def twice(network, work):
        work()
        return detect(network, work)
    assert "called once" in rejected(transfer.changed, twice)


@pytest.mark.parametrize("check", [transfer.name_the_bugs, transfer.freeze, transfer.thaw, transfer.changed])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
