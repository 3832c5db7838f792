"""Characters that somebody drew, as pen strokes: {name: drawings}, kept in a small JSON file.

A drawing is as in `drawing`: a list of strokes, each a flat list x, y, x, y, … on a sheet of 100 × 100.
"""
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from jaxtyping import UInt8
from torch import Tensor

from metacourse.data import drawing
from metacourse.data.cache import write_atomically
from metacourse.data.drawing import Drawing
from metacourse.data.imageset import ImageSet
from metacourse.episode import Episode, Examples

FORMAT = 1
Alphabet = Mapping[str, Sequence[Drawing]]
Pictures = UInt8[Tensor, "_ 1 size size"]


def save(path: Path | str, alphabet: Alphabet) -> Path:
    """Write the drawings to a JSON file, which `load` and the canvas widget read."""
    characters = [{"name": name, "drawings": _checked(name, drawings)} for name, drawings in alphabet.items()]
    text = json.dumps({"format": FORMAT, "characters": characters}, ensure_ascii=False)
    return write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))


def load(path: Path | str) -> dict[str, list[Drawing]]:
    """The drawings in a file that `save` or the canvas widget has written."""
    path = Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}: the canvas writes one when you press Save")
    return parse(path.read_text(encoding="utf-8"), source=str(path))


def parse(text: str, *, source: str = "the file") -> dict[str, list[Drawing]]:
    """The drawings in such a file's text. Raises ValueError where it is something else."""
    try:
        content = json.loads(text)
        version = content["format"]
        characters = {str(one["name"]): one["drawings"] for one in content["characters"]}
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{source} holds no alphabet ({type(error).__name__}: {error}); wanted is a file "
                         "that the canvas has saved") from error
    if version != FORMAT:
        raise ValueError(f"{source} has format {version!r}, this metacourse reads format {FORMAT}")
    if len(characters) < len(content["characters"]):
        raise ValueError(f"{source} has two characters of one name: rename one of them")
    return {name: _checked(name, drawings) for name, drawings in characters.items()}


def pictures(drawings: Sequence[Drawing]) -> Pictures:
    """Each drawing as the network sees it."""
    return torch.stack([drawing.normalized(one) for one in drawings])


def images(alphabet: Alphabet) -> ImageSet:
    """Pictures `[class, drawing, 1, 28, 28]`: of each character as many drawings as every one has."""
    drawn = _pictures_of(alphabet)
    fewest = min(map(len, drawn))
    rows = torch.stack([shots[:fewest] for shots in drawn])
    return ImageSet(rows, tuple(alphabet), ("drawn",) * len(rows))


def examples(classes: Sequence[Pictures]) -> Examples:
    """Pictures as an episode holds them; a mask where the classes have unequal numbers of them."""
    counts, most = [len(shots) for shots in classes], max(map(len, classes))
    x = torch.stack([torch.cat([shots, shots.new_zeros(most - len(shots), *shots.shape[1:])])
                     for shots in classes]).float() / 255
    y = torch.arange(len(classes), device=x.device)[:, None].expand(-1, most)
    number = torch.arange(most, device=x.device)
    mask = number < torch.tensor(counts, device=x.device)[:, None]
    return Examples(x, y, None if min(counts) == most else mask)


def episode(alphabet: Alphabet, *, support: int = 0) -> Episode:
    """One task of all characters: drawing number `support` of each is shown, all the others are asked.

    Where a character has fewer drawings, its number is counted from the start again.
    """
    drawn = _pictures_of(alphabet)
    if sum(map(len, drawn)) == len(drawn):
        raise ValueError("every character has one drawing, so none is left to ask: draw one of them again")
    shown = [support % len(shots) for shots in drawn]
    asked = [torch.cat([shots[:i], shots[i + 1:]]) for i, shots in zip(shown, drawn)]
    return Episode(examples([shots[i:i + 1] for i, shots in zip(shown, drawn)]), examples(asked))


def _pictures_of(alphabet: Alphabet) -> list[Pictures]:
    """The pictures of each character; ValueError where one has none, or one that cannot be shown."""
    if not alphabet:
        raise ValueError("the alphabet is empty: wanted is a character, and a drawing of it")
    drawn = []
    for name, drawings in alphabet.items():
        if not drawings:
            raise ValueError(f"character {name!r} has no drawing: draw it, or leave it out")
        try:
            drawn.append(pictures(drawings))
        except ValueError as error:
            raise ValueError(f"character {name!r}: {error}") from error
    return drawn


def _checked(name: str, drawings) -> list[Drawing]:
    try:
        return [[list(stroke) for stroke in drawing.checked(one)] for one in drawings]
    except (ValueError, TypeError) as error:
        raise ValueError(f"character {name!r}: {error}") from error
