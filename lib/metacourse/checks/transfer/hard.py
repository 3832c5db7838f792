"""Exercise 4.3 b: the teacher's answers and the labels, in one loss."""
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse.checks.attempt import Attempt
from metacourse.checks.exercise import exercise
from metacourse.checks.few_shot import against
from metacourse.checks.transfer.soft import right_loss, who_learns

BOTH_SOFT = "the labels are learned at temperature 1: only the comparison with the teacher is softened."


@exercise("4.3 b", points=1)
def distillation_loss(answer: Attempt) -> Iterator[str]:
    """Teacher and labels."""
    rng = torch.Generator().manual_seed(4)
    for n, way, temperature, soft in ((6, 5, 2.0, 0.3), (3, 6, 4.0, 0.9)):
        logits, y = 2 * torch.randn(2, n, way, generator=rng), torch.randint(way, (n,), generator=rng)
        _value(answer, *logits, y, temperature, soft)
        yield f"T = {temperature:g}: {soft:g} of the soft loss and {1 - soft:.1f} of the cross-entropy"
    _value(answer, *logits, y, 3.0, 1.0)
    _value(answer, *logits, y, 3.0, 0.0)
    yield "with soft = 1 no label counts, with soft = 0 no teacher"
    who_learns(answer, logits, y, temperature=2.0, soft=0.5)
    yield "the gradient reaches the student, and not the teacher"


def _value(answer: Attempt, student: Tensor, teacher: Tensor, y: Tensor, temperature: float,
           soft: float) -> None:
    came = against.ask(answer, student, teacher, y, temperature=temperature, soft=soft)
    hard = F.cross_entropy(student, y)
    wanted = soft * right_loss(student, teacher, temperature) + (1 - soft) * hard
    against.number(came, wanted.item(), "the loss", wrong_losses(student, teacher, y, temperature, soft))


def wrong_losses(s: Tensor, t: Tensor, y: Tensor, T: float, soft: float) -> dict[str, float]:
    """What mistakes make of the two parts."""
    distilled, hard = right_loss(s, t, T).item(), F.cross_entropy(s, y).item()
    hard_soft = F.cross_entropy(s / T, y).item()
    return {
        "the weights are swapped: `soft` is the teacher's.": (1 - soft) * distilled + soft * hard,
        BOTH_SOFT: soft * distilled + (1 - soft) * hard_soft,
        f"{BOTH_SOFT} (And T² belongs to the soft part alone.)":
            soft * distilled + (1 - soft) * T**2 * hard_soft,
        "T² is on both parts: it belongs to the soft one.": soft * distilled + (1 - soft) * T**2 * hard,
        "T² is on the labels' part: it belongs to the soft one.":
            soft * distilled / T**2 + (1 - soft) * T**2 * hard,
        "T² is missing in the soft part.": soft * distilled / T**2 + (1 - soft) * hard,
        "the soft part is a mean over classes, too: `reduction=\"batchmean\"` adds them up.":
            soft * distilled / s.shape[1] + (1 - soft) * hard,
        "T² stands twice in the soft part: `soft_loss` has it already.":
            soft * distilled * T**2 + (1 - soft) * hard,
        "the labels' part has no weight: 1 − soft.": soft * distilled + hard,
        "the teacher's part has no weight: soft.": distilled + (1 - soft) * hard,
        "neither part has a weight: soft, and 1 − soft.": distilled + hard,
        "the labels' part is missing.": soft * distilled,
        "the teacher's part is missing.": (1 - soft) * hard,
        "the weights must sum to one: soft, and 1 − soft.": soft * distilled + soft * hard,
        "the cross-entropy is the teacher's: the student is to learn the labels.":
            soft * distilled + (1 - soft) * F.cross_entropy(t, y).item(),
        "a second softmax: `F.cross_entropy` takes logits.":
            soft * distilled + (1 - soft) * F.cross_entropy(s.softmax(-1), y).item(),
        "teacher and student are swapped in the soft loss.":
            soft * right_loss(t, s, T).item() + (1 - soft) * hard,
        "the sum over the labels: take their mean.": soft * distilled + (1 - soft) * hard * len(y),
        "`soft` is not used: here the labels' part is missing.": distilled,
        "`soft` is not used: here the teacher's part is missing.": hard,
        "`soft` is not used: half of each is written in.": (distilled + hard) / 2,
        "`F.nll_loss` wants log-probabilities, and got logits: `F.cross_entropy` takes logits.":
            soft * distilled + (1 - soft) * F.nll_loss(s, y).item(),
        "the labels are the teacher's best classes: the true ones are given.":
            soft * distilled + (1 - soft) * F.cross_entropy(s, t.argmax(-1)).item(),
        "1 − soft is subtracted: the parts are added.": soft * distilled - (1 - soft) * hard,
    }
