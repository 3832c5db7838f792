"""Paper 2: an adaptation without target labels, chosen with target labels."""
import torch
from torch import Tensor

from metacourse.episode import Examples
from metacourse.quiz.papers.digits import Trained, right, scores, source_network, target
from metacourse.quiz.papers.paper import Diagnostic, Finding, Paper
from metacourse.training.reproducible import generator

PAGE = """
Adapting batch norm to a new domain takes hundreds of pictures of it, which are averaged, good and bad
alike. We show that sixteen suffice, if they are the right ones. CURATE draws a hundred sets of sixteen
unlabeled target pictures, computes the batch-norm statistics of each, and keeps the set that suits the
network best. It is unsupervised: no gradient is taken, and not one parameter moves.

The source is a thousand clean digits; the target shows them in bold type on colored noise. Half of the
target's pictures are the pool that sets are drawn from. A hundred of the other half are for testing.

With the sixteen that were kept, the network is right on **{claimed} %** of the test pictures. With all five
hundred pictures of the pool it is right on {other} %. Careful choice beats quantity. We release our sixteen
pictures, and recommend CURATE wherever target data is unlabeled and expensive.
"""


def curate(trained: Trained, pool: Tensor, test: Examples, rng: torch.Generator) -> tuple[Tensor, float]:
    best, highest = pool[:16], 0.0
    for _ in range(100):
        sixteen = pool[torch.randperm(len(pool), generator=rng)[:16]]
        accuracy = right(scores(trained, test.x, statistics=sixteen), test.y)
        if accuracy > highest:
            best, highest = sixteen, accuracy
    return best, highest


def halves(seed: int) -> tuple[Tensor, Examples, Examples]:
    """The pool without labels, the hundred test pictures, and four hundred that nobody has looked at."""
    x, y, _ = target(seed)
    return x[:500], Examples(x[500:600], y[500:600]), Examples(x[600:], y[600:])


def claim(seed: int = 0) -> Finding:
    """The best of a hundred, on the pictures that it was chosen by; and the whole pool."""
    trained, (pool, test, _) = source_network(seed), halves(seed)
    _, highest = curate(trained, pool, test, generator(seed, 2))
    return Finding({"CURATE": highest,
                    "the whole pool": right(scores(trained, test.x, statistics=pool), test.y)}, "")


def fresh_pictures(seed: int = 0) -> Finding:
    """The sixteen that were kept, on pictures that had no part in keeping them."""
    trained, (pool, test, fresh) = source_network(seed), halves(seed)
    kept, highest = curate(trained, pool, test, generator(seed, 2))
    by_kept, by_pool = (right(scores(trained, fresh.x, statistics=x), fresh.y) for x in (kept, pool))
    return Finding({"CURATE, on the pictures that chose": highest, "CURATE, on 400 others": by_kept,
                    "the whole pool, on 400 others": by_pool},
                   "On pictures that chose nothing, the sixteen are nothing special.")


def another_seed(seed: int = 0) -> Finding:
    """Everything anew, from another source network and another pool."""
    again, pool = claim(seed + 1).numbers.values()
    return Finding({"CURATE, as published": claim(seed).numbers["CURATE"], "CURATE, another seed": again,
                    "the whole pool, another seed": pool},
                   "Another network, another pool: CURATE is ahead again. It is no accident of one seed.")


def in_training(seed: int = 0) -> Finding:
    """Is a picture of the target also one of the source?"""
    source, x = source_network(seed).x.flatten(1), target(seed).x.flatten(1)
    same = int((torch.cdist(x, source).min(dim=1).values < 1e-3).sum())
    return Finding({"target pictures": len(x), "also in the source": same},
                   "No target picture was in the source.")


PAPER = Paper(
    "sixteen pictures", "CURATE: sixteen pictures are worth five hundred", PAGE, "%", claim, (curate,),
    (Diagnostic("Judge the sixteen on target pictures that had no part in choosing them.", fresh_pictures),
     Diagnostic("Repeat it with another seed: another network, another pool.", another_seed),
     Diagnostic("Look for target pictures in the source.", in_training)),
    flaw=0, corrected="CURATE, on 400 others",
    why="'Suits the network best' means: is right most often on the labeled test pictures. The labels of the "
        "target chose the winner, and the best of a hundred tries on a hundred pictures is mostly luck. A "
        "new seed repeats the same mistake, and so it repeats the gain.",
    habit="Ask of every choice which labels made it. Then judge by others.")
