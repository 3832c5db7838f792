"""Paper 5: one training of each method, and an interval over hundreds of test tasks."""
from functools import cache

import torch
from torch import Tensor

from metacourse import results
from metacourse.data import glyphs
from metacourse.data.sampling import test_episodes
from metacourse.methods import protonet, siamese
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.quiz.papers.paper import Diagnostic, Finding, Paper
from metacourse.training import Evaluation, evaluate
from metacourse.training.reproducible import generator

TRAINED = "few_shot_comparison_glyphs"                  # the recorded networks, and their retrainings
T = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.776}              # Student's t, 97.5 %, by seeds
PREDICT = {"siamese": siamese.predict, "protonet": protonet.predict}

PAGE = """
Which is the better way to learn a comparison: pairs, or prototypes? The question has been open for years,
for lack of statistics. Differences are small, and tests of a hundred tasks cannot decide. We settle it.

We train a Siamese network with the contrastive loss, and a prototypical network, on the same characters,
with the same backbone, for the same seconds, each tuned with three trials on validation scripts. Both are
tested on new scripts, on exactly the same 600 tasks (5-way 1-shot), and compared task by task, so that what
makes a task hard for both cancels.

The Siamese network is **{claimed} points** ahead, with a 95 % interval of ± {other} points over the 600
tasks: zero is far outside. We conclude that pairs are the better teacher, and that the turn of the field to
prototypes was a mistake.
"""


def compared(one: Evaluation, other: Evaluation) -> tuple[float, float]:
    difference = 100 * (one.per_episode - other.per_episode)    # task by task
    interval = 1.96 * difference.std() / len(difference) ** 0.5
    return difference.mean().item(), interval.item()


def claim(seed: int = 0) -> Finding:
    """The first training of each, on 600 tasks."""
    ahead, interval = compared(tested("siamese"), tested("protonet"))
    return Finding({"points ahead": ahead, "± over 600 tasks": interval}, "")


def retrained(seed: int = 0) -> Finding:
    """All five trainings of each, recorded; they differ in initialization and training tasks."""
    accuracy = results.load(TRAINED)["accuracy"]["glyphs"]["1"]
    ahead = {seed: 100 * (score["accuracy"] - accuracy["protonet"][seed]["accuracy"])
             for seed, score in accuracy["siamese"].items()}
    values = torch.tensor(list(ahead.values()))
    interval = T[len(values)] * values.std().item() / len(values) ** 0.5
    return Finding({**{f"points ahead, training {int(seed) + 1}": value for seed, value in ahead.items()},
                    "points ahead, mean of five trainings": values.mean().item(),
                    "± over five trainings": interval},
                   "The sign depends on the seed. Five trainings cannot tell the two apart.")


def more_tasks(seed: int = 0) -> Finding:
    """The same two networks, on other tasks, and more of them."""
    ahead, interval = compared(*(tested(name, episodes=2000, seed=1) for name in PREDICT))
    return Finding({"points ahead, 2,000 other tasks": ahead, "± over 2,000 tasks": interval},
                   "More tasks make the interval narrower, around the same gain.")


def shuffled(seed: int = 0) -> Finding:
    """The queries of each task in another order."""
    ahead, interval = compared(*(tested(name, shuffle=True) for name in PREDICT))
    return Finding({"points ahead, shuffled": ahead, "± over 600 tasks": interval},
                   "The order of the queries makes no difference.")


def tested(name: str, *, episodes: int = 600, seed: int = 0, shuffle: bool = False) -> Evaluation:
    """A recorded network on tasks that are the same for both."""
    def predict(support, z_query: Tensor) -> Tensor:
        n = len(z_query)
        order = torch.randperm(n, generator=generator(1)) if shuffle else torch.arange(n)
        return PREDICT[name](lambda theta, z: z, {}, support, z_query[order])[order.argsort()]
    return evaluate(predict, test_episodes(embedded(name), episodes=episodes, seed=seed))


@cache
def embedded(name: str) -> Tensor:
    """Every test picture, embedded once."""
    embed, _ = functional(StridedConv4(16))
    theta = {key.removeprefix(f"{name}."): p for key, p in results.weights(TRAINED).items()
             if key.startswith(f"{name}.")}
    with torch.no_grad():
        return torch.cat([embed(theta, some.float() / 255) for some in glyphs.load("test").images.split(100)])


PAPER = Paper(
    "contrast first", "Contrast first: pairs beat prototypes", PAGE, "points", claim, (compared,),
    (Diagnostic("Test both networks on 2,000 other tasks.", more_tasks),
     Diagnostic("Compare five trainings of each (recorded: they take minutes).", retrained),
     Diagnostic("Shuffle the queries of each task.", shuffled)),
    flaw=1, corrected="points ahead, mean of five trainings",
    hint="Everything on the page is done with care: the same tasks, paired, and hundreds of "
         "them. What is there only one of?",
    why="The interval says how sure we are about these two networks. The title speaks of two methods. A "
        "method is also the luck of its training, and of that the paper has one sample each.",
    habit="Count trainings, not tasks, when a sentence compares methods.")
