"""Exercise 3.4, repair 3: a detector for methods that look where a query stands, and for no others."""
import functools
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

Classify = Callable[[Tensor, Tensor], Tensor]             # (z_support, z_query) -> labels [query]

WAY, SHOT, DIM, QUERIES = 3, 2, 4, 24
PLACES, SEEDS = (0, 9, 17, 23), range(10, 18)
UNSHUFFLE = ("the second answers stand in the shuffled order: bring the first into that order, too, "
             "`before[order]`, and then compare.")
INVERTED = "it is inverted: True says that the order matters."
DEAF = "one class for every query cannot depend on places: compare what `classify` says before and after."
COUNTS = "only how often each class comes is compared: compare query by query."
MIRROR = "turning the order around is one order of very many, and this method is blind to it: shuffle."
SUPPORT = "the support set was changed. Its rows are the classes: leave them as they are."
ANY = "one query that changes its class is enough: `any`, or `torch.equal`, without a threshold."
TURN = "when the order is only moved along, queries keep their neighbors, and this one sees those: shuffle."
STAYED = "some queries keep their place in every shuffle: `torch.randperm(len(z_query), generator=rng)`."
REPEATED = "some queries were shown twice, and others not at all: `torch.randperm`, which leaves out none."
FIXED = ("rng is not used: `torch.randperm(len(z_query), generator=rng)`. A leak may survive any one order, "
         "and a second seed is a second look.")
STILL = "the queries were never shuffled: `z_query[order]` for a random order."
UNCALLED = "`classify` was never called: ask it twice, with the queries in two orders, and compare."
PARTS = ("not all queries were shown at once. A transductive method may look at the other queries, and this "
         "detector asks another question: does it matter where they stand?")


@exercise("3.4 (3)", points=2)
def order_matters(answer: Attempt) -> Iterator[str]:
    """A detector for the leak."""
    for classify, likely in {always_zero: DEAF, nearest: UNSHUFFLE, centered: UNSHUFFLE}.items():
        _expect(answer, classify, False, likely)
    yield "methods that judge a query by its embedding are left alone, the transductive one, too"
    for classify, likely in {rows_are_classes: ANY, from_the_place: COUNTS, by_turns: COUNTS,
                             mirrored: MIRROR, chained: TURN}.items():
        _expect(answer, classify, True, likely)
        yield f"caught: {_about(classify)}"
    _by_seed(answer)
    yield "rng decides how the queries are shuffled"
    for place in PLACES:
        _find(answer, place)
    yield "caught: methods in which one place has a class of its own, the first, the last or one between"


def nearest(z_support: Tensor, z_query: Tensor) -> Tensor:
    """The nearest prototype."""
    return torch.cdist(z_query, z_support.mean(1)).argmin(1)


def centered(z_support: Tensor, z_query: Tensor) -> Tensor:
    """The nearest prototype, where both sets are moved so that their means are zero."""
    return nearest(z_support - z_support.mean((0, 1)), z_query - z_query.double().mean(0).float())


def always_zero(z_support: Tensor, z_query: Tensor) -> Tensor:
    """Class 0 for every query."""
    return torch.zeros(len(z_query), dtype=torch.int64)


def rows_are_classes(z_support: Tensor, z_query: Tensor) -> Tensor:
    """The program above, which adds row k of the queries to class k."""
    rows = z_query.reshape(len(z_support), -1, z_query.shape[-1])
    return torch.cdist(z_query, torch.cat([z_support, rows], 1).mean(1)).argmin(1)


def from_the_place(z_support: Tensor, z_query: Tensor) -> Tensor:
    """A method that never looks: the first third is class 0, and so on."""
    return torch.arange(len(z_query)) * len(z_support) // len(z_query)


def by_turns(z_support: Tensor, z_query: Tensor) -> Tensor:
    """Another one that never looks, and says 0, 1, 2, 0, 1, 2, and so on."""
    return torch.arange(len(z_query)) % len(z_support)


def mirrored(z_support: Tensor, z_query: Tensor) -> Tensor:
    """A method that takes the mean of the first and the last query, of the second and the last but one."""
    return nearest(z_support, (z_query + z_query.flip(0)) / 2)


def chained(z_support: Tensor, z_query: Tensor) -> Tensor:
    """A method that takes the mean of each query and the one before it, and of the first and the last."""
    return nearest(z_support, (z_query + z_query.roll(1, 0)) / 2)


def at_place(place: int) -> Classify:
    """A method with a leak at one place, which shows when a query of another class gets there."""
    usual = nearest(*_episode())[place]

    def one_place(z_support: Tensor, z_query: Tensor) -> Tensor:
        """The nearest prototype, but one place has a class of its own, whoever stands there."""
        return torch.where(torch.arange(len(z_query)) == place, usual, nearest(z_support, z_query))
    return one_place


def _about(classify: Classify) -> str:
    return classify.__doc__[0].lower() + classify.__doc__[1:].rstrip(".")


def _episode() -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(9)
    return torch.randn(WAY, SHOT, DIM, generator=rng), torch.randn(QUERIES, DIM, generator=rng)


def _expect(answer: Attempt, classify: Classify, wanted: bool, likely: str) -> None:
    came, shown = _watched(answer, classify)
    if came is wanted:
        return
    given = answer.called
    inverted = not wanted and not _watched(answer, rows_are_classes)[0]
    raise CheckFailed("an honest method is accused" if came else "a leak is not found", given=given,
                      wanted=str(wanted), came=f"{came} for `{classify.__name__}`: {_about(classify)}",
                      likely=INVERTED if inverted else _misled(shown) or likely)


def _find(answer: Attempt, place: int) -> None:
    """Found with one of the seeds: a shuffle may bring a query of the same class to the place."""
    queries, orders = _episode()[1].tolist(), []
    for seed in SEEDS:
        came, shown = _watched(answer, at_place(place), seed)
        if came:
            return
        orders += [z_query for _, z_query in shown]
    stays = any(all(z_query[i] == queries[i] for z_query in orders) for i in range(QUERIES))
    raise CheckFailed("a leak is not found", wanted="True", likely=STAYED if stays else ANY,
                      came=f"False for {_about(at_place(place))}: place {place}")


def _by_seed(answer: Attempt) -> None:
    one, again, other = (_watched(answer, nearest, seed)[1] for seed in (10, 10, 11))
    if one != again:
        raise CheckFailed("one seed should shuffle the same twice",
                          likely="a random call without `generator=rng`.")
    if one == other:
        raise CheckFailed("two seeds should shuffle in two ways", likely=FIXED)
    if likely := _misled(one):
        raise CheckFailed("the method should be shown all queries, in two orders", likely=likely)


def _watched(answer: Attempt, classify: Classify, seed: int = 10) -> tuple[bool, list]:
    """What the answer is, and what the method was shown for it."""
    shown = []

    @functools.wraps(classify)
    def watched(z_support: Tensor, z_query: Tensor) -> Tensor:
        shown.append([z_support.tolist(), z_query.tolist()])
        return classify(z_support, z_query)
    try:
        came = against.ask(answer, watched, *_episode(), rng=torch.Generator().manual_seed(seed))
    except CheckFailed as failure:
        failure.likely = (_misled(shown) if shown else "") or failure.likely
        raise
    if (isinstance(came, Tensor) and came.numel() == 1) or type(came).__name__ == "bool_":
        came = bool(came)
    if not isinstance(came, bool):
        raise CheckFailed("the answer should be True or False", came=came,
                          likely="one answer for all queries: `torch.equal(a, b)`, or `.any()` and `.all()`.")
    return came, shown


def _misled(shown: list) -> str:
    """Why a detector was misled, told from what it showed to the method."""
    support, query = (part.tolist() for part in _episode())
    if not shown:
        return UNCALLED
    if any(s != support for s, _ in shown):
        return SUPPORT
    if any(len(q) != len(query) for _, q in shown):
        return PARTS
    if any(sorted(q) != sorted(query) for _, q in shown):
        return REPEATED
    return STILL if all(q == query for _, q in shown) else ""
