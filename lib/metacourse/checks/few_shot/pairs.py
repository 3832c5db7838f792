"""Exercise 3.3 a: every two pictures, once, and whether they are of the same class."""
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations

import torch
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed, show

Pair = tuple[int, int]

ORDER = "the order of the three parts is wrong: first, second, same."
TO_TENSORS = ("a list of pairs is one list, and three tensors are wanted: `torch.tensor(pairs).T` has the "
              "first two of them as rows, and `y[first] == y[second]` is the third.")
FROM_A_LIST = "a list does not index a tensor as a tensor does: `torch.tensor(…)` makes one of it."
FROM_NUMPY = "a number, or an array of NumPy: `torch.as_tensor(…)` makes a torch tensor of an array."


@exercise("3.3 a", points=1)
def all_pairs(answer: Attempt) -> Iterator[str]:
    """Pairs."""
    pairs = _pairs(answer, [2, 0, 2, 1])
    yield "4 pictures make 6 pairs: none with itself, none twice"
    _same(pairs, [2, 0, 2, 1])
    yield "labels 2, 0, 2, 1: only the first and the third picture are of the same class"
    y = [1, 0, 3, 1, 1, 0, 3]
    _same(_pairs(answer, y), y)
    yield "7 pictures in any order make 21 pairs, 5 of them of the same class"


def _pairs(answer: Attempt, y: list[int]) -> list[tuple[int, int, bool]]:
    came = against.ask(answer, torch.tensor(y))
    first, second, same = map(_row, _parts(came), ("first", "second", "same"))
    _dtypes(first, second, same)
    if not len(first) == len(second) == len(same):
        raise CheckFailed("the three parts should be equally long",
                          came=f"{len(first)}, {len(second)} and {len(same)}")
    pairs = list(zip(first.tolist(), second.tolist(), same.tolist()))
    _each_once([(i, j) for i, j, _ in pairs], y)
    return pairs


def _parts(came: object) -> tuple:
    try:
        return expect.parts(came, ["first", "second", "same"], "the answer")
    except CheckFailed as failure:
        failure.likely = TO_TENSORS if isinstance(came, list | tuple) and len(came) > 3 else ""
        raise


def _row(part: object, name: str) -> Tensor:
    if isinstance(part, Tensor) and part.ndim == 1:
        return part.detach().cpu()
    if isinstance(part, Tensor):
        raise CheckFailed(f"{name} should have one axis", came=str(list(part.shape)), wanted="[pair]")
    raise CheckFailed(f"{name} should be a torch tensor", came=f"{show(part)}, of type {type(part).__name__}",
                      wanted="a torch tensor [pair]",
                      likely=FROM_A_LIST if isinstance(part, list | tuple) else FROM_NUMPY)


def _dtypes(first: Tensor, second: Tensor, same: Tensor) -> None:
    if same.dtype == torch.bool and {first.dtype, second.dtype} <= {torch.int32, torch.int64}:
        return
    likely = "places are to be used as `y[first]`, and PyTorch wants int64 there: `.long()`."
    if same.dtype != torch.bool:
        likely = ORDER if torch.bool in (first.dtype, second.dtype) else \
            "compare labels with `==`, which gives True or False."
    raise CheckFailed("places should be whole numbers, and same should be True or False", likely=likely,
                      came=f"{first.dtype}, {second.dtype}, {same.dtype}",
                      wanted="torch.int64, torch.int64, torch.bool")


def _each_once(pairs: list[Pair], y: list[int]) -> None:
    n, kinds = len(y), {tuple(sorted(pair)) for pair in pairs}
    wanted = f"{n * (n - 1) // 2} pairs of {n} pictures"
    if _bag(pairs) == _bag((y[i], y[j]) for i, j in combinations(range(n), 2)):
        raise CheckFailed("these are labels, and places are wanted", came=pairs[0], wanted="(0, 1)",
                          likely="the pair of the first two pictures is (0, 1), whatever their labels are.")
    strange = [pair for pair in pairs if not all(0 <= i < n for i in pair)]
    if strange:
        raise CheckFailed("a pair names a picture that is not there", came=strange[0], wanted=f"0 to {n - 1}")
    if any(i == j for i, j in pairs):
        raise CheckFailed("a picture is paired with itself", came=f"{len(pairs)} pairs", wanted=wanted,
                          likely="such a pair has distance zero and teaches nothing: keep those with "
                                 "first < second.")
    if len(kinds) < len(pairs):
        raise CheckFailed("a pair comes twice", came=f"{len(pairs)} pairs", wanted=wanted,
                          likely="(0, 2) and (2, 0) are one pair: keep those with first < second.")
    if len(kinds) < n * (n - 1) // 2:
        raise CheckFailed("some pairs are missing", came=f"{len(pairs)} pairs", wanted=wanted,
                          likely=_which(kinds, y))


def _bag(pairs: Iterable[Pair]) -> Counter:
    """Which pairs there are, and how often, whichever of the two comes first."""
    return Counter(tuple(sorted(pair)) for pair in pairs)


def _which(kinds: set[Pair], y: list[int]) -> str:
    if all(y[i] == y[j] for i, j in kinds):
        return "only pairs of the same class are there: without the others, all pictures end in one point."
    if not any(y[i] == y[j] for i, j in kinds):
        return "only pairs of different classes are there: nothing pulls together what belongs together."
    if all(j - i == 1 for i, j in kinds):
        return "only neighbors are paired: every picture is to meet every other."
    return ""


def _same(pairs: list[tuple[int, int, bool]], y: list[int]) -> None:
    right, came = [y[i] == y[j] for i, j, _ in pairs], [same for *_, same in pairs]
    if came == right:
        return
    i, j, said = next(pair for pair, true in zip(pairs, right) if pair[2] != true)
    inverted = came == [not true for true in right]
    raise CheckFailed("`same` is not right", wanted=str(not said),
                      came=f"{said} for pictures {i} and {j}, with labels {y[i]} and {y[j]}",
                      likely="it is inverted: True marks pairs of the same class." if inverted else
                      "it is told from the places of the pictures, or from anything else but their labels: "
                      "pictures come in any order.")
