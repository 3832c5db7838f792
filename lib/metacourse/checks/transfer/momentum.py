"""Exercise 4.5 a ◇: a slow copy of a network, which follows the trained one."""
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed, show
from metacourse.episode import Params

WRONG_WAY = "m is on the wrong network: m of the slow one stays, and 1 − m of the trained one comes in."
HISTORY = ("the slow network would carry the history of all steps with it: it gets no gradient. `.detach()`, "
           "or `torch.no_grad()` around it.")
BY_PLACE = "two parameters of different names are mixed: the dictionaries may have another order."
SHARED = "a copy is wanted: both would have one memory, and the next step of the optimizer would move both."
SHAPES = {"body.weight": (2, 3), "head.weight": (2, 3), "body.bias": (2,), "head.bias": (2,)}
ANOTHER_ORDER = ("head.weight", "body.weight", "head.bias", "body.bias")


@exercise("4.5 a", points=1, further=True)
def follow(answer: Attempt) -> Iterator[str]:
    """The momentum update."""
    one = ({"w": torch.tensor([4.0])}, {"w": torch.tensor([-1.0])})
    _update(answer, *one, 0.75)
    yield "the slow one at 4, the trained one at −1, m = 0.75: 0.75 · 4 − 0.25 · 1 = 2.75"
    for momentum, what in ((1.0, "never moves"), (0.0, "is a copy")):
        came = _update(answer, *one, momentum)
        yield f"with m = {momentum:g} the slow one {what}"
    if came["w"].data_ptr() == answer.given[1]["w"].data_ptr():
        raise CheckFailed("with m = 0 the slow network is the trained one itself", likely=SHARED)
    rng = torch.Generator().manual_seed(7)
    slow, theta = ({name: torch.randn(shape, generator=rng) for name, shape in SHAPES.items()} for _ in "st")
    theta = {name: theta[name] for name in ANOTHER_ORDER}
    _update(answer, slow, theta, 0.9)
    yield "right for every parameter of a network, by its name"
    _a_little(answer, slow, theta, 0.99)
    yield "with m = 0.99 it goes a hundredth of the way"
    theta = {name: p.clone().requires_grad_() for name, p in theta.items()}
    came = against.ask(answer, slow, theta, momentum=0.9)
    if isinstance(came, Mapping) and any(isinstance(p, Tensor) and p.requires_grad for p in came.values()):
        raise CheckFailed("the slow network asks for a gradient", came=came, likely=HISTORY)
    yield "where the trained one has a graph, the slow one has none"


def _update(answer: Attempt, slow: Params, theta: Params, momentum: float) -> Params:
    came = _read(against.ask(answer, slow, theta, momentum=momentum), theta)
    for name, p in came.items():
        wanted = momentum * slow[name] + (1 - momentum) * theta[name]
        p = expect.tensor(p, name, shape=wanted.shape, axes="as in θ")
        beside = theta[list(theta)[list(slow).index(name)]]
        against.match(p, wanted, f"{name} is not right",
                      wrong_updates(slow[name], theta[name], momentum) | {
                          BY_PLACE: momentum * slow[name] + (1 - momentum) * beside}, row="row")
    return came


def _a_little(answer: Attempt, slow: Params, theta: Params, m: float) -> None:
    """How far it moved, over 1 − m: an error as small as the step itself would show."""
    came = _update(answer, slow, theta, m)
    for name, p in came.items():
        against.match((p - slow[name]) / (1 - m), theta[name] - slow[name],
                      f"{name} moves a little wrong", {}, row="row")


def _read(came: Any, theta: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    if not isinstance(came, Mapping):
        raise CheckFailed("the answer should be a dict of tensors", came=came, wanted="{name: tensor}")
    if came.keys() != theta.keys():
        raise CheckFailed("the answer has other names", came=show(list(came)), wanted=show(list(theta)),
                          likely="every parameter follows: is the `return` inside the loop?")
    return came


def wrong_updates(slow: Tensor, theta: Tensor, m: float) -> dict[str, Tensor]:
    """What mistakes make of one parameter."""
    return {
        WRONG_WAY: m * theta + (1 - m) * slow,
        "the trained one is added without its weight, 1 − m.": m * slow + theta,
        "the slow one is added without its weight, m.": slow + (1 - m) * theta,
        "nothing moves: m of the slow one, and 1 − m of the trained one.": slow,
        "this is the trained one: m of the slow one stays.": theta,
        "the mean of both: m is written in.": (slow + theta) / 2,
        "m = 0.99 is written in.": 0.99 * slow + 0.01 * theta,
        "m = 0.999 is written in.": 0.999 * slow + 0.001 * theta,
        "the part of the trained one is subtracted.": m * slow - (1 - m) * theta,
        "it moves away from the trained one: the sign.": slow - (1 - m) * (theta - slow),
        "both weights are m: the trained one's is 1 − m.": m * slow + m * theta,
        "m is squared.": m**2 * slow + (1 - m**2) * theta,
        "m = 0.75 is written in.": 0.75 * slow + 0.25 * theta,
    }
