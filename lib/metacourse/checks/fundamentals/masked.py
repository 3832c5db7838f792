"""Exercise 1.5 b ◇: a mean that skips the padding."""
from collections.abc import Iterator

import torch

from metacourse.checks import expect
from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.report import CheckFailed


@exercise("1.5 b", points=1, further=True)
def masked_prototypes(answer: Attempt) -> Iterator[str]:
    """Prototypes that skip the padding."""
    x = torch.tensor([[[2.0, 0], [4, 2], [9, 9]], [[6, 6], [9, 9], [9, 9]]])        # [way 2, shot 3, dim 2]
    mask = torch.tensor([[True, True, False], [True, False, False]])
    wanted = torch.tensor([[3.0, 1], [6, 6]])
    came = expect.tensor(answer(x, mask), "the answer", shape=(2, 2), axes="way, dim",
                         likely={"the mean runs over the classes: shots are axis 1.": (3, 2)}).float()
    real = mask[..., None]
    mistakes = {
        "the padding is counted in: multiply by the mask before adding up.": x.mean(1),
        "the sum is divided by the padded width: divide by `mask.sum(1)`.": (x * real).mean(1),
        "the sum is not divided: a prototype is a mean.": (x * real).sum(1),
        "the padding is used and the shots are dropped: True marks real shots.":
            (x * ~real).sum(1) / (~real).sum(1),
        "only the first shot counts.": x[:, 0],
        "one mean over all classes: each class has its own.": x[mask].mean(0).expand(2, 2),
    }
    if not torch.allclose(came, wanted):
        named = [mistake for mistake, wrong in mistakes.items() if torch.allclose(came, wrong)]
        raise CheckFailed("the prototypes are not right", came=came, likely="".join(named[:1]),
                          wanted="(3, 1), the mean of (2, 0) and (4, 2); and (6, 6), which stands alone")
    yield "the mean of (2, 0) and (4, 2) is (3, 1), and a single shot is its own prototype"
    more = answer(torch.cat([x, x], 1), torch.cat([mask, torch.zeros_like(mask)], 1)).float()
    if not torch.allclose(more, wanted):
        raise CheckFailed("more padding should change nothing", came=more, wanted="the same prototypes")
    yield "more padding changes nothing"
