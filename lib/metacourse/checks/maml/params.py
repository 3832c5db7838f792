"""Parameters as a learner returns them, and what usually goes wrong when a gradient is taken."""
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from metacourse.checks.attempt import Attempt
from metacourse.checks.report import CheckFailed, show
from metacourse.episode import Params

CUT = ("the graph was cut before the gradient was taken: by `torch.no_grad`, `.detach()`, `.data`, an "
       "optimizer's `step()`, or by taking the gradient in copies of θ.")
STALE = ("what stood in `.grad` before is still in it: `.backward()` adds. Clear it first, or use "
         "`torch.autograd.grad`, which leaves `.grad` alone.")
FREED = ("the graph is freed by the first gradient that is taken through it: `create_graph=True` keeps it "
         "for the next one.")
KNOWN = {                                                 # part of PyTorch's message -> its usual cause
    "does not require grad": CUT,
    "appears to not have been used in the graph": CUT,
    "backward through the graph a second time": FREED,
    "is being used in an in-place operation": "an optimizer's `step()`, `-=`, or an operation that ends in "
                                              "`_`: build new tensors, φ = θ − α ∇.",
    "modified by an inplace operation": "parameters changed in place, while the graph still needs their old "
                                        "values: build new tensors, φ = θ − α ∇.",
    "grad can be implicitly created only for scalar": "a gradient is taken of one number: the loss.",
    "'NoneType'": "a gradient or `.grad` is None: the loss does not depend on that tensor. Which tensors did "
                  "you compute it with?",
}


def ask(answer: Attempt, *args: Any, **kwargs: Any) -> Any:
    """The answer; where PyTorch raised an exception that learners often meet, with its usual cause."""
    try:
        return answer(*args, **kwargs)
    except CheckFailed as failure:
        if "raised an exception" in failure.what:
            failure.likely = next((cause for part, cause in KNOWN.items() if part in failure.came), "")
        raise


def read(came: Any, like: Params, what: str) -> Params:
    """A dict with the names, shapes and dtypes of `like`; φ and gradients both look like θ."""
    wanted = f"a dict with the names of θ: {', '.join(like)}"
    if not isinstance(came, dict):
        many = isinstance(came, tuple | list)
        raise CheckFailed(f"{what} should be a dict", came=f"{show(came)}, of type {type(came).__name__}",
                          wanted=wanted, likely=_listed(came) if many else "")
    if set(came) != set(like):
        missing = [name for name in like if name not in came]
        likely = f"what does not change is there, too: {', '.join(missing)}." if missing and came else ""
        raise CheckFailed(f"{what} should have the names of θ", wanted=wanted, likely=likely,
                          came=f"the names {', '.join(map(str, came)) or '(none)'}")
    for name, p in like.items():
        if not isinstance(came[name], Tensor):
            none = "None stands where a gradient was not found: the loss does not depend on θ any more. "
            raise CheckFailed(f"{what}[{name!r}] should be a tensor", came=came[name],
                              likely=none + CUT if came[name] is None else "")
        if came[name].shape != p.shape:
            raise CheckFailed(f"{what}[{name!r}] has the wrong shape", came=str(list(came[name].shape)),
                              wanted=str(list(p.shape)))
    return {name: came[name] for name in like}


def slope(of: Tensor, to: Tensor) -> float | None:
    """dφ/dθ for two numbers by autograd; None where the graph does not lead from one to the other."""
    if not of.requires_grad:
        return None
    came, = torch.autograd.grad(of, to, retain_graph=True, allow_unused=True)
    return None if came is None else came.item()


def vector(params: Params) -> Tensor:
    """All numbers of φ or of a gradient, one after the other."""
    return torch.cat([p.detach().flatten() for p in params.values()])


def match(came: float | None, wanted: float, what: str, likely: Mapping[str, float | None]) -> None:
    """One number, or None, against the right one and those that mistakes lead to."""
    if not near(came, wanted):
        mistakes = [mistake for mistake, wrong in likely.items() if near(came, wrong)]
        raise CheckFailed(f"{what} is not right", came="nothing: the graph ends on the way" if came is None
                          else came, wanted=show(float(wanted)), likely="".join(mistakes[:1]))


def near(came: float | None, wanted: float | None) -> bool:
    """Equal up to single precision; None is equal to None only."""
    if came is None or wanted is None:
        return came is wanted
    return abs(came - wanted) <= 2e-4 * max(1.0, abs(wanted))


def _listed(came: tuple | list) -> str:
    if came and all(isinstance(part, dict) for part in came):
        return "these are several dicts: return the last one."
    return "`torch.autograd.grad` gives a tuple: `dict(zip(theta, gradients))` gives the names back."
