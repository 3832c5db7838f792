"""Paper 1: scores averaged over neighbors in a batch whose queries come class by class."""
from collections.abc import Callable
from functools import cache, partial

import torch
import torch.nn.functional as F
from torch import Tensor

from metacourse import results
from metacourse.data import glyphs
from metacourse.data.sampling import test_episodes
from metacourse.episode import Examples
from metacourse.methods import protonet
from metacourse.models.functional import functional
from metacourse.models.strided import StridedConv4
from metacourse.quiz.papers.paper import Diagnostic, Finding, Paper
from metacourse.training import evaluate
from metacourse.training.reproducible import generator

PAGE = """
A prototypical network judges every picture alone. A human reader never does: what stands before and after a
doubtful letter helps to read it. STEADY gives a network the same help. The scores of each query are
averaged with those of its neighbors in the batch, two before and two after.

STEADY has no parameters, needs no training, and takes no time. We take a public ProtoNet, trained on 20-way
tasks of other scripts, and test it on six scripts that it has never seen: 200 tasks, 5-way 1-shot, 15
queries of each class, batches as the benchmark's sampler gives them.

STEADY answers **{claimed} %** of the queries right. The same network without it: {other} %. No picture and
no character of the test was used in training, and all tasks are the same for both. We conclude that
one-shot recognition should not be done picture by picture, and expect the gain to carry over to any
embedding.
"""


def steady(predict: Callable, support: Examples, x_query: Tensor) -> Tensor:
    scores = predict(support, x_query)                          # [query, way]
    padded = F.pad(scores.T, (2, 2), mode="replicate")
    return padded.unfold(1, 5, 1).mean(dim=-1).T                # of five in a row


def claim(seed: int = 0) -> Finding:
    """With and without, on the paper's tasks."""
    return Finding({"STEADY": accuracy(partial(steady, alone)), "ProtoNet alone": accuracy(alone)}, "")


def shuffled(seed: int = 0) -> Finding:
    """The same tasks, whose queries come in any order."""
    def in_any_order(predict: Callable, support: Examples, x_query: Tensor) -> Tensor:
        order = torch.randperm(len(x_query), generator=generator(seed, 1))
        return predict(support, x_query[order])[order.argsort()]
    methods = {"STEADY": partial(steady, alone), "ProtoNet alone": alone}
    numbers = {"STEADY, as the sampler gives them": accuracy(methods["STEADY"])}
    numbers |= {f"{name}, shuffled": accuracy(partial(in_any_order, method))
                for name, method in methods.items()}
    return Finding(numbers, "The order of the queries does not matter to ProtoNet. To STEADY it is all.")


def other_tasks(seed: int = 0) -> Finding:
    """600 tasks that the paper has not seen."""
    more = {"seed": seed + 1, "episodes": 600}
    return Finding({"STEADY, the paper's tasks": accuracy(partial(steady, alone)),
                    "STEADY, 600 others": accuracy(partial(steady, alone), **more),
                    "ProtoNet alone, 600 others": accuracy(alone, **more)},
                   "The tasks were not chosen: others give the same.")


def overlap(seed: int = 0) -> Finding:
    """Are test characters among those of training?"""
    trained, tested = set(glyphs.characters("train")), set(glyphs.characters("test"))
    return Finding({"characters in training": len(trained), "characters in the test": len(tested),
                    "characters in both": len(trained & tested)}, "No character is in both.")


@cache
def embedded() -> Tensor:
    """Every test picture, embedded once."""
    embed, _ = functional(StridedConv4(16))
    theta = {name.removeprefix("protonet_ways."): p
             for name, p in results.weights("few_shot_comparison_glyphs").items()
             if name.startswith("protonet_ways.")}
    with torch.no_grad():
        return torch.cat([embed(theta, some.float() / 255) for some in glyphs.load("test").images.split(100)])


def alone(support: Examples, z_query: Tensor) -> Tensor:
    """ProtoNet's answer, of features."""
    return protonet.log_probs(z_query, protonet.prototypes(support.x))


def accuracy(predict: Callable, *, seed: int = 0, episodes: int = 200) -> float:
    """In percent, over tasks that are the same for every method."""
    return 100 * float(evaluate(predict, test_episodes(embedded(), episodes=episodes, seed=seed)))


PAPER = Paper(
    "steady scores", "STEADY: one-shot recognition with a little help from the neighbors", PAGE, "%", claim,
    (steady,),
    (Diagnostic("Look for test characters among those of training.", overlap),
     Diagnostic("Test on 600 tasks that the paper did not use.", other_tasks),
     Diagnostic("Shuffle the queries of each task.", shuffled)),
    flaw=2, corrected="STEADY, shuffled",
    hint="A gain for nothing, and from the batch alone. When was the last time that a batch "
         "knew something about a picture?",
    why="The sampler gives the queries class by class, fifteen of one and then fifteen of the next. So a "
        "query's neighbors have its label, and averaging with them reads the answer from the order.",
    habit="Shuffle the queries, or ask them one by one: a number that changes was made of something else.")
