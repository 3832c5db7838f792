"""An answer against the right tensor, and against those that mistakes lead to."""
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.report import CheckFailed

WRITTEN_IN = "a number of classes, shots or pictures is written in: read it off the tensors' shapes."
MULTIPLIED = "the temperature multiplies: it divides, so that a larger one is softer."
LINE_UP = ("two tensors whose axes do not line up. Axes are matched from the last one backwards: "
           "`z[:, None]` makes room for an axis of the other. (With equal numbers it runs, and is wrong.)")
CUT = ("`.detach()`, `.data`, `.item()`, `float()`, `torch.tensor(…)` or `no_grad` cuts the graph. Learning "
       "needs the slope in every input.")
NO_ROOM = "the queries have no axis of their own: `z_query[:, None]` makes room for the classes."
KNOWN = {                                                 # part of PyTorch's message -> its usual cause
    "must match the size of tensor": LINE_UP,
    "Sizes of tensors must match": "`cat` wants all other axes equal: `expand` both to [query, way, …].",
    "cannot be multiplied": "`a @ b` adds up the last axis of a and the first one of b: transpose b.",
    "must match the existing size": WRITTEN_IN,
    "is invalid for input of size": WRITTEN_IN,
    "out of bounds": WRITTEN_IN,
    "out of range": "an axis that does not exist. Write down the shape of each tensor on that line.",
    "can only be either floating point": "a mean of whole numbers or of True and False: `.float()` first.",
    "Can't call numpy()": CUT,
    "requires_grad=True to a scalar": CUT,                # a warning, which some make an exception
    "Subtraction, the `-` operator, with a bool": "1 − True is no number to PyTorch: `same.float()`, `~same` "
                                                 "or `torch.where(same, …, …)`.",
}


def ask(answer: Attempt, *args: Any, **kwargs: Any) -> Any:
    """The answer; where PyTorch raised an exception that learners often meet, with its usual cause."""
    try:
        return answer(*args, **kwargs)
    except CheckFailed as failure:
        if "raised an exception" in failure.what:
            failure.likely = next((cause for part, cause in KNOWN.items() if part in failure.came), "")
        raise


def slopes(answer: Attempt, inputs: Mapping[str, Tensor], **kwargs: Any) -> list[Tensor]:
    """The gradient of the answer's sum in each input that is not whole numbers; it must reach them all."""
    came = ask(answer, *(z.clone().requires_grad_(z.is_floating_point()) for z in inputs.values()), **kwargs)
    places = {name: z for name, z in zip(inputs, answer.given) if z.requires_grad}
    found: tuple[Tensor | None, ...] = (None,) * len(places)
    if isinstance(came, Tensor) and came.requires_grad:
        found = torch.autograd.grad(came.sum(), list(places.values()), allow_unused=True)
    for name, slope in zip(places, found):
        if slope is None:
            raise CheckFailed(f"no gradient reaches `{name}`: nothing could be learned from it", likely=CUT)
    return list(found)


def match(came: Tensor, wanted: Tensor, what: str, mistakes: Mapping[str, Tensor], *,
          row: str = "query") -> None:
    """The whole tensor. The report shows the first row that is wrong, and names the mistake that came."""
    if close(came, wanted):
        return
    i = next(i for i in range(len(wanted)) if not close(came[i], wanted[i]))
    named = [mistake for mistake, wrong in mistakes.items() if close(came, wrong)]
    raise CheckFailed(what, came=f"{row} {i}: {short(came[i])}", wanted=f"{row} {i}: {short(wanted[i])}",
                      likely=named[0] if named else _not_a_number(came))


def number(came: Any, wanted: float, what: str, likely: Mapping[str, float]) -> None:
    """One number; NaN has a cause of its own."""
    try:
        expect.number(came, wanted, what, likely=likely, tolerance=1e-4)
    except CheckFailed as failure:
        failure.likely = failure.likely or (_not_a_number(torch.tensor(float("nan")))
                                            if failure.came == "nan" else "")
        raise


def close(came: Tensor, wanted: Tensor) -> bool:
    """Equal up to single precision, and of the same shape."""
    return came.shape == wanted.shape and torch.allclose(came.double(), wanted.double(), rtol=1e-3, atol=1e-4)


def short(row: Tensor) -> str:
    """The first numbers of a row, however many axes it has."""
    numbers = ", ".join(f"{x:.4g}" for x in row.flatten().tolist()[:6])
    return f"({numbers}{', …' if row.numel() > 6 else ''})"


def _not_a_number(came: Tensor) -> str:
    if came.isnan().any():
        return "NaN: 0/0, a mean over nothing, or ∞ − ∞. Print what each line gives."
    return ""
