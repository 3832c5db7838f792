import numpy as np
import pytest

from metacourse.data import quickdraw, splits


@pytest.fixture
def few_categories(monkeypatch) -> list[str]:
    categories = ["ant", "bat wing", "cup"]
    monkeypatch.setattr(splits, "part", lambda name, split: categories)
    return categories


def bitmaps(category: int, drawings: int) -> np.ndarray:
    """Drawing d of a category is filled with 50 · category + d."""
    return np.full((drawings, 784), 50 * category, np.uint8) + np.arange(drawings, dtype=np.uint8)[:, None]


def test_an_array_file_gives_the_first_drawings_of_each_category(tmp_path, few_categories):
    labels = np.array([2, 0, 1, 2, 0, 1])
    images = np.stack([np.full((28, 28), 10 * i + label, np.uint8) for i, label in enumerate(labels)])
    np.savez(tmp_path / "quickdraw28.npz", images=images, labels=labels, categories=few_categories)
    drawn = quickdraw.load(tmp_path, drawings=2)
    assert drawn.names == drawn.groups == tuple(few_categories)
    assert drawn.images[:, :, 0, 0, 0].tolist() == [[10, 40], [21, 51], [2, 32]]


@pytest.mark.parametrize("prefix", ["", "full_numpy_bitmap_"])
def test_official_bitmaps_are_read_by_their_names(tmp_path, few_categories, prefix):
    for number, name in enumerate(few_categories):
        np.save(tmp_path / f"{prefix}{name}.npy", bitmaps(number, 9))
    drawn = quickdraw.load(tmp_path, drawings=4)
    assert drawn.images.shape == (3, 4, 1, 28, 28)
    assert drawn.images[2, :, 0, 0, 0].tolist() == [100, 101, 102, 103]


def test_too_few_drawings_and_missing_categories_are_named(tmp_path, few_categories):
    np.save(tmp_path / "ant.npy", bitmaps(0, 3))
    np.save(tmp_path / "cup.npy", bitmaps(1, 9))
    with pytest.raises(ValueError, match="lacks 1 of the 3 categories of this split, such as 'bat wing'"):
        quickdraw.load(tmp_path)
    np.save(tmp_path / "bat wing.npy", bitmaps(1, 9))
    with pytest.raises(ValueError, match=r"'ant' has 3 drawings in .*; drawings=5 needs 5"):
        quickdraw.load(tmp_path, drawings=5)


def test_a_half_downloaded_file_is_named(tmp_path, few_categories):
    for name in few_categories:
        np.save(tmp_path / f"{name}.npy", bitmaps(0, 9))
    (tmp_path / "cup.npy").write_bytes((tmp_path / "cup.npy").read_bytes()[:500])
    with pytest.raises(ValueError, match=r"cup.npy is damaged or was downloaded in part"):
        quickdraw.load(tmp_path, drawings=5)
    (tmp_path / "quickdraw28.npz").write_bytes(b"PK half")
    with pytest.raises(ValueError, match=r"quickdraw28.npz is damaged"):
        quickdraw.load(tmp_path)


def test_a_download_fetches_the_first_drawings_only(server, few_categories, monkeypatch, own_cache):
    for number, name in enumerate(few_categories):
        np.save(server.folder / f"{name}.npy", bitmaps(number, 200))
    monkeypatch.setattr(quickdraw, "ADDRESS", server.address)
    drawn = quickdraw.load(drawings=6, download=True)
    assert drawn.images[1, :, 0, 3, 3].tolist() == [50, 51, 52, 53, 54, 55]
    assert (own_cache / "quickdraw" / "cup.npy").stat().st_size < 6000
    server.close()
    assert quickdraw.load(drawings=6, download=True).names == drawn.names          # nothing is fetched twice


def test_where_there_is_nothing_it_says_what_was_wanted(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"wanted is quickdraw28.npz, or a folder of <category>.npy"):
        quickdraw.load(tmp_path)


def test_the_real_sketches_are_split_as_published(real):
    sets = {split: quickdraw.load(real("quickdraw"), split=split, drawings=25) for split in splits.PARTS}
    assert [s.images.shape[:2] for s in sets.values()] == [(207, 25), (69, 25), (69, 25)]
    splits.check_disjoint(**sets)
