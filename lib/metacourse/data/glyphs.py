"""The default data: characters of the world's scripts, drawn at run time, split by script.

A class is a character, its group the script. Letters, digits and symbols of DejaVu, the fonts that matplotlib
ships, are thinned to a center line and written again: turned, bent, and with another pen each time. At
distortion 1 they are as hard as Omniglot's to tell apart by comparing pixels.
"""
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import matplotlib
import PIL
import torch
from jaxtyping import UInt8
from torch import Tensor
from tqdm.auto import tqdm

from metacourse.data import cache, splits
from metacourse.data.glyph_fonts import FACES, code_points, picture
from metacourse.data.glyph_strokes import distance_to_line
from metacourse.data.glyph_writing import random_numbers, write
from metacourse.data.imageset import ImageSet

VERSION = 2                                          # of the drawings: raise it whenever they change
INK = 110                                            # a printed pixel above this belongs to the character
TOGETHER = 100                                       # classes drawn at once


def load(split: str = "train", *, drawings: int = 20, seed: int = 0, distortion: float = 1.0, size: int = 28,
         scripts: Sequence[str] | None = None, lookalikes: bool = False, progress: bool = False) -> ImageSet:
    """Drawings `[class, drawing, 1, size, size]` of one split's characters: "train", "val", "test" or "all".

    The same arguments give the same pictures, drawn once and then read from the cache. A character's pictures
    depend on `seed`, `distortion` and `size` only, and the first ten of twenty drawings are the ten drawings.
    `scripts` keeps only these scripts. `lookalikes` adds the training characters that look like one of a
    held-out script, as Latin b looks like Armenian ե.
    """
    if drawings < 1 or size < 8 or not 0 <= distortion <= 2:
        raise ValueError(f"drawings={drawings}, size={size}, distortion={distortion}: wanted are at least 1 "
                         "drawing, a size of at least 8 pixels, and a distortion from 0 (none) to 2")
    names = characters(split, scripts=scripts, lookalikes=lookalikes)
    settings = dict(drawings=drawings, seed=seed, distortion=float(distortion), size=size)
    images = _from_cache(names, progress=progress, **settings)
    return ImageSet(images, tuple(names), tuple(script_of(name) for name in names))


def characters(split: str = "train", *, scripts: Sequence[str] | None = None,
               lookalikes: bool = False) -> list[str]:
    """The classes that `load` would draw, such as "Armenian/ա", without drawing them."""
    names = splits.part("glyphs", split)
    if lookalikes and split in ("train", "all"):
        names = names + splits.load("glyphs", parts=("lookalikes",))["lookalikes"]
    present = list(dict.fromkeys(map(script_of, names)))
    unknown = [script for script in scripts or () if script not in present]
    if unknown:
        raise ValueError(f"glyphs {split} has no script {unknown[0]!r}; there are {', '.join(present)}")
    return [name for name in names if scripts is None or script_of(name) in scripts]


def script_of(name: str) -> str:
    """The script of a class name: "Armenian" of "Armenian/ա"."""
    return name.split("/", 1)[0]


def center_lines(letters: Sequence[str],
                 faces: Sequence[str] = FACES) -> UInt8[Tensor, "class face side side"]:
    """Distances to each character's center line in each face (in the first face, where a face lacks it)."""
    where, pictures = {}, []
    for letter in letters:
        for face in faces:
            if ord(letter) in code_points(face):
                where[letter, face] = len(pictures)
                pictures.append(picture(ord(letter), face))
    rows = [[where.get((letter, face), where[letter, faces[0]]) for face in faces] for letter in letters]
    some_at_a_time = (torch.stack(pictures) > INK).split(256)        # 256 stay in the processor's cache
    return torch.cat([distance_to_line(ink) for ink in some_at_a_time])[torch.tensor(rows)]


def _from_cache(names: list[str], *, progress: bool,
                **settings) -> UInt8[Tensor, "class drawing 1 size size"]:
    versions = {"drawings": VERSION, "matplotlib": matplotlib.__version__, "pillow": PIL.__version__}
    key = hashlib.sha256(repr((versions, settings, names)).encode()).hexdigest()
    make = partial(_draw, names, progress=progress, **settings)
    return torch.from_numpy(cache.array(f"glyphs-{key[:20]}", lambda: make().numpy()))


def _draw(names: list[str], *, drawings: int, seed: int, distortion: float, size: int,
          progress: bool) -> Tensor:
    letters = [name.split("/", 1)[1] for name in names]
    parts = [letters[i:i + TOGETHER] for i in range(0, len(letters), TOGETHER)]
    drawn = []
    with _one_thread():
        for part in tqdm(parts, "drawing characters", disable=not progress, leave=False):
            numbers = random_numbers([ord(letter) for letter in part], drawings, seed)
            drawn.append(write(center_lines(part), numbers, size=size, distortion=distortion))
    return torch.cat(drawn)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Drawing is thousands of small operations: on a busy machine, threads mostly wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
