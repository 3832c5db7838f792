"""Exercise 4.5 b ◇: the queue of embeddings that a picture is compared with."""
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.report import CheckFailed

GROWS = "nothing leaves: the queue grows with every step, and its oldest embeddings are long out of date."
NOT_YET = "embeddings leave before the queue is full: only what is above `size` has to go."
HISTORY = ("the queue keeps the history of each embedding: memory grows with every step, and the next "
           "`backward` would run into graphs that are gone. `.detach()`.")
NEWEST_GO = "the newest embeddings are thrown away: the oldest leave, `[-size:]`."
UNCHANGED = "nothing has changed: the new embeddings go in."
NORMALIZED = "the new embeddings are normalized here: they go in as they are."
NEGATIVE = "`queue[-n:]` is the end of the queue only where n is above 0: put all together first, then cut."


@exercise("4.5 b", points=1, further=True)
def push(answer: Attempt) -> Iterator[str]:
    """The queue."""
    for held, new, size, what in ((0, 2, 5, "the first batch goes into an empty queue"),
                                  (3, 1, 6, "while there is room, nothing leaves"),
                                  (4, 3, 5, "when it is full, the oldest leave"),
                                  (6, 2, 6, "a full queue stays as long as it is"),
                                  (3, 7, 5, "of a batch larger than the queue, its end is kept")):
        _pushed(answer, held, new, size)
        yield f"{what}: {held} and {new}, with room for {size}"
    _without_history(answer)
    yield "what is kept has no graph"


def _pushed(answer: Attempt, held: int, new: int, size: int) -> None:
    both = torch.randn(held + new, 3, generator=torch.Generator().manual_seed(held)).round(decimals=2)
    queue, z = both[:held], both[held:]
    wanted = both[-size:]
    came = against.ask(answer, queue, z, size=size)
    same = isinstance(came, Tensor) and torch.equal(came, queue)
    shapes = {
        GROWS: (held + new, 3), UNCHANGED if same else NOT_YET: (held, 3),
        "`cat` along the wrong axis: embeddings are rows.": (held, 6),
        "one row too many: the last `size` are `[-size:]`.": (size + 1, 3),
        "a size is written in: `size` says how many are kept.": (5, 3),
        "each embedding of the batch goes in as a row of its own.": (held + 1, 3),
        "the new embeddings have replaced the old ones: add them at the end.": (new, 3)}
    if new > size:
        shapes |= {NEGATIVE: (len(queue[-(size - new):]) + new, 3)}
    came = expect.tensor(came, "the queue", shape=wanted.shape, axes="embedding, dim",
                         likely={m: s for m, s in shapes.items() if s != tuple(wanted.shape)})
    against.match(came, wanted, "the queue does not hold the last embeddings, oldest first",
                  wrong_queues(queue, z, size), row="place")


def wrong_queues(queue: Tensor, z: Tensor, size: int) -> dict[str, Tensor]:
    """What mistakes make of it."""
    both, reverse = torch.cat([queue, z]), torch.cat([z, queue])
    return ({"of a batch that is larger than the queue the beginning is kept: its end is newer.": z[:size]}
            if len(z) > size else {}) | {
        NEWEST_GO: both[:size],
        "new embeddings stand in front: oldest first.": reverse[:size],
        "new embeddings stand in front, and the newest leave: put them at the end.": reverse[-size:],
        "the order is turned around: oldest first.": both[-size:].flip(0),
        UNCHANGED: queue,
        "the embeddings are sorted: they stay in the order in which they came.": both[-size:].sort(0).values,
        NORMALIZED: torch.cat([queue, F.normalize(z, dim=-1)])[-size:],
        "new embeddings take the places at the front: those behind move up, and new ones come last.":
            torch.cat([z, queue[len(z):]])[:size],
    }


def _without_history(answer: Attempt) -> None:
    queue, z = torch.zeros(2, 3), torch.ones(2, 3, requires_grad=True)
    came = against.ask(answer, queue, z, size=4)
    if isinstance(came, Tensor) and came.requires_grad:
        raise CheckFailed("the queue asks for a gradient", came=came, likely=HISTORY)
    z_full = torch.ones(4, 3, requires_grad=True)
    came = against.ask(answer, queue, z_full, size=4)
    if isinstance(came, Tensor) and came.requires_grad:
        raise CheckFailed("a queue of one batch asks for a gradient", came=came, likely=HISTORY)
