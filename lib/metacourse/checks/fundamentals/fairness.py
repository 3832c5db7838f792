"""What every fair sampler does, checked on many episodes whose images say where they came from."""
from itertools import pairwise

import torch

from metacourse.checks.fundamentals.coded import Source, repeated
from metacourse.checks.report import CheckFailed

Drawn = tuple[Source, Source]                             # support, query

WITH_REPLACEMENT = "`torch.randint` draws with replacement; `torch.randperm` does not."


def labels_name_rows(episodes: list[Drawn]) -> None:
    """One label a row, the labels are 0 … way − 1, support and query agree."""
    for support, query in episodes:
        rows = support.labels[:, 0].tolist()
        came = f"support.y = {support.labels.tolist()}, query.y = {query.labels.tolist()}"
        if not set(torch.cat([support.labels, query.labels], 1).flatten().tolist()) <= set(range(len(rows))):
            raise CheckFailed("labels should run from 0 to way − 1", came=came,
                              likely="these are the classes' numbers in the data set: in a task, count anew.")
        if (support.labels != support.labels[:, :1]).any() or (query.labels != query.labels[:, :1]).any():
            raise CheckFailed("all images of a row should have the same label", came=came,
                              likely="the labels run along the wrong axis. A row is a class: [[0, 0], "
                                     "[1, 1], …], which is `torch.arange(way)[:, None].expand(…)`.")
        if repeated(rows) or query.labels[:, 0].tolist() != rows:
            raise CheckFailed("a row should have a label of its own, in support and query alike", came=came)


def rows_are_classes(episodes: list[Drawn]) -> None:
    """All images of a row, shown and asked, are of one class."""
    for support, query in episodes:
        for row, (shown, asked) in enumerate(zip(support.classes.tolist(), query.classes.tolist())):
            came = f"row {row} of support shows classes {shown}, of query {asked}"
            if len(set(shown)) > 1 or len(set(asked)) > 1:
                raise CheckFailed("a row should show one class", came=came,
                                  likely="a class is drawn for every image: draw one for every row.")
            if shown[0] != asked[0]:
                raise CheckFailed("support and query should show the same classes, row by row", came=came,
                                  likely="classes are drawn for support and again for query: draw once.")


def classes_differ(episodes: list[Drawn]) -> None:
    """No class fills two rows."""
    drawn = [support.classes[:, 0].tolist() for support, _ in episodes]
    doubled = [classes for classes in drawn if repeated(classes)]
    if doubled:
        raise CheckFailed("a class is drawn twice", wanted="different classes in the rows of an episode",
                          came=f"classes {doubled[0]}; {len(doubled)} of {len(drawn)} episodes repeat one",
                          likely=WITH_REPLACEMENT)


def drawings_differ(episodes: list[Drawn], real: list[torch.Tensor] | None = None) -> None:
    """Nothing is asked that was shown, and no drawing is used twice on one side."""
    for i, (support, query) in enumerate(episodes):
        for row, (shown, asked) in enumerate(zip(support.drawings, query.drawings.tolist())):
            shown = shown.tolist() if real is None else shown[real[i][row]].tolist()
            came = f"row {row} shows drawings {shown} and asks drawings {asked}"
            if set(shown) & set(asked):
                raise CheckFailed("a query image is also in the support set", came=came,
                                  likely="support and query are drawn separately: make one ordering of the "
                                         "drawings, and cut it in two.")
            if repeated(shown) or repeated(asked):
                raise CheckFailed("an image is used twice", came=came, likely=WITH_REPLACEMENT)


def drawn_from_rng(episodes: list[Drawn], again: list[Drawn]) -> None:
    """The same seed gives the same episodes; a generator that moved on gives others."""
    if all(_equal(one, other) for one, other in pairwise(episodes)):
        raise CheckFailed("the same episode comes at every call", wanted="a new episode at each call",
                          likely="nothing random is drawn, or a seed is set inside your function.")
    if not all(map(_equal, again, episodes)):
        raise CheckFailed("one seed should draw the same episode twice", came="two different episodes",
                          likely="a random call without `generator=rng`.")


def every_class_and_drawing(episodes: list[Drawn], classes: int, drawings: int) -> None:
    """Nothing in the data is left out."""
    never = set(range(classes)) - {c for support, _ in episodes for c in support.classes[:, 0].tolist()}
    if never:
        raise CheckFailed("some classes are never drawn", came=f"never {never} in {len(episodes)} episodes",
                          likely="always the first classes: order all of them at random before taking some.")
    for side, name in enumerate(["shown", "asked"]):
        used = {d for drawn in episodes for d in drawn[side].drawings.flatten().tolist()}
        never = set(range(drawings)) - used
        if never:
            raise CheckFailed(f"some drawings are never {name}", came=f"never {never}",
                              likely="always the same drawings: order them at random before cutting.")


def labels_are_reshuffled(episodes: list[Drawn], classes: int) -> None:
    """No class keeps its label from episode to episode."""
    seen = {pair for support, _ in episodes
            for pair in zip(support.classes[:, 0].tolist(), support.labels[:, 0].tolist())}
    for each in range(classes):
        labels = [label for c, label in seen if c == each]
        if len(labels) == 1:
            raise CheckFailed("the label follows from the class", wanted="another label in another episode",
                              came=f"class {each} always has label {labels[0]}",
                              likely="the classes are sorted after drawing. Keep their random order, or a "
                                     "learner can answer without looking at the support set.")


def _equal(one: Drawn, other: Drawn) -> bool:
    return all(a.shape == b.shape and torch.equal(a, b) for side, twin in zip(one, other)
               for a, b in zip(side, twin))
