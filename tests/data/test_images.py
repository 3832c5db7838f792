import numpy as np
import pytest
import torch
from PIL import Image

from metacourse.data import images, pictures, splits

RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), (255, 255, 255)


def save(path, mode="RGB", size=(20, 10), color=RED, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(path, **options)


def pixel(image: torch.Tensor) -> list[int]:
    """The color of a picture that has only one."""
    assert (image == image[:, :1, :1]).all()
    return image[:, 0, 0].tolist()


def test_each_sub_folder_is_a_class_in_the_order_of_names(tmp_path):
    for name, color in (("dog", RED), ("cat", GREEN)):
        for i in range(3 if name == "cat" else 2):
            save(tmp_path / name / f"{i}.png", color=color)
    (tmp_path / "notes.txt").write_text("no class")
    animals = images.load(tmp_path, size=8)
    assert animals.names == animals.groups == ("cat", "dog")
    assert animals.images.shape == (2, 2, 3, 8, 8) and animals.images.dtype == torch.uint8
    assert pixel(animals.images[0, 1]) == [0, 255, 0]
    assert images.load(tmp_path, size=8, split=["dog"]).names == ("dog",)
    assert images.load(tmp_path, size=8, drawings=1).images.shape[1] == 1


def test_sizes_and_color_modes_may_be_mixed(tmp_path):
    save(tmp_path / "a" / "1.png", "RGB", (30, 9), (200, 200, 200))
    save(tmp_path / "a" / "2.png", "L", (5, 40), 200)
    save(tmp_path / "a" / "3.png", "RGBA", (16, 16), (0, 0, 0, 0))               # transparent: white
    save(tmp_path / "a" / "4.gif", "P", (16, 16), 0)
    save(tmp_path / "a" / "5.png", "I;16", (16, 16), 200 * 256)
    save(tmp_path / "a" / "6.png", "1", (16, 16), 1)
    save(tmp_path / "a" / "7.jpg", "CMYK", (16, 16), (0, 0, 0, 0))
    save(tmp_path / "a" / "8.png", "LA", (16, 16), (0, 255))
    gray = images.load(tmp_path, size=7, color="gray").images[0]
    assert [pixel(image)[0] for image in gray] == [200, 200, 255, 0, 200, 255, 255, 0]
    assert images.load(tmp_path, size=7).images.shape == (1, 8, 3, 7, 7)
    assert pixel(images.load(tmp_path, size=7, color="gray", invert=True).images[0, 0]) == [55]


def test_the_middle_square_is_kept():
    wide = np.zeros((4, 12), np.uint8)
    wide[:, 4:8] = 9
    assert pixel(pictures.square(Image.fromarray(wide), size=4, color="gray")) == [9]


def test_a_camera_s_turn_is_undone(tmp_path):
    picture = Image.new("L", (8, 8))
    picture.paste(255, (0, 0, 8, 4))                                              # bright above
    exif = Image.Exif()
    exif[0x0112] = 6                                                              # shown turned clockwise
    picture.save(tmp_path / "x.png", exif=exif)
    turned = pictures.read(tmp_path / "x.png", size=8, color="gray")[0]
    assert turned[:, 5:].min() == 255 and turned[:, :3].max() == 0                # bright at the right


def test_an_unreadable_image_is_named(tmp_path):
    save(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "2.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"2.png is not a readable image"):
        images.load(tmp_path)
    save(tmp_path / "a" / "2.png", size=(300, 300))
    content = (tmp_path / "a" / "2.png").read_bytes()
    (tmp_path / "a" / "2.png").write_bytes(content[:len(content) // 2])
    with pytest.raises(ValueError, match=r"2.png is not a readable image"):
        images.load(tmp_path)


def test_empty_folders_and_missing_classes_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        images.load(tmp_path / "none")
    with pytest.raises(ValueError, match="has no sub-folders: wanted is one folder of images for each class"):
        images.load(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="empty holds no images"):
        images.load(tmp_path)
    save(tmp_path / "full" / "1.png")
    with pytest.raises(ValueError, match="lacks 1 of the 2 classes wanted, such as 'cat'"):
        images.load(tmp_path, split=["full", "cat"])
    with pytest.raises(ValueError, match="class 'full' has 1 images; drawings=5"):
        images.load(tmp_path, split=["full"], drawings=5)
    with pytest.raises(ValueError, match="color='blue' should be one of 'rgb', 'gray'"):
        images.load(tmp_path, color="blue")


@pytest.mark.parametrize("inner", ["", "test/", "images/"])
def test_published_splits_find_their_class_folders(tmp_path, inner):
    for name in splits.part("mini_imagenet", "test"):
        save(tmp_path / f"{inner}{name}" / "1.png", size=(4, 4))
    assert images.mini_imagenet(tmp_path, "test", size=4).names == tuple(splits.part("mini_imagenet", "test"))
    with pytest.raises(ValueError, match="lacks 64 of the 64"):
        images.mini_imagenet(tmp_path, "train")


def test_birds_are_found_in_the_folder_as_it_is_unpacked(tmp_path):
    for name in splits.part("cub200", "val"):
        save(tmp_path / "images" / name / "1.jpg", size=(4, 4))
    assert images.cub(tmp_path, "val", size=4).images.shape == (50, 1, 3, 4, 4)


class Dataset(list):
    classes = ("cat", "dog")


def test_a_torchvision_data_set_becomes_a_tensor():
    pairs = Dataset([(Image.new("RGB", (6, 6), RED), 1), (Image.new("RGB", (6, 6), GREEN), 0)] * 2)
    animals = images.from_torchvision(pairs)
    assert animals.names == ("cat", "dog") and animals.images.shape == (2, 2, 3, 6, 6)
    assert pixel(animals.images[1, 0]) == [255, 0, 0]
    with pytest.raises(TypeError, match="make it without a transform"):
        images.from_torchvision([(torch.zeros(3, 6, 6), 0)])
    with pytest.raises(ValueError, match="the data is empty"):
        images.from_torchvision([])


@pytest.fixture
def cifar100(tmp_path, monkeypatch):
    """What torchvision's reader of CIFAR-100 gives, without its files: each class in its own gray."""
    import torchvision
    names = sorted(path.split("/")[1] for path in splits.part("cifar_fs", "all"))

    class Small:
        base_folder = "cifar-100-python"

        def __init__(self, root, train, download):
            self.targets = list(range(100)) * (5 if train else 1)
            self.data = np.tile(np.uint8(self.targets)[:, None, None, None], (1, 32, 32, 3))
            self.class_to_idx = {name: i for i, name in enumerate(names)}
    monkeypatch.setattr(torchvision.datasets, "CIFAR100", Small)
    return names


@pytest.mark.parametrize("load, name, sizes", [(images.cifar_fs, "cifar_fs", (64, 16, 20)),
                                               (images.fc100, "fc100", (60, 20, 20))])
def test_cifar_is_split_as_published(cifar100, tmp_path, load, name, sizes):
    parts = {split: load(tmp_path, split) for split in splits.PARTS}
    assert tuple(len(part.names) for part in parts.values()) == sizes
    splits.check_disjoint(**parts)
    for full, picture in zip(parts["val"].names, parts["val"].images[:, -1]):
        assert pixel(picture) == [cifar100.index(full.split("/")[1])] * 3


def test_a_missing_cifar_says_what_was_wanted(tmp_path):
    with pytest.raises(FileNotFoundError, match="wanted is the folder cifar-100-python"):
        images.cifar_fs(tmp_path)


def test_rows_of_a_table_become_examples(tmp_path):
    table = tmp_path / "flowers.csv"
    table.write_text("width,kind,height\n1,rose,2\n3,iris,4\n5,rose,6\n7,iris,8.5\n9,rose,9\n")
    flowers = images.from_csv(table, label="kind")
    assert flowers.names == ("iris", "rose")
    assert flowers.images.tolist() == [[[3, 4], [7, 8.5]], [[1, 2], [5, 6]]]


@pytest.mark.parametrize("text, message", [
    ("width,kind\n1,rose\nx,iris\n", "line 3, column 'width': 'x' is not a number"),
    ("width,kind\n1\n", "line 2: wanted are 2 cells"),
    ("width,kind\n1,rose,2\n", "line 2: wanted are 2 cells"),
    ("width,height\n1,2\n", "no column 'kind'; there are width, height"),
    ("", "no column 'kind'; there are none"), ("width,kind\n", "the data is empty")])
def test_a_table_that_cannot_be_read_says_where(tmp_path, text, message):
    (tmp_path / "table.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        images.from_csv(tmp_path / "table.csv", label="kind")


def test_real_photographs_are_read_from_their_folders(real, tmp_path):
    import zipfile
    with zipfile.ZipFile(real("caltech101/caltech101_84.zip")) as archive:
        for name in archive.namelist():
            if "/a" in name:
                archive.extract(name, tmp_path)
    photographs = images.load(tmp_path / "caltech101_84", size=32, drawings=31)
    assert photographs.images.shape[1:] == (31, 3, 32, 32) and "anchor" in photographs.names
