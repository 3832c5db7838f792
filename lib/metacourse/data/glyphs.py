"""The default data: characters of the world's scripts, drawn at run time with a trembling pen, split by script.

A class is a character, its group the script. Letters, digits and symbols of DejaVu (which matplotlib ships) are thinned to a
centre line, and written again with random turns, bends and pens. At distortion 1 it is about as hard as Omniglot.
"""
import hashlib
from collections.abc import Sequence

import matplotlib
import numpy as np
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

VERSION = 1                                          # of the drawings: raise it whenever they change
INK = 110                                            # a printed pixel darker than this belongs to the character
CLASSES_TOGETHER = 100


def load(split: str = "train", *, drawings: int = 20, seed: int = 0, distortion: float = 1.0, size: int = 28,
         scripts: Sequence[str] | None = None, lookalikes: bool = False, progress: bool = False) -> ImageSet:
    """Drawings `[class, drawing, 1, size, size]` of the characters of one split: "train", "val", "test" or "all".

    The same arguments give the same pictures, drawn once and then read from the cache. A character's pictures depend on
    `seed`, `distortion` and `size` only, and the first ten of twenty drawings are the ten drawings. `scripts` keeps only
    these scripts. `lookalikes` adds the training characters that look like one of a held-out script (Latin b, Armenian ե).
    """
    if drawings < 1 or size < 8 or not 0 <= distortion <= 2:
        raise ValueError(f"drawings={drawings}, size={size}, distortion={distortion}: wanted are at least 1 drawing, "
                         "a size of at least 8 pixels, and a distortion from 0 (none) to 2")
    names = characters(split, scripts=scripts, lookalikes=lookalikes)
    images = _cached(names, drawings=drawings, seed=seed, distortion=float(distortion), size=size, progress=progress)
    return ImageSet(images, tuple(names), tuple(script_of(name) for name in names))


def characters(split: str = "train", *, scripts: Sequence[str] | None = None, lookalikes: bool = False) -> list[str]:
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


def center_lines(letters: Sequence[str], faces: Sequence[str] = FACES) -> UInt8[Tensor, "class face side side"]:
    """Distances to the center line of each character in each face (the first face's where a face lacks it)."""
    where, pictures = {}, []
    for letter in letters:
        for face in faces:
            if ord(letter) in code_points(face):
                where[letter, face] = len(pictures)
                pictures.append(picture(ord(letter), face))
    rows = torch.tensor([[where.get((letter, face), where[letter, faces[0]]) for face in faces] for letter in letters])
    inked = torch.stack(pictures) > INK
    return torch.cat([distance_to_line(some) for some in inked.split(256)])[rows]       # 256: stays in the processor's cache


def _cached(names: list[str], *, progress: bool, **settings) -> UInt8[Tensor, "class drawing 1 size size"]:
    key = {"version": VERSION, "matplotlib": matplotlib.__version__, "pillow": PIL.__version__, **settings, "names": names}
    path = cache.folder() / f"glyphs-{hashlib.sha256(repr(key).encode()).hexdigest()[:20]}.npy"
    shape = (len(names), settings["drawings"], 1, settings["size"], settings["size"])
    try:
        images = np.load(path)
    except (OSError, ValueError, EOFError):                                     # never drawn, or damaged: draw
        images = None
    if images is not None and images.shape == shape and images.dtype == np.uint8:
        return torch.from_numpy(images)
    drawn = _draw(names, progress=progress, **settings)
    cache.write_atomically(path, lambda temporary: np.save(temporary, drawn.numpy()))
    return drawn


def _draw(names: list[str], *, drawings: int, seed: int, distortion: float, size: int, progress: bool) -> Tensor:
    letters = [name.split("/", 1)[1] for name in names]
    parts = [letters[i:i + CLASSES_TOGETHER] for i in range(0, len(letters), CLASSES_TOGETHER)]
    drawn = []
    for part in tqdm(parts, "drawing characters", disable=not progress, leave=False):
        numbers = random_numbers([ord(letter) for letter in part], drawings, seed)
        drawn.append(write(center_lines(part), numbers, size=size, distortion=distortion))
    return torch.cat(drawn)
