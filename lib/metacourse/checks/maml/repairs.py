"""Exercise 2.5 A-E: the five bugs, each repaired in a function of its own."""
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.maml import params
from metacourse.checks.report import CheckFailed

WAVES = [(2.0, 0.0), (1.0, 1.0), (3.0, 2.0)]              # amplitude, phase
X = torch.tensor([[0.5], [2.0]])
OLD = 100.0                                               # what stands in `.grad` beforehand


@exercise("2.5 A", points=1)
def separate_tasks(answer: Attempt) -> Iterator[str]:
    """Tasks that differ."""
    tasks = answer(WAVES)
    if not isinstance(tasks, list | tuple) or len(tasks) != len(WAVES) or not all(map(callable, tasks)):
        raise CheckFailed("there should be a function for each wave", came=tasks,
                          wanted=f"a list of {len(WAVES)} functions of x")
    values = [_called(task) for task in tasks]
    if all(torch.equal(value, values[0]) for value in values):
        raise CheckFailed("all tasks are the same function", came=f"at x = 0.5 they give {_first(values)}",
                          likely="a function looks its names up when it is called, and by then the loop has "
                                 "ended: hand the values over, as in `lambda x, amplitude=amplitude: …`.")
    wanted = [amplitude * torch.sin(X - phase) for amplitude, phase in WAVES]
    mistakes = {
        "the phase is still the last one: hand it over, too.":
            [amplitude * torch.sin(X - WAVES[-1][1]) for amplitude, _ in WAVES],
        "the amplitude is still the last one: hand it over, too.":
            [WAVES[-1][0] * torch.sin(X - phase) for _, phase in WAVES],
        "amplitude and phase are swapped.": [phase * torch.sin(X - amplitude) for amplitude, phase in WAVES],
        "the waves are right, in another order.": wanted[::-1],
    }
    if not _equal(values, wanted):
        named = [mistake for mistake, wrong in mistakes.items() if _equal(values, wrong)]
        raise CheckFailed("a task is not its wave", came=f"at x = 0.5: {_first(values)}",
                          wanted=_first(wanted), likely="".join(named[:1]))
    yield "three waves give three functions, and each is its own wave"


@exercise("2.5 B", points=1)
def remember(answer: Attempt) -> Iterator[str]:
    """Weights that stay as they were."""
    for network, what in [(nn.Linear(2, 3), "a linear layer"),
                          (nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)), "batch norm and its buffers")]:
        before = {name: p.detach().clone() for name, p in network.state_dict().items()}
        kept = answer(network)
        with torch.no_grad():
            for p in network.state_dict().values():
                p += 1
        _load(network, kept)
        changed = [name for name, p in network.state_dict().items() if not torch.equal(p, before[name])]
        if changed:
            raise CheckFailed("loading what was remembered does not restore the weights",
                              came=f"{changed[0]!r} is still changed",
                              likely="what was kept are the same tensors under another name, and they change "
                                     "with the network: `clone` each, or `copy.deepcopy` the state dict.")
        yield f"whatever happens to the network, its weights come back: {what}"


@exercise("2.5 C", points=1)
def gather_gradients(answer: Attempt) -> Iterator[str]:
    """Every task counts."""
    network = nn.Linear(1, 1, bias=False)
    for targets in ((1.0, 3.0), (3.0, 1.0, 0.0)):
        network.weight.data.fill_(4.0)
        network.weight.grad = torch.full((1, 1), OLD)
        loss = answer(network, list(targets), lambda net, y: 0.5 * (net.weight - y).square().sum())
        each = [4.0 - y for y in targets]
        mean = sum(each) / len(each)
        expect.number(network.weight, 4.0, "the weight", likely={
            "the weights were moved: only gradients are gathered here, and `step()` comes later.":
                network.weight.item()})
        grad = network.weight.grad
        params.match(None if grad is None else grad.item(), mean, "the gradient in `.grad`", {
            "no gradient: `backward()` is missing, or `zero_grad()` comes last.": None,
            "the gradient is zero: `zero_grad()` comes last.": 0.0,
            "only the last task counts: `zero_grad()` once, before the loop.": each[-1],
            "only the last task counts, and it is divided by the number of tasks.": each[-1] / len(each),
            "only the first task counts.": each[0],
            "the sum over tasks: divide by their number.": sum(each),
            "what stood in `.grad` before is still there: `zero_grad()` once, before the loop.": OLD + mean,
            "what stood in `.grad` before is still there, and tasks are added up.": OLD + sum(each),
            "nothing was gathered: `.grad` is as it was.": OLD})
        losses = [e**2 / 2 for e in each]
        expect.number(loss, sum(losses) / len(losses), "the mean loss", likely={
            "this is the sum.": sum(losses), "this is the last task's loss.": losses[-1]})
        yield f"`.grad` holds the mean over {len(targets)} tasks, and nothing from before"


@exercise("2.5 D", points=1)
def support_gradient(answer: Attempt) -> Iterator[str]:
    """A gradient that leaves no trace."""
    network = nn.Linear(1, 1)
    network.weight.data.fill_(2.0), network.bias.data.fill_(1.0)
    for p in network.parameters():
        p.grad = torch.full_like(p, OLD)
    came = params.ask(answer, network, torch.tensor([[1.0], [3.0]]), torch.tensor([[1.0], [4.0]]))
    grads = [p.grad for p in network.parameters()]        # errors 2 and 3, at x = 1 and 3; mean of squares
    if any(g is None or not torch.equal(g, torch.full_like(g, OLD)) for g in grads):
        gone = any(g is None or not g.any() for g in grads)
        raise CheckFailed("`.grad` has changed", came=f"{OLD:g} became {_short(grads[0])}", likely=(
            "`zero_grad()` throws away what the other tasks had gathered." if gone else
            "`backward()` adds to `.grad`; `torch.autograd.grad` only returns the gradient."))
    yield "`.grad` is what it was"
    weight, bias = expect.parts(came, ["weight", "bias"], "the gradient")
    expect.number(weight, 11.0, "∂ℒ/∂weight", likely={
        "the sum over examples: `mse_loss` takes the mean.": 22.0,
        "half of it: the loss is (…)², without a half.": 5.5})
    expect.number(bias, 5.0, "∂ℒ/∂bias")
    yield "errors 2 and 3 at x = 1 and 3: ∂ℒ/∂weight = 2 + 9 = 11, ∂ℒ/∂bias = 2 + 3 = 5"


def _called(task: Any) -> Tensor:
    try:
        value = task(X)
    except Exception as error:
        came = f"{type(error).__name__}: {error}"
        raise CheckFailed("a task could not be called with x", came=came) from None
    return expect.tensor(value, "what a task returns", shape=X.shape, axes="x, 1")


def _load(network: nn.Module, kept: Any) -> None:
    if isinstance(kept, nn.Module):
        raise CheckFailed("what is remembered should be a state dict", came=type(kept).__name__,
                          likely="a copy of the whole network works, too: return its `state_dict()`.")
    try:
        network.load_state_dict(kept)
    except Exception as error:
        likely = ("`parameters()` leaves out buffers, the running averages of batch norm: `state_dict()` has "
                  "both." if "Missing key" in str(error) else "")
        raise CheckFailed("the network cannot load what was remembered", likely=likely,
                          came=f"{type(error).__name__}: {error}") from None


def _equal(values: list[Tensor], wanted: list[Tensor]) -> bool:
    return all(torch.allclose(value, right) for value, right in zip(values, wanted))


def _first(values: list[Tensor]) -> str:
    return ", ".join(f"{value[0].item():.2f}" for value in values)


def _short(value: Tensor | None) -> str:
    return "None" if value is None else f"{value.flatten()[0].item():g}"
