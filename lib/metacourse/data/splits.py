"""Named class splits: which classes are for training, for choosing, and for the one final test.

The lists are JSON files in `split_lists/`, each with the `source` it was published with.
"""
import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from itertools import combinations

from metacourse.data.imageset import TURN, ImageSet

NAMES = ("cifar_fs", "cub200", "fc100", "glyphs", "mini_imagenet", "omniglot_vinyals", "quickdraw",
         "tiered_imagenet")
PARTS = ("train", "val", "test")


def load(name: str, parts: Sequence[str] = PARTS) -> dict[str, list[str]]:
    """The classes of each part of a published split, `{"train": […], "val": […], "test": […]}`.

    Where the classes are grouped, names are "group/class": "Latin/character07", "fish/ray".
    """
    if name not in NAMES:
        raise ValueError(f"no split list is called {name!r}; there are {', '.join(NAMES)}")
    text = files("metacourse.data").joinpath("split_lists", f"{name}.json").read_text(encoding="utf-8")
    lists = json.loads(text)
    return {part: _flat(lists[part]) for part in parts}


def part(name: str, split: str) -> list[str]:
    """The classes of one part of a published split; "all" gives every part, in the order train, val, test."""
    parts = load(name)
    if split == "all":
        return [c for classes in parts.values() for c in classes]
    if split not in parts:
        raise ValueError(f"{name} has no split {split!r}; there are {', '.join(parts)} and all")
    return parts[split]


def check_disjoint(**sets: ImageSet | Iterable[str]) -> None:
    """Raise ValueError where two of the named sets share a class: `check_disjoint(train=train, test=test)`.

    Takes image sets or class names. A class and its rotation count as the same class.
    """
    names = {key: {_unturned(name) for name in _names(value)} for key, value in sets.items()}
    for one, other in combinations(names, 2):
        shared = sorted(names[one] & names[other])
        if shared:
            some = ", ".join(shared[:3]) + (", …" if len(shared) > 3 else "")
            raise ValueError(f"{one} and {other} share {len(shared)} classes ({some}): a score on classes "
                             "that were trained on says nothing about new ones")


def _flat(classes: list[str] | dict[str, Sequence[str]]) -> list[str]:
    if isinstance(classes, dict):
        return [f"{group}/{name}" for group, names in classes.items() for name in names]
    return classes


def _names(classes: ImageSet | Iterable[str]) -> Iterable[str]:
    return classes.names if isinstance(classes, ImageSet) else classes


def _unturned(name: str) -> str:
    return name.split(TURN)[0]
