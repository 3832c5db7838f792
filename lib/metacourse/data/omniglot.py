"""Omniglot: 1,623 handwritten characters of 50 alphabets, each drawn once by 20 people (Lake et al., 2015).

Reads the two original zips, packed or unpacked, or one array file. Classes are always in the order of their
names: torchvision's order is the file system's, and differs from machine to machine.
"""
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from metacourse.data import cache, splits
from metacourse.data.download import fetch, md5_of
from metacourse.data.imageset import ImageSet

ARRAY = "omniglot28.npz"
SETS = ("background", "evaluation")
SPLITS = (*SETS, "train", "val", "test", "all")
DRAWERS = 20
SIDE = 28


def load(root: Path | str | None = None, *, split: str = "background", rotations: bool = False,
         download: bool = False) -> ImageSet:
    """Drawings `[class, 20, 1, 28, 28]` with ink 255; names are "Latin/character07", groups are alphabets.

    `split` is Lake's "background" (964 classes, 30 alphabets) or "evaluation" (659, 20); or "train", "val",
    "test" of Vinyals et al. (2016; 1,028, 172, 423 classes); or "all". `rotations` adds each class turned by
    90, 180 and 270 degrees. `root` is the array file, or a folder that holds it or the zips, packed or
    unpacked; without it METACOURSE_DATA and the cache are searched. `download` fetches what is missing.
    """
    if split not in SPLITS:
        raise ValueError(f"Omniglot has no split {split!r}; there are {', '.join(SPLITS)}")
    sets = (split,) if split in SETS else SETS
    if download and root is None and _find(None, sets) is None:
        _download(sets)
    found = _find(root, sets)
    if found is None:
        looked = ", ".join(map(str, cache.places("omniglot", root)))
        raise FileNotFoundError(f"no Omniglot in {looked}: wanted is {ARRAY}, or as folders or .zip files "
                                f"{' and '.join(map(_folder, sets))}; in Python, download=True fetches them")
    characters = _read_array(found, sets) if isinstance(found, Path) else _read_archives(found)
    if split in ("train", "val", "test"):
        characters = characters.subset(sorted(splits.part("omniglot_vinyals", split)))
    return characters.with_rotations() if rotations else characters


def _folder(name: str) -> str:
    return f"images_{name}"


def _find(root: Path | str | None, sets: tuple[str, ...]) -> Path | list[Path] | None:
    """The array file, or the folder or zip of every set; None where any is missing."""
    for place in cache.places("omniglot", root):
        if place.suffix == ".npz" and place.is_file():
            return place
        if (place / ARRAY).is_file():
            return place / ARRAY
        for inner in (place, place / "omniglot-py"):
            kinds = [[inner / _folder(name), inner / f"{_folder(name)}.zip"] for name in sets]
            found = [next((path for path in paths if path.exists()), None) for paths in kinds]
            if all(found):
                return found
    return None


def _download(sets: tuple[str, ...]) -> None:
    """The zips, from the address and with the checksums that torchvision knows."""
    from torchvision.datasets import Omniglot
    for name in map(_folder, sets):
        fetch(f"{Omniglot.download_url_prefix}/{name}.zip", cache.folder() / "omniglot" / f"{name}.zip",
              md5=Omniglot.zips_md5[name])


def _read_array(path: Path, sets: tuple[str, ...]) -> ImageSet:
    images, names, background = cache.read_arrays(path, "images", "character", "background")
    chosen = [i for i in np.argsort(names) if SETS[0 if background[i] else 1] in sets]
    return _image_set(images[chosen], [str(names[i]) for i in chosen])


def _read_archives(paths: list[Path]) -> ImageSet:
    characters = {name: images for path in paths for name, images in _read_archive(path).items()}
    names = sorted(characters)
    return _image_set(np.stack([characters[name] for name in names]), names)


def _read_archive(path: Path) -> dict[str, np.ndarray]:
    """{"Latin/character07": [20, 28, 28], …} from a folder or a zip; a zip's stay in the cache."""
    try:
        with _opened(path) as files:
            by_character = _by_character(files, path)

            def read() -> np.ndarray:
                return np.stack([[_read_png(f, files[f]) for f in drawn] for drawn in by_character.values()])
            images = cache.array(f"omniglot-{md5_of(path)}", read) if path.is_file() else read()
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{path} is damaged or was downloaded in part ({error}): fetch it again") from error
    return dict(zip(by_character, images))


@contextmanager
def _opened(path: Path) -> Iterator[dict[str, Callable[[], bytes]]]:
    """{name of a PNG file in the zip or folder: a function that reads it}."""
    if path.is_dir():
        yield {file.relative_to(path).as_posix(): file.read_bytes for file in path.rglob("*.png")}
        return
    with zipfile.ZipFile(path) as archive:
        yield {name: partial(archive.read, name) for name in archive.namelist() if name.endswith(".png")}


def _by_character(files: dict, path: Path) -> dict[str, list[str]]:
    """{"Latin/character07": its files in the order of the drawers}."""
    by_character = defaultdict(list)
    for file in sorted(files):
        by_character["/".join(file.split("/")[-3:-1])].append(file)
    if not by_character:
        raise ValueError(f"{path} holds no pictures; wanted are files such as Latin/character07/0686_01.png")
    for name, drawn in by_character.items():
        if len(drawn) != DRAWERS:
            raise ValueError(f"{path} has {len(drawn)} drawings of {name}, not {DRAWERS}: unpack it again")
    return dict(by_character)


def _read_png(name: str, read: Callable[[], bytes]) -> np.ndarray:
    """One drawing at 28×28, ink 255: each pixel is the mean of what it covers of 105×105."""
    try:
        drawing = ImageOps.invert(Image.open(BytesIO(read())).convert("L"))
    except OSError as error:
        raise ValueError(f"{name} is not a readable picture ({error}): unpack it again") from error
    return np.asarray(drawing.resize((SIDE, SIDE), Image.Resampling.BOX))


def _image_set(images: np.ndarray, names: list[str]) -> ImageSet:
    alphabets = tuple(name.split("/")[0] for name in names)
    return ImageSet(torch.from_numpy(images)[:, :, None], tuple(names), alphabets)
