import gzip
import struct

import numpy as np
import pytest
import torch
from PIL import Image

from metacourse.data import domains


def test_a_pair_has_the_same_classes_and_looks_different():
    source, target = domains.glyph_pair(per_class=5)
    assert source.x.shape == target.x.shape == (50, 3, 28, 28) and source.x.dtype == torch.uint8
    assert torch.equal(source.y, target.y) and source.y.tolist() == [d for d in range(10) for _ in range(5)]
    assert torch.equal(source.x[:, 0], source.x[:, 2]) and not torch.equal(target.x[:, 0], target.x[:, 2])


@pytest.mark.parametrize("kind", domains.LOOKS)
def test_digits_are_the_same_for_the_same_seed(kind):
    one, same, other = (domains.glyph_digits(kind, per_class=2, seed=seed).x for seed in (0, 0, 1))
    assert torch.equal(one, same) and not torch.equal(one, other)


def test_blurring_keeps_the_ink_and_spreads_it():
    point = torch.zeros(1, 1, 21, 21)
    point[0, 0, 10, 10] = 1
    spread = domains._blur(point, 2.0)[0, 0]
    across = torch.arange(21) - 10.0
    assert spread.sum().item() == pytest.approx(1)
    assert (spread.sum(0) * across**2).sum().item() == pytest.approx(4, rel=0.05)         # variance 2²


def idx(values: np.ndarray) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}i", *values.shape) + values.tobytes()


@pytest.mark.parametrize("packed", [False, True])
def test_mnist_is_read_packed_and_unpacked(tmp_path, packed):
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    x, y = np.arange(3 * 784).reshape(3, 28, 28).astype(np.uint8), np.uint8([7, 0, 9])
    for name, values in (("train-images-idx3-ubyte", x), ("train-labels-idx1-ubyte", y)):
        content = gzip.compress(idx(values)) if packed else idx(values)
        (folder / (name + ".gz" * packed)).write_bytes(content)
    digits = domains.mnist(tmp_path)
    assert torch.equal(digits.x[:, 0], torch.from_numpy(x)) and digits.y.tolist() == [7, 0, 9]
    with pytest.raises(FileNotFoundError, match="no t10k-images-idx3-ubyte"):
        domains.mnist(tmp_path, train=False)


@pytest.mark.parametrize("content", [gzip.compress(bytes(5000))[:-9], b"no gzip"])
def test_a_half_downloaded_mnist_is_named(tmp_path, content):
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(content)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(np.uint8([1])))
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte.gz is damaged or was downloaded in part"):
        domains.mnist(tmp_path)


def test_a_cut_off_idx_file_is_named(tmp_path):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(np.zeros((2, 28, 28), np.uint8))[:-1])
    with pytest.raises(ValueError, match="is not a whole file of 3-axis bytes"):
        domains.mnist(tmp_path)


def test_unknown_domains_and_missing_files_are_told(tmp_path):
    with pytest.raises(ValueError, match="no domain is called 'odd'; there are clean, bold_on_noise"):
        domains.glyph_digits("odd")
    with pytest.raises(FileNotFoundError, match=r"no usps16.npz in"):
        domains.usps(tmp_path)
    (tmp_path / "usps16.npz").write_bytes(b"PK half")
    with pytest.raises(ValueError, match=r"usps16.npz is damaged"):
        domains.usps(tmp_path)


def test_the_real_digits_have_their_published_counts(real):
    root = real("usps").parent
    assert domains.usps(root).y.bincount().tolist() == [1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644]
    assert domains.usps(root, train=False).x.shape == (2007, 1, 16, 16)
    real("MNIST/raw")
    digits = domains.mnist(root, train=False)
    assert digits.x.shape == (10000, 1, 28, 28) and digits.y[:5].tolist() == [7, 2, 1, 0, 4]


def save(path, size=(20, 10), shade=200):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, shade).save(path)


@pytest.fixture
def two_folders(tmp_path):
    """Three cats and a dog in the studio, a cat and two dogs in the wild; a shade tells each picture."""
    for i, name in enumerate(["studio/cat/1.png", "studio/cat/2.jpg", "studio/cat/3.png", "studio/dog/1.png",
                              "wild/cat/a.png", "wild/dog/b.png", "wild/dog/c.png"]):
        save(tmp_path / name, size=(9 + i, 20), shade=10 * i)
    (tmp_path / "wild" / "notes.txt").write_text("no class, no picture")
    return tmp_path / "studio", tmp_path / "wild"


def test_two_folders_of_pictures_are_two_domains(two_folders):
    source, target = domains.folders(*two_folders, size=8, color="gray")
    assert source.x.shape == (4, 1, 8, 8) and target.x.shape == (3, 1, 8, 8) and source.x.dtype == torch.uint8
    assert source.y.tolist() == [0, 0, 0, 1] and target.y.tolist() == [0, 1, 1]
    assert target.x[:, 0, 4, 4].tolist() == [40, 50, 60]
    assert domains.folders(*map(str, two_folders), size=5)[1].x.shape == (3, 3, 5, 5)
    inverted = domains.folders(*two_folders, size=8, color="gray", invert=True)[1]
    assert inverted.x.equal(255 - target.x)


def test_a_target_may_be_pictures_that_nobody_has_labeled(two_folders):
    save(two_folders[0].parent / "phone" / "1.png")
    source, target = domains.folders(two_folders[0], two_folders[0].parent / "phone", size=8)
    assert target.x.shape == (1, 3, 8, 8) and target.y.tolist() == [-1]
    assert source.y.tolist() == [0, 0, 0, 1]


def test_domains_with_different_classes_are_refused_with_their_names(two_folders):
    save(two_folders[0] / "bird" / "1.png")
    with pytest.raises(ValueError, match=r"the same classes, but only .*studio has 'bird': give a class one"):
        domains.folders(*two_folders, size=8)
    (two_folders[1] / "cat").rename(two_folders[1] / "Cat")
    with pytest.raises(ValueError, match=r"studio has 'bird', 'cat' and only .*wild has 'Cat'"):
        domains.folders(*two_folders, size=8)


def test_folders_that_say_nothing_clear_are_refused(two_folders, tmp_path):
    save(two_folders[1] / "loose.png")
    with pytest.raises(ValueError, match=r"wild has pictures, such as loose.png, beside its sub-folders"):
        domains.folders(*two_folders, size=8)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"empty holds no images"):
        domains.folders(two_folders[0], tmp_path / "empty", size=8)
    with pytest.raises(ValueError, match=r"empty has no sub-folders: wanted is one folder of images"):
        domains.folders(tmp_path / "empty", two_folders[0], size=8)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        domains.folders(two_folders[0], tmp_path / "nowhere", size=8)
    with pytest.raises(ValueError, match="size=0 should be at least 1 pixel"):
        domains.folders(*two_folders, size=0)


def test_an_empty_class_and_a_broken_picture_are_named(two_folders):
    (two_folders[1] / "cat" / "a.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"a.png is not a readable image"):
        domains.folders(*two_folders, size=8)
    (two_folders[1] / "cat" / "a.png").unlink()
    with pytest.raises(ValueError, match=r"cat holds no images"):
        domains.folders(*two_folders, size=8)
