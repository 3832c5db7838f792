"""Four bugs of exercise 2.5, repaired rightly and wrongly."""
import copy
from functools import partial

import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, maml
from tests.checks.saying import blank, names_the_mistake, rejected


def wave(x, amplitude, phase):
    return amplitude * torch.sin(x - phase)


def with_a_maker(waves):
    def make(amplitude, phase):
        return lambda x: wave(x, amplitude, phase)
    return [make(*each) for each in waves]


@pytest.mark.parametrize("right", [
    with_a_maker,
    lambda waves: [lambda x, a=a, b=b: wave(x, a, b) for a, b in waves],
    lambda waves: [partial(wave, amplitude=a, phase=b) for a, b in waves],
    lambda waves: tuple(map(lambda each: lambda x: wave(x, *each), waves)),
])
def test_tasks_that_differ_are_accepted(right):
    maml.separate_tasks(right)


@pytest.mark.parametrize("wrong, hint", [
    (lambda waves: [lambda x: wave(x, a, b) for a, b in waves], "looks its names up"),          # noqa: B023
    (lambda waves: [lambda x, a=a: wave(x, a, b) for a, b in waves], "the phase is still"),     # noqa: B023
    (lambda waves: [lambda x, b=b: wave(x, a, b) for a, b in waves], "the amplitude is still"),  # noqa: B023
    (lambda waves: [lambda x, a=a, b=b: wave(x, b, a) for a, b in waves], "swapped"),
    (lambda waves: with_a_maker(waves)[::-1], "another order"),
])
def test_every_wrong_list_of_tasks_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.separate_tasks, wrong, hint)


@pytest.mark.parametrize("wrong, said", [
    (lambda waves: [wave(torch.ones(1), *each) for each in waves], "a function for each wave"),
    (lambda waves: (make for make in with_a_maker(waves)), "a function for each wave"),
    (lambda waves: [lambda: 1 for _ in waves], "could not be called with x"),
    (lambda waves: [lambda x: x[0] for _ in waves], "what a task returns"),
])
def test_other_lists_of_tasks_are_rejected_with_a_sentence(wrong, said):
    assert said in rejected(maml.separate_tasks, wrong)


@pytest.mark.parametrize("right", [
    lambda network: copy.deepcopy(network.state_dict()),
    lambda network: {name: p.clone() for name, p in network.state_dict().items()},
    lambda network: copy.deepcopy(network).state_dict(),
])
def test_weights_that_stay_are_accepted(right):
    maml.remember(right)


@pytest.mark.parametrize("wrong, hint", [
    (lambda network: network.state_dict(), "the same tensors under another name"),
    (lambda network: dict(network.state_dict()), "the same tensors"),
    (lambda network: copy.copy(network.state_dict()), "the same tensors"),
    (lambda network: {name: p.detach() for name, p in network.state_dict().items()}, "the same tensors"),
    (lambda network: {name: p.data.clone() for name, p in network.named_parameters()}, "leaves out buffers"),
    (lambda network: copy.deepcopy(network), "return its `state_dict()`"),
])
def test_every_wrong_memory_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.remember, wrong, hint)


def gather(network, tasks, query_loss):
    network.zero_grad()
    loss = torch.stack([query_loss(network, task) for task in tasks]).mean()
    loss.backward()
    return loss


def gather_one_by_one(network, tasks, query_loss):
    network.zero_grad()
    total = 0
    for task in tasks:
        loss = query_loss(network, task) / len(tasks)
        loss.backward()
        total += loss.item()
    return total


@pytest.mark.parametrize("right", [gather, gather_one_by_one])
def test_gathered_gradients_are_accepted(right):
    maml.gather_gradients(right)


def loop(before=lambda net: None, each=lambda net: None, after=lambda net: None, share=True, backward=True):
    def gathers(network, tasks, query_loss):
        before(network)
        losses = []
        for task in tasks:
            each(network)
            losses.append(query_loss(network, task))
            if backward:
                (losses[-1] / (len(tasks) if share else 1)).backward()
        after(network)
        return torch.stack(losses).mean()
    return gathers


def zero(network):
    network.zero_grad()


def step(network):
    torch.optim.SGD(network.parameters(), lr=0.1).step()


@pytest.mark.parametrize("wrong, hint", [
    (loop(each=zero, share=False), "only the last task counts: `zero_grad()` once"),
    (loop(each=zero), "divided by the number of tasks"),
    (loop(before=zero, share=False), "the sum over tasks"),
    (loop(), "what stood in `.grad` before is still there: "),
    (loop(share=False), "still there, and tasks are added up"),
    (loop(before=zero, backward=False), "`backward()` is missing"),
    (loop(backward=False), "nothing was gathered"),
    (loop(before=zero, after=zero), "`zero_grad()` comes last"),
    (loop(before=zero, after=step), "the weights were moved"),
    (lambda network, tasks, loss: gather(network, tasks[:1], loss), "only the first task"),
    (lambda network, tasks, loss: len(tasks) * gather(network, tasks, loss), "this is the sum"),
    (lambda network, tasks, loss: gather(network, tasks, loss) * 0 + loss(network, tasks[-1]),
     "this is the last task's loss"),
])
def test_every_wrong_way_to_gather_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.gather_gradients, wrong, hint)


def no_trace(network, x, y):
    return torch.autograd.grad(F.mse_loss(network(x), y), list(network.parameters()))


def with_graph(network, x, y):
    return list(torch.autograd.grad(F.mse_loss(network(x), y), list(network.parameters()), create_graph=True))


@pytest.mark.parametrize("right", [no_trace, with_graph])
def test_a_gradient_without_a_trace_is_accepted(right):
    maml.support_gradient(right)


def by_backward(network, x, y):
    F.mse_loss(network(x), y).backward()
    return [p.grad for p in network.parameters()]


def zeroed_before(network, x, y):
    network.zero_grad()
    return by_backward(network, x, y)


def zeroed_after(network, x, y):
    found = [g.clone() for g in zeroed_before(network, x, y)]
    network.zero_grad()
    return found


@pytest.mark.parametrize("wrong, hint", [
    (by_backward, "`backward()` adds to `.grad`"),
    (zeroed_before, "`backward()` adds to `.grad`"),
    (zeroed_after, "throws away what the other tasks had gathered"),
    (lambda network, x, y: [2 * g for g in no_trace(network, x, y)], "the sum over examples"),
    (lambda network, x, y: [g / 2 for g in no_trace(network, x, y)], "without a half"),
])
def test_every_wrong_support_gradient_gets_its_own_hint(wrong, hint):
    names_the_mistake(maml.support_gradient, wrong, hint)


@pytest.mark.parametrize("check", [maml.name_the_bugs, maml.separate_tasks, maml.remember, maml.query_loss,
                                   maml.gather_gradients, maml.support_gradient])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
