"""Small made folders in the layout of photo data sets, which nobody may ship with a course."""
import numpy as np
import pytest
import torchvision
from PIL import Image

from metacourse.data import splits

EACH = 6                                        # photographs a class: five shots and a query


@pytest.fixture(scope="session")
def photo_folders(tmp_path_factory):
    """A folder with mini_imagenet and CUB_200_2011 inside, each class in a color of its own."""
    root = tmp_path_factory.mktemp("photos")
    for folder, split in (("mini_imagenet", "mini_imagenet"), ("CUB_200_2011/images", "cub200")):
        for number, name in enumerate(splits.part(split, "all")):
            (root / folder / name).mkdir(parents=True)
            picture = Image.new("RGB", (4, 4), (number, 255 - number, 99))
            for i in range(EACH):
                picture.save(root / folder / name / f"{i}.png")
    return root


class SmallCIFAR100:
    """What torchvision's reader of CIFAR-100 gives, without its files: each class in its own gray."""

    base_folder = "cifar-100-python"

    def __init__(self, root, train, download):
        names = sorted(path.split("/")[1] for path in splits.part("cifar_fs", "all"))
        self.targets = list(range(100)) * (EACH - 1 if train else 1)
        self.data = np.tile(np.uint8(self.targets)[:, None, None, None], (1, 32, 32, 3))
        self.class_to_idx = {name: i for i, name in enumerate(names)}


@pytest.fixture
def photos(photo_folders, monkeypatch):
    """The folder for `--data` of a full run on photographs."""
    monkeypatch.setattr(torchvision.datasets, "CIFAR100", SmallCIFAR100)
    return photo_folders
