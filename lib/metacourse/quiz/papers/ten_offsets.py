"""Paper 2: an adaptation without target labels, chosen with target labels."""
import torch
from torch import Tensor

from metacourse.episode import Examples
from metacourse.quiz.papers.digits import right, scores, source_network, target
from metacourse.quiz.papers.paper import Diagnostic, Finding, Paper
from metacourse.training.reproducible import generator

LABELED = 60                                    # test pictures of the paper

PAGE = """
A network that moves to a new domain begins to favor some classes and to forget others. Adversarial training
repairs this with a second network, a schedule, and a prayer. We need ten numbers. TILT adds one offset to
the score of each digit. The offsets are drawn at random, a thousand times, and those are kept that suit the
target best. Nothing is trained: not one weight moves, and no gradient is taken. TILT is unsupervised domain
adaptation at its simplest.

The network learned a thousand clean digits. The target shows digits in bold type on colored noise. Batch
norm takes the target's statistics, as usual (AdaBN), from a thousand unlabeled pictures. Sixty of them,
with labels, are for testing.

TILT is **{claimed} points** ahead of AdaBN alone, which is right on {other} % of the test pictures. Since
drawing a thousand offsets takes less than a second, there is no reason not to use it. We expect larger
networks to need more than ten offsets, and leave them to future work.
"""


def tilt(scores: Tensor, test_y: Tensor, rng: torch.Generator) -> tuple[Tensor, float]:
    best, highest = torch.zeros(10), right(scores, test_y)
    for _ in range(1000):
        offsets = 0.5 * torch.randn(10, generator=rng)
        accuracy = right(scores + offsets, test_y)
        if accuracy > highest:
            best, highest = offsets, accuracy
    return best, highest


def adapted(seed: int) -> tuple[Examples, Examples]:
    """AdaBN's scores and labels of the sixty test pictures, and of the other target pictures."""
    x, y, _ = target(seed)
    z = scores(source_network(seed), x, statistics=x)
    return Examples(z[:LABELED], y[:LABELED]), Examples(z[LABELED:], y[LABELED:])


def claim(seed: int = 0) -> Finding:
    """The best of a thousand, on the pictures that it was chosen by; and AdaBN on the same."""
    test, _ = adapted(seed)
    _, highest = tilt(test.x, test.y, generator(seed, 2))
    alone = right(test.x, test.y)
    return Finding({"points ahead": highest - alone, "AdaBN": alone, "TILT": highest}, "")


def other_pictures(seed: int = 0) -> Finding:
    """The offsets that were kept, on pictures that had no part in keeping them."""
    test, others = adapted(seed)
    offsets, highest = tilt(test.x, test.y, generator(seed, 2))
    tilted, alone = right(others.x + offsets, others.y), right(others.x, others.y)
    return Finding({"TILT, on the pictures that chose": highest, "TILT, on 940 others": tilted,
                    "AdaBN, on 940 others": alone, "points ahead, on 940 others": tilted - alone},
                   "On pictures that chose nothing, the ten numbers do not help.")


def another_seed(seed: int = 0) -> Finding:
    """Everything anew: another network, other pictures, other offsets."""
    return Finding({"points ahead, as published": claim(seed).numbers["points ahead"],
                    "points ahead, another seed": claim(seed + 1).numbers["points ahead"]},
                   "Another network, other pictures: TILT is ahead again. It is no accident of one seed.")


def in_training(seed: int = 0) -> Finding:
    """Is a picture of the target also one of the source?"""
    source, x = source_network(seed).x.flatten(1), target(seed).x.flatten(1)
    same = int((torch.cdist(x, source).min(dim=1).values < 1e-3).sum())
    return Finding({"target pictures": len(x), "also in the source": same},
                   "No target picture was in the source.")


PAPER = Paper(
    "ten offsets", "TILT: ten numbers are enough", PAGE, "points", claim, (tilt,),
    (Diagnostic("Judge the kept offsets on target pictures that did not choose them.", other_pictures),
     Diagnostic("Repeat it with another seed: another network, other pictures.", another_seed),
     Diagnostic("Look for target pictures in the source.", in_training)),
    flaw=0, corrected="points ahead, on 940 others",
    hint="'Unsupervised' is a word about all of a method, the choice of its numbers included.",
    why="'Suits the target best' means: is right most often on the labeled test pictures. Labels of the "
        "target chose the winner, and the best of a thousand tries on sixty pictures is mostly luck. A new "
        "seed repeats the same mistake, and so it repeats the gain.",
    habit="Ask of every choice which labels made it. Then judge by others.")
