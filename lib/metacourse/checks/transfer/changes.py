"""Exercise 4.6, repair 3: a detector that names everything in a network that some work has changed."""
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.report import CheckFailed, show
from metacourse.checks.transfer.repairs import images, pretrained

SAME_TENSORS = ("what was kept before are the same tensors under another name, and they change with the "
                "network: `clone` each, or `copy.deepcopy` the state dict.")
BUFFERS = "running averages are buffers, and no parameters: `state_dict()` has both."
ONLY_LEARNING = "a parameter that asks for no gradient can change, too: look at the values of all."
UNCALLED = "`work()` was never called: nothing can have changed."
AFTER_ALL = "nothing is ever named: keep all values first, then call `work()`, then compare."
INVERTED = "these are the names of what has not changed."
EVERYTHING = "tensors were compared as objects: compare their values, `torch.equal`."
ONE_IS_ENOUGH = "one number that differs is enough, however little: `not torch.equal(…)`, or `.any()`."
SUMMARY = "sums, means and lengths can stay while numbers change: compare the numbers, `torch.equal`."
STATISTICS = {f"{layer}.{name}" for layer in ("0.1", "2")
              for name in ("running_mean", "running_var", "num_batches_tracked")}


def nothing(network: nn.Module) -> None:
    """Features of a network that is in evaluation mode."""
    network.eval()(images(4, seed=4))


def one_weight(network: nn.Module) -> None:
    """A single parameter moves in place, as an optimizer moves it, though it asks for no gradient."""
    with torch.no_grad():
        network.get_parameter("1.weight").sub_(0.1)


def one_number(network: nn.Module) -> None:
    """A tiny change in the last place of a bias."""
    with torch.no_grad():
        network.get_parameter("0.0.bias")[-1] += 1e-6


def turned(network: nn.Module) -> None:
    """The rows of a weight come in the opposite order: its sum, its mean and its length stay."""
    with torch.no_grad():
        network.get_parameter("1.weight").copy_(network.get_parameter("1.weight").flip(0))


def statistics(network: nn.Module) -> None:
    """Pictures pass through in training mode; no parameter moves."""
    network.train()(images(4, seed=5))


def replaced(network: nn.Module) -> None:
    """Another tensor takes the place of a parameter's values."""
    bias = network.get_parameter("1.bias")
    bias.data = bias.data + 1


WORKS: dict[Callable[[nn.Module], None], tuple[str, set[str]]] = {
    nothing: ("evaluation changes nothing", set()),
    one_weight: ("a frozen parameter that an optimizer has moved all the same", {"1.weight"}),
    one_number: ("one number in one bias, by a millionth", {"0.0.bias"}),
    turned: ("rows of a weight in another order", {"1.weight"}),
    statistics: ("pictures in training mode: all statistics of batch norm, and no parameter", STATISTICS),
    replaced: ("a parameter whose values were replaced", {"1.bias"}),
}


@exercise("4.6 (3)", points=2)
def changed(answer: Attempt) -> Iterator[str]:
    """What has changed?"""
    for work, (sentence, wanted) in WORKS.items():
        network, calls = pretrained().requires_grad_(False), []

        def watched(work=work, network=network, calls=calls) -> None:
            calls.append(1)
            work(network)
        came = _read(answer(network, watched))
        if len(calls) != 1:
            raise CheckFailed("`work()` should be called once", came=f"{len(calls)} times",
                              likely=UNCALLED if not calls else "")
        if came != wanted:
            raise CheckFailed("these are not the names of what has changed", came=show(sorted(came)),
                              wanted=show(sorted(wanted)), likely=_likely(answer, work, came, network))
        yield sentence


def _read(came: Any) -> set[str]:
    came = list(came) if isinstance(came, Iterable) and not isinstance(came, str | Tensor) else came
    if not isinstance(came, list) or not all(isinstance(name, str) for name in came):
        raise CheckFailed("the answer should be a set of names", came=came,
                          likely="True or False does not say where: the names that `state_dict()` gives.")
    return set(came)


def _likely(answer: Attempt, work: Callable, came: set[str], network: nn.Module) -> str:
    _, wanted = WORKS[work]
    everything, parameters = set(network.state_dict()), {name for name, _ in network.named_parameters()}
    if came == everything - wanted:
        return INVERTED if wanted else EVERYTHING
    if not came and wanted <= parameters:
        return _nothing_named(answer, work)
    if came == wanted & parameters:
        return BUFFERS
    return "all buffers count, also those inside of blocks, and the number of batches." if came else ""


def _nothing_named(answer: Attempt, work: Callable) -> str:
    """Why a change was overlooked, told from what the detector says of other networks and other works."""
    if work is one_number:
        return ONE_IS_ENOUGH
    if work is turned:
        return SUMMARY
    learning, frozen = pretrained(), pretrained().requires_grad_(False)
    if _read(answer(learning, lambda: one_weight(learning))):
        return ONLY_LEARNING
    return SAME_TENSORS if _read(answer(frozen, lambda: replaced(frozen))) else AFTER_ALL
