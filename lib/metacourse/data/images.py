"""Your own images, and published photo data sets: a folder with one sub-folder a class becomes one tensor."""
import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from metacourse.data import cache, pictures, splits
from metacourse.data.download import fetch
from metacourse.data.imageset import ImageSet

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}


def load(folder: Path | str, *, size: int = 84, color: str = "rgb", drawings: int | None = None,
         split: Sequence[str] | None = None, invert: bool = False) -> ImageSet:
    """Images `[class, image, C, size, size]` of a folder with one sub-folder a class.

    Each is cropped to its middle square, resized and converted to "rgb" or "gray", whatever size and color
    mode it has. Classes and images are in the order of their names. Every class gives its first `drawings`
    images; without it, as many as the smallest class has. `split` keeps only the classes named, in order.
    `invert` exchanges black and white, for dark ink on white paper: drawings here have bright ink.
    """
    pictures.check(size=size, color=color)
    folders = class_folders(Path(folder).expanduser(), split)
    files = {name: image_files(path) for name, path in folders.items()}
    count = _common_count({name: len(paths) for name, paths in files.items()}, drawings)
    images = [[pictures.read(path, size=size, color=color, invert=invert) for path in paths[:count]]
              for paths in files.values()]
    return _image_set(images, list(files))


def from_torchvision(dataset: Iterable, *, size: int | None = None, color: str = "rgb",
                     drawings: int | None = None) -> ImageSet:
    """Any torchvision classification data set made without a transform: pairs of a PIL image and a number.

    `size` None keeps the size of the first image. Classes are called as in `dataset.classes`.
    """
    pictures.check(size=size or 1, color=color)
    by_class = defaultdict(list)
    for picture, label in dataset:
        if isinstance(picture, Tensor):
            raise TypeError("the data set gives tensors: make it without a transform, to get PIL images")
        size = size or min(picture.size)
        by_class[int(label)].append(pictures.square(picture, size=size, color=color))
    names = getattr(dataset, "classes", None) or range(max(by_class, default=-1) + 1)
    by_name = {str(names[label]): by_class[label] for label in sorted(by_class)}
    count = _common_count({name: len(images) for name, images in by_name.items()}, drawings)
    return _image_set([images[:count] for images in by_name.values()], list(by_name))


def from_csv(path: Path | str, *, label: str) -> ImageSet:
    """Rows `[class, row, feature]`, float32, of a table of numbers; the column `label` names the class.

    Every class gives as many rows as the smallest class has, the first in the file. Values stay as they are:
    bring columns to one scale before comparing by distance.
    """
    by_class = defaultdict(list)
    with Path(path).expanduser().open(newline="", encoding="utf-8-sig") as file:
        table = csv.DictReader(file)
        if label not in (table.fieldnames or ()):
            columns = ", ".join(table.fieldnames or ["none"])
            raise ValueError(f"{path} has no column {label!r}; there are {columns}")
        for row in table:
            if None in row or None in row.values():
                raise ValueError(f"{path}, line {table.line_num}: wanted are {len(table.fieldnames)} cells")
            by_class[row.pop(label)].append([_number(path, table.line_num, *cell) for cell in row.items()])
    count = _common_count({name: len(rows) for name, rows in by_class.items()}, None)
    names = tuple(sorted(by_class))
    return ImageSet(torch.tensor([by_class[name][:count] for name in names]), names, names)


def mini_imagenet(folder: Path | str, split: str = "train", *, size: int = 84,
                  drawings: int | None = None) -> ImageSet:
    """miniImageNet with the split of Ravi and Larochelle (2017), from class folders such as n01532829.

    The class folders may lie in `folder` or in train, val and test inside it.
    """
    return load(folder, size=size, drawings=drawings, split=splits.part("mini_imagenet", split))


def cub(folder: Path | str, split: str = "train", *, size: int = 84,
        drawings: int | None = None) -> ImageSet:
    """CUB-200-2011 birds with the 100/50/50 split, from the folder CUB_200_2011 or its images."""
    return load(folder, size=size, drawings=drawings, split=splits.part("cub200", split))


def cifar_fs(root: Path | str | None = None, split: str = "train", *, download: bool = False) -> ImageSet:
    """CIFAR-FS (Bertinetto et al., 2019): 64/16/20 classes of CIFAR-100, 600 images each."""
    return _cifar100(root, "cifar_fs", split, download)


def fc100(root: Path | str | None = None, split: str = "train", *, download: bool = False) -> ImageSet:
    """FC100 (Oreshkin et al., 2018): CIFAR-100 split by superclass into 60/20/20 classes: harder."""
    return _cifar100(root, "fc100", split, download)


def _cifar100(root: Path | str | None, name: str, split: str, download: bool) -> ImageSet:
    """CIFAR-100 in torchvision's layout: `root`/cifar-100-python. A download arrives whole or not at all."""
    from torchvision.datasets import CIFAR100
    chosen = splits.part(name, split)
    root = cache.places("cifar100", root)[-1]
    if download and not (root / CIFAR100.base_folder).is_dir():
        fetch(CIFAR100.url, root / CIFAR100.filename, md5=CIFAR100.tgz_md5)
    try:
        parts = [CIFAR100(root, train=train, download=download) for train in (True, False)]
    except RuntimeError as error:
        raise FileNotFoundError(f"no whole CIFAR-100 in {root} ({error}): wanted is the folder "
                                f"{CIFAR100.base_folder} inside it; in Python, download=True gets it"
                                ) from error
    images = torch.cat([torch.from_numpy(part.data) for part in parts]).permute(0, 3, 1, 2)
    labels = torch.tensor([label for part in parts for label in part.targets])
    rows = [images[labels == parts[0].class_to_idx[path.split("/")[1]]] for path in chosen]
    return ImageSet(torch.stack(rows), tuple(chosen), tuple(path.split("/")[0] for path in chosen))


def class_folders(folder: Path, wanted: Sequence[str] | None = None) -> dict[str, Path]:
    """The sub-folders of a folder, each of one class, by name in alphabetical order; or those `wanted`."""
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    found = {path.name: path for path in sorted(folder.iterdir()) if is_class(path)}
    if wanted is None:
        if not found:
            raise ValueError(f"{folder} has no sub-folders: wanted is one folder of images for each class")
        return found
    inner = {path.name: path for path in sorted(folder.glob("*/*")) if is_class(path)}
    missing = [name for name in wanted if name not in found and name not in inner]
    if missing:
        raise ValueError(f"{folder} lacks {len(missing)} of the {len(wanted)} classes wanted, "
                         f"such as {missing[0]!r}")
    return {name: found.get(name) or inner[name] for name in wanted}


def is_class(path: Path) -> bool:
    """Whether it is a folder that is not hidden."""
    return path.is_dir() and not path.name.startswith(".")


def image_files(folder: Path) -> list[Path]:
    """The pictures in a folder, by their names. Raises ValueError where there is none."""
    files = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES]
    if not files:
        raise ValueError(f"{folder} holds no images ({', '.join(sorted(SUFFIXES))})")
    return files


def _common_count(counts: dict[str, int], wanted: int | None) -> int:
    """How many items every class gives."""
    if not counts:
        raise ValueError("the data is empty: wanted is at least one class with one example")
    smallest = min(counts, key=counts.get)
    if wanted is not None and not 1 <= wanted <= counts[smallest]:
        raise ValueError(f"class {smallest!r} has {counts[smallest]} images; drawings={wanted} was asked for")
    return wanted or counts[smallest]


def _number(path: Path | str, line: int, column: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{path}, line {line}, column {column!r}: {text!r} is not a number") from None


def _image_set(images: list[list[Tensor]], names: list[str]) -> ImageSet:
    return ImageSet(torch.stack([torch.stack(row) for row in images]), tuple(names), tuple(names))
