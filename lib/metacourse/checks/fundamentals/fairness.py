"""What every fair sampler of episodes does, checked on many episodes whose images say where they came from."""
from itertools import pairwise

import torch
from torch import Tensor

from metacourse.checks.expect import true
from metacourse.checks.fundamentals.coded import Source, repeated

Drawn = tuple[Source, Source]                             # support, query


def labels_name_rows(episodes: list[Drawn]) -> None:
    """One label a row, the labels are 0 … way − 1, support and query agree."""
    for support, query in episodes:
        labels = support.labels[:, 0].tolist()
        came = f"support.y = {support.labels.tolist()}, query.y = {query.labels.tolist()}"
        true(all(0 <= label < len(labels) for side in (support, query)
                 for label in side.labels.flatten().tolist()),
             "labels should run from 0 to way − 1", came=came, wanted=f"labels {list(range(len(labels)))}",
             likely="these are numbers of classes in the whole data set: inside a task the classes are numbered anew.")
        for side in (support, query):
            true(bool((side.labels == side.labels[:, :1]).all()),
                 "all images of a row should have the same label", came=came,
                 likely="the labels run along the wrong axis: a row is a class, so [[0, 0], [1, 1], …]; "
                        "`torch.arange(way)[:, None].expand(…)` does it.")
        true(not repeated(labels), "every row should have a label of its own", came=came)
        true(query.labels[:, 0].tolist() == labels, "support and query should label the rows alike",
             came=came,
             likely="labels drawn separately for support and query.")


def rows_are_classes(episodes: list[Drawn]) -> None:
    """All images of a row, shown and asked, are of one class."""
    for support, query in episodes:
        for row, (shown, asked) in enumerate(zip(support.classes.tolist(), query.classes.tolist())):
            came = f"row {row} shows class {shown} and asks class {asked}"
            true(len(set(shown)) == 1 and len(set(asked)) == 1, "a row should show one class", came=came,
                 likely="classes are drawn for every image: draw one class for each row.")
            true(set(shown) == set(asked), "support and query of a row should be of the same class",
                 came=came,
                 likely="the classes are drawn twice, once for support and once for query: draw them once.")


def classes_differ(episodes: list[Drawn]) -> None:
    """No class fills two rows."""
    doubled = [support.classes[:, 0].tolist() for support, _ in episodes
               if repeated(support.classes[:, 0].tolist())]
    true(not doubled, "a class should not be drawn twice", wanted="`way` different classes",
         came=f"classes {doubled[0]} in one episode; {len(doubled)} of {len(episodes)} episodes have a class twice"
         if doubled else "",
         likely="`torch.randint` draws with replacement: order all classes with `torch.randperm`, "
                                    "then take the first `way`.")


def drawings_differ(episodes: list[Drawn], real: list[Tensor] | None = None) -> None:
    """Nothing is asked that was shown, and no drawing is used twice on one side."""
    for i, (support, query) in enumerate(episodes):
        for row in range(len(support.classes)):
            shown, asked = support.pairs(row, None if real is None else real[i]), query.pairs(row)
            leaked = sorted({drawing for _, drawing in set(shown) & set(asked)})
            came = f"row {row} shows drawings {_drawings(shown)} and asks {_drawings(asked)}"
            true(not leaked, "a query image is also in the support set", came=came,
                 wanted="different drawings in support and query",
                 likely="support and query are drawn separately: make one ordering of the drawings and cut it in two.")
            true(not repeated(shown) and not repeated(asked), "an image is used twice", came=came,
                 likely="`torch.randint` draws with replacement: `torch.randperm` does not.")


def drawn_from_rng(episodes: list[Drawn], again: list[Drawn]) -> None:
    """The same seed gives the same episodes; a generator that moved on gives others."""
    true(not all(_equal(one, other) for one, other in pairwise(episodes)),
         "the same episode comes at every call",
         came=f"{len(episodes)} equal episodes from one generator", wanted="a new episode at each call",
         likely="nothing random is drawn, or a seed is set inside your function.")
    true(all(map(_equal, again, episodes)), "the same seed should draw the same episode",
         came="two different episodes from two generators with one seed",
         wanted="everything random drawn from `rng`",
         likely="a random call without `generator=rng`.")


def every_class_and_drawing(episodes: list[Drawn], classes: int, drawings: int) -> None:
    """Nothing in the data is left out."""
    rows = torch.cat([support.classes[:, 0] for support, _ in episodes])
    never = sorted(set(range(classes)) - set(rows.tolist()))
    true(not never, "some classes are never drawn", came=f"in {len(episodes)} episodes never class {never}",
         likely="always the first `way` classes: order all classes at random before taking them.")
    for name, side in [("shown", 0), ("asked", 1)]:
        used = {d for episode in episodes for d in episode[side].drawings.flatten().tolist()}
        never = sorted(set(range(drawings)) - used)
        true(not never, f"some drawings are never {name}",
             came=f"in {len(episodes)} episodes never drawing {never}",
             likely="always the same drawings: order the drawings of a class at random before cutting.")


def labels_are_reshuffled(episodes: list[Drawn], classes: int, way: int) -> None:
    """No class keeps its label from episode to episode."""
    pairs = {pair for support, _ in episodes for pair in zip(support.classes[:, 0].tolist(),
                                                             support.labels[:, 0].tolist())}
    missing = sorted(set((c, label) for c in range(classes) for label in range(way)) - pairs)
    true(not missing, "labels follow from the class", came="" if not missing else
         f"in {len(episodes)} episodes class {missing[0][0]} never has label {missing[0][1]}",
         wanted="every class with every label, now and then",
         likely="the classes are sorted after drawing: a learner could then ignore the support set. Keep their random order.")


def _drawings(pairs: list[tuple[int, int]]) -> list[int]:
    return [drawing for _, drawing in pairs]


def _equal(one: Drawn, other: Drawn) -> bool:
    return all(a.shape == b.shape and torch.equal(a, b) for side, twin in zip(one, other) for a,
               b in zip(side, twin))
