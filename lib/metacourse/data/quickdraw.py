"""Quick, Draw!: sketches of 345 things, drawn in twenty seconds by players of a game (Google, CC BY 4.0).

The split is the one of the Cloudera Fast Forward report on meta-learning (2020): 207 train, 69 val, 69 test.
"""
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import numpy as np
import torch
from tqdm.auto import tqdm

from metacourse.data import cache, splits
from metacourse.data.download import first_bytes
from metacourse.data.imageset import ImageSet

ARRAY = "quickdraw28.npz"
ADDRESS = "https://storage.googleapis.com/quickdraw_dataset/full/numpy_bitmap"
SIDE = 28
LONGEST_HEADER = 256                                 # bytes before the first drawing of an official file


def load(root: Path | str | None = None, *, split: str = "train", drawings: int = 20,
         download: bool = False) -> ImageSet:
    """The first drawings `[class, drawing, 1, 28, 28]` of every category of one split, ink 255.

    `root` is an array file (`images`, `labels`, `categories`), or a folder that holds it, or a folder of the
    official bitmaps, one `<category>.npy` each; without it METACOURSE_DATA and the cache are searched.
    `download` fetches the first drawings of each category: about 16 kB each, not the 37 GB of them all.
    """
    categories = splits.part("quickdraw", split)
    if drawings < 1:
        raise ValueError(f"drawings={drawings} should be at least 1")
    if download and root is None:
        _download(categories, drawings)
    path = _find(root)
    rows = _from_array(path, categories) if path.is_file() else _from_bitmaps(path, categories)
    few = [name for name, images in zip(categories, rows) if len(images) < drawings]
    if few:
        raise ValueError(f"{few[0]!r} has {len(rows[categories.index(few[0])])} drawings in {path}; "
                         f"drawings={drawings} needs {drawings}")
    images = np.stack([images[:drawings] for images in rows]).reshape(len(rows), drawings, 1, SIDE, SIDE)
    return ImageSet(torch.from_numpy(images), tuple(categories), tuple(categories))


def _find(root: Path | str | None) -> Path:
    """The array file, or the folder of bitmaps."""
    places = cache.places("quickdraw", root)
    for place in places:
        for path in (place, place / ARRAY, place / "quickdraw" / ARRAY):
            if path.suffix == ".npz" and path.is_file():
                return path
        if any(place.glob("*.npy")):
            return place
    raise FileNotFoundError(f"no Quick, Draw! in {', '.join(map(str, places))}: wanted is {ARRAY}, or a "
                            "folder of <category>.npy files; in Python, download=True fetches them")


def _from_array(path: Path, categories: Sequence[str]) -> list[np.ndarray]:
    images, labels, present = cache.read_arrays(path, "images", "labels", "categories")
    present = present.tolist()
    _check_present(categories, present, path)
    return [images[labels == present.index(name)] for name in categories]


def _from_bitmaps(folder: Path, categories: Sequence[str]) -> list[np.ndarray]:
    files = {file.stem.removeprefix("full_numpy_bitmap_"): file for file in sorted(folder.glob("*.npy"))}
    _check_present(categories, files, folder)
    return [_bitmaps(files[name]) for name in categories]


def _bitmaps(file: Path) -> np.ndarray:
    """[drawing, 784] as official files hold them, read only where it is looked at."""
    try:
        bitmaps = np.load(file, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f"{file} is damaged or was downloaded in part ({error}): fetch it again") from error
    if bitmaps.ndim != 2 or bitmaps.shape[1] != SIDE**2 or bitmaps.dtype != np.uint8:
        raise ValueError(f"{file} holds {bitmaps.dtype} {bitmaps.shape}; wanted is uint8 [drawing, 784]")
    return bitmaps


def _check_present(categories: Sequence[str], present, path: Path) -> None:
    missing = [name for name in categories if name not in present]
    if missing:
        raise ValueError(f"{path} lacks {len(missing)} of the {len(categories)} categories of this split, "
                         f"such as {missing[0]!r}")


def _download(categories: Sequence[str], drawings: int) -> None:
    folder = cache.folder() / "quickdraw"
    for name in tqdm(categories, "Quick, Draw!", leave=False):
        path = folder / f"{name}.npy"
        if not path.exists() or len(_bitmaps(path)) < drawings:
            bitmaps = _first_bitmaps(f"{ADDRESS}/{quote(name)}.npy", drawings)
            cache.write_atomically(path, lambda temporary, bitmaps=bitmaps: np.save(temporary, bitmaps))


def _first_bitmaps(address: str, drawings: int) -> np.ndarray:
    """The first rows of an official file of bitmaps, from its first bytes."""
    file = BytesIO(first_bytes(address, LONGEST_HEADER + drawings * SIDE**2))
    try:
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    except ValueError as error:
        raise ValueError(f"{address} is not a file of bitmaps ({error})") from error
    rows = np.frombuffer(file.read(drawings * SIDE**2), np.uint8)
    if dtype != np.uint8 or shape[1:] != (SIDE**2,) or len(rows) < min(drawings, shape[0]) * SIDE**2:
        raise ValueError(f"{address} holds {dtype} {shape}, or was cut off: wanted is uint8 [drawing, 784]")
    return rows.reshape(-1, SIDE**2)
