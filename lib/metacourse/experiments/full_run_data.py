"""The data sets of full runs: pictures for training, validation and testing, of disjoint sets of classes."""
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from metacourse.data import images, omniglot, quickdraw
from metacourse.experiments import few_shot, starts
from metacourse.experiments.runner import Run

Pictures = dict[str, Tensor]                    # of "train", "val" and "test"


class Data(NamedTuple):
    """How to read a data set, whether it holds photographs, and what has to lie in the folder of `--data`."""

    load: Callable[[Run], Pictures]
    photos: bool = False
    needs: str = ""


def load_omniglot(run: Run) -> Pictures:
    """The split of Vinyals et al. (2016); training classes are also turned."""
    return starts.pictures(few_shot.load_omniglot(run))


def load_glyphs_to_omniglot(run: Run) -> Pictures:
    """Trained and validated on printed characters, tested on Omniglot's test classes."""
    test = omniglot.load(run.data, split="test").images.to(run.device)
    return {**starts.load_glyphs(run, size=28), "test": test}


def load_quickdraw(run: Run) -> Pictures:
    """Twenty drawings a category, the first of each file; 207, 69 and 69 categories."""
    return {split: quickdraw.load(run.data, split=split).images.to(run.device) for split in few_shot.SPLITS}


def load_mini_imagenet(run: Run) -> Pictures:
    """miniImageNet at 84 × 84, the split of Ravi and Larochelle (2017)."""
    return photographs(run, lambda split: images.mini_imagenet(
        inside(run, "mini_imagenet"), split, size=28 if run.smoke else 84))


def load_cub(run: Run) -> Pictures:
    """CUB-200-2011 at 84 × 84: 100, 50 and 50 birds, as many photographs of each as the rarest one has."""
    return photographs(run, lambda split: images.cub(
        inside(run, "CUB_200_2011"), split, size=28 if run.smoke else 84))


def load_cifar_fs(run: Run) -> Pictures:
    """CIFAR-FS at 32 × 32: 64, 16 and 20 classes of CIFAR-100 (Bertinetto et al., 2019)."""
    return photographs(run, lambda split: images.cifar_fs(run.data, split))


def photographs(run: Run, load: Callable) -> Pictures:
    """All three parts, on the run's device."""
    return {split: load(split).images.to(run.device) for split in few_shot.SPLITS}


def inside(run: Run, folder: str) -> Path:
    """The folder in which a data set lies; FileNotFoundError with what to do, where it does not."""
    if run.data is None:
        raise FileNotFoundError(f"no data: give --data FOLDER, with the folder {folder} inside it")
    if not (run.data / folder).is_dir():
        raise FileNotFoundError(f"{run.data} has no folder {folder}; give --data FOLDER with one inside it")
    return run.data / folder


DATA = {
    "omniglot": Data(load_omniglot, needs="omniglot-py"),
    "glyphs_to_omniglot": Data(load_glyphs_to_omniglot, needs="omniglot-py"),
    "quickdraw": Data(load_quickdraw, needs="quickdraw/quickdraw28.npz"),
    "mini_imagenet": Data(load_mini_imagenet, photos=True, needs="mini_imagenet"),
    "cub": Data(load_cub, photos=True, needs="CUB_200_2011"),
    "cifar_fs": Data(load_cifar_fs, photos=True, needs="cifar-100-python"),
}
