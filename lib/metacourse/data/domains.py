"""Two domains with the same classes, seen differently. A source is labeled, a target is not.

Glyph digits are made at run time; MNIST and USPS are read from files, and so are any two folders of pictures.
"""
import gzip
import math
import zlib
from collections.abc import Sequence, Set
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from metacourse.data import cache, glyph_fonts, glyph_writing, glyphs, images, pictures
from metacourse.data.unlabeled import UNLABELED

DIGITS = "0123456789"
BOLD = ("DejaVuSans-Bold", "DejaVuSerif-Bold", "DejaVuSansMono-Bold")


class Labeled(NamedTuple):
    """Images and their labels; of a target the labels are for judging only, −1 where there are none."""

    x: UInt8[Tensor, "n C H W"]
    y: Int[Tensor, " n"]


class Look(NamedTuple):
    """How a domain shows its digits."""

    bold: bool                                       # printed in bold type, or written with a pen
    blur: float                                      # standard deviation of a Gaussian, in pixels
    noise: float                                     # width of the uniform noise on each pixel and color


LOOKS = {
    "clean": Look(bold=False, blur=0.0, noise=0.0),                      # the source
    "bold_on_noise": Look(bold=True, blur=0.0, noise=0.5),             # the main target
    "light_noise": Look(bold=True, blur=0.0, noise=0.3),
    "heavy_noise": Look(bold=True, blur=0.0, noise=1.5),               # a shift too large
    "blurred": Look(bold=False, blur=2.0, noise=0.3),
}


def glyph_digits(kind: str = "clean", *, per_class: int = 500, seed: int = 0) -> Labeled:
    """The ten digits as one of LOOKS shows them, `[10 · per_class, 3, 28, 28]`, class after class."""
    if kind not in LOOKS:
        raise ValueError(f"no domain is called {kind!r}; there are {', '.join(LOOKS)}")
    if per_class < 1:
        raise ValueError(f"per_class={per_class} should be at least 1")
    look = LOOKS[kind]
    numbers = glyph_writing.random_numbers([ord(digit) for digit in DIGITS], per_class, seed)
    ink = _print(numbers) if look.bold else _write(numbers)
    ink = _blur(ink, look.blur) if look.blur else ink
    noise = torch.rand(len(ink), 3, *ink.shape[2:], generator=torch.Generator().manual_seed(seed)) - 0.5
    x = (255 * (ink + look.noise * noise).clamp(0, 1)).to(torch.uint8)
    return Labeled(x, torch.arange(10).repeat_interleave(per_class))


def glyph_pair(target: str = "bold_on_noise", *, per_class: int = 500,
               seed: int = 0) -> tuple[Labeled, Labeled]:
    """A clean source and a target, made from different random numbers."""
    return (glyph_digits("clean", per_class=per_class, seed=2 * seed),
            glyph_digits(target, per_class=per_class, seed=2 * seed + 1))


def mnist(root: Path | str | None = None, *, train: bool = True) -> Labeled:
    """MNIST `[60000 or 10000, 1, 28, 28]` from its IDX files, packed or not, in `root` or its MNIST/raw."""
    part = "train" if train else "t10k"
    images = _read_idx(_find_idx(root, f"{part}-images-idx3-ubyte"), axes=3)
    labels = _read_idx(_find_idx(root, f"{part}-labels-idx1-ubyte"), axes=1)
    if len(images) != len(labels):
        raise ValueError(f"MNIST in {root} has {len(images)} images and {len(labels)} labels: fetch it again")
    return Labeled(images[:, None], labels.long())


def usps(root: Path | str | None = None, *, train: bool = True) -> Labeled:
    """USPS `[7291 or 2007, 1, 16, 16]` from usps16.npz: that file, its folder, or the one around it."""
    paths = [inner for place in cache.places("usps", root)
             for inner in (place, place / "usps16.npz", place / "usps" / "usps16.npz")]
    path = _first(paths, "usps16.npz")
    part = "train" if train else "test"
    x, y = cache.read_arrays(path, f"{part}_images", f"{part}_labels")
    return Labeled(torch.from_numpy(x)[:, None], torch.from_numpy(y).long())


def folders(source: Path | str, target: Path | str, *, size: int, color: str = "rgb",
            invert: bool = False) -> tuple[Labeled, Labeled]:
    """Pictures of your own `[n, C, size, size]`: two folders, each with one sub-folder of pictures a class.

        source, target = domains.folders("studio", "phone", size=64)       # studio/cup/1.png, phone/cup/7.jpg

    Label k is the k-th name of a sub-folder in alphabetical order. A target without labels has its pictures
    in the folder itself. All pictures are kept, and made as `images.load` makes them.
    Raises ValueError where the classes differ, a folder is empty, or a picture cannot be read.
    """
    pictures.check(size=size, color=color)
    source, target = (Path(folder).expanduser() for folder in (source, target))
    unlabeled = target.is_dir() and not any(images.is_class(path) for path in target.iterdir())
    here = images.class_folders(source)
    there = {"": target} if unlabeled else images.class_folders(target)
    if not unlabeled:
        _same_classes(source, here.keys(), target, there.keys())
    known, new = (_read_folders(list(found.values()), size=size, color=color, invert=invert)
                  for found in (here, there))
    return known, new._replace(y=torch.full_like(new.y, UNLABELED)) if unlabeled else new


def _same_classes(source: Path, here: Set[str], target: Path, there: Set[str]) -> None:
    loose = [path.name for path in sorted(target.iterdir()) if path.suffix.lower() in images.SUFFIXES]
    if loose:
        raise ValueError(f"{target} has pictures, such as {loose[0]}, beside its sub-folders: wanted is one "
                         "folder for each class, or pictures only, where nobody has labeled them")
    only = [f"only {folder} has {', '.join(map(repr, sorted(names)))}"
            for folder, names in ((source, here - there), (target, there - here)) if names]
    if only:
        raise ValueError(f"two domains need the same classes, but {' and '.join(only)}: give a class "
                         "one name in both folders, or leave it out")


def _read_folders(folders: Sequence[Path], **settings) -> Labeled:
    """Pictures of class folders, class after class."""
    files = [images.image_files(folder) for folder in folders]
    x = torch.stack([pictures.read(path, **settings) for paths in files for path in paths])
    counts = torch.tensor([len(paths) for paths in files])
    return Labeled(x, torch.arange(len(files)).repeat_interleave(counts))


def _write(numbers: Tensor) -> Float[Tensor, "n 1 28 28"]:
    return glyph_writing.write(glyphs.center_lines(DIGITS), numbers, size=28).flatten(0, 1) / 255


def _print(numbers: Tensor) -> Float[Tensor, "n 1 28 28"]:
    pictures = [torch.stack([glyph_fonts.picture(ord(digit), face) for face in BOLD]) for digit in DIGITS]
    digit = torch.arange(10).repeat_interleave(numbers.shape[1])
    numbers = numbers.flatten(0, 1)
    face = (numbers[:, 0] * len(BOLD)).long()
    return glyph_writing.warp(torch.stack(pictures)[digit, face][:, None] / 255, numbers, size=28)


def _blur(ink: Tensor, deviation: float) -> Tensor:
    reach = math.ceil(3 * deviation)
    bell = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation) ** 2)
    bell = bell / bell.sum()
    ink = F.conv2d(ink, bell.view(1, 1, -1, 1), padding="same")
    return F.conv2d(ink, bell.view(1, 1, 1, -1), padding="same")


def _find_idx(root: Path | str | None, name: str) -> Path:
    folders = [inner for place in cache.places("MNIST", root) for inner in (place, place / "MNIST" / "raw")]
    return _first([folder / (name + suffix) for folder in folders for suffix in ("", ".gz")], name)


def _first(paths: list[Path], name: str) -> Path:
    found = next((path for path in paths if path.is_file()), None)
    if found is None:
        raise FileNotFoundError(f"no {name} in {', '.join(dict.fromkeys(str(p.parent) for p in paths))}: "
                                "pass the folder that holds it as root")
    return found


def _read_idx(path: Path, axes: int) -> UInt8[Tensor, "..."]:
    """MNIST's format: two zero bytes, the type (8: bytes), the number of axes, their sizes, the values."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is damaged or was downloaded in part ({error}): fetch it again") from error
    shape = np.frombuffer(content[4:4 + 4 * axes], ">i4").tolist()
    values = content[4 + 4 * axes:]
    if content[:4] != bytes([0, 0, 8, axes]) or len(values) != math.prod(shape):
        raise ValueError(f"{path} is not a whole file of {axes}-axis bytes: fetch it again")
    return torch.frombuffer(bytearray(values), dtype=torch.uint8).reshape(shape)
