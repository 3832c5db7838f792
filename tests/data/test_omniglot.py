"""A made Omniglot of two alphabets with two and one characters, in every form it comes in."""
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from metacourse.data import omniglot, splits

CHARACTERS = {"background": ["Zulu/character01", "Zulu/character02"], "evaluation": ["Aztec/character01"]}


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """Drawer i of each character fills i + 1 rows with ink (0 in the files)."""
    for part, names in CHARACTERS.items():
        for number, name in enumerate(names):
            folder = tmp_path / "root" / f"images_{part}" / name
            folder.mkdir(parents=True)
            for drawer in range(20):
                pixels = np.full((105, 105), 255, np.uint8)
                pixels[:drawer + 1] = 0
                Image.fromarray(pixels).save(folder / f"{number:04d}_{drawer + 1:02d}.png")
    return tmp_path / "root"


@pytest.fixture
def zipped(unpacked: Path, tmp_path: Path) -> Path:
    for part in CHARACTERS:
        shutil.make_archive(str(tmp_path / "zips" / f"images_{part}"), "zip", unpacked, f"images_{part}")
    return tmp_path / "zips"


def test_folders_and_zips_give_the_same_classes_in_the_order_of_their_names(unpacked, zipped):
    folders, zips, again = (omniglot.load(root, split="all") for root in (unpacked, zipped, zipped))
    assert folders.names == zips.names == ("Aztec/character01", "Zulu/character01", "Zulu/character02")
    assert folders.groups == ("Aztec", "Zulu", "Zulu")
    assert torch.equal(folders.images, zips.images) and torch.equal(again.images, zips.images)
    assert folders.images.shape == (3, 20, 1, 28, 28)


def test_drawings_keep_their_drawers_and_ink_is_bright(unpacked):
    ink = omniglot.load(unpacked, split="background").images[1, :, 0].float().mean((1, 2)) / 255 * 105
    assert torch.allclose(ink, torch.arange(1, 21).float(), atol=0.6)


def test_an_array_file_is_sorted_and_split_too(tmp_path):
    images = np.arange(3 * 20 * 784).reshape(3, 20, 28, 28).astype(np.uint8)
    names = ["Zulu/character02", "Aztec/character01", "Zulu/character01"]
    np.savez(tmp_path / "omniglot28.npz", images=images, character=names, background=[True, False, True])
    background = omniglot.load(tmp_path)
    assert background.names == ("Zulu/character01", "Zulu/character02")
    assert torch.equal(background.images[1, :, 0], torch.from_numpy(images[0]))
    assert omniglot.load(tmp_path / "omniglot28.npz", split="evaluation").names == ("Aztec/character01",)


def test_one_set_is_enough_where_only_one_is_asked_for(unpacked):
    shutil.rmtree(unpacked / "images_evaluation")
    assert len(omniglot.load(unpacked, split="background").names) == 2
    with pytest.raises(FileNotFoundError, match="images_evaluation; in Python, download=True"):
        omniglot.load(unpacked, split="all")


def test_rotations_are_extra_classes(unpacked):
    assert len(omniglot.load(unpacked, split="evaluation", rotations=True).names) == 4


def test_a_half_downloaded_zip_is_named_and_nothing_is_kept(zipped, own_cache):
    archive = zipped / "images_evaluation.zip"
    archive.write_bytes(archive.read_bytes()[:-3000])
    with pytest.raises(ValueError, match=r"images_evaluation.zip is damaged or was downloaded in part"):
        omniglot.load(zipped, split="evaluation")
    assert not own_cache.exists() or not any(own_cache.iterdir())


def test_a_zip_with_flipped_bytes_is_refused_and_nothing_is_kept(zipped, own_cache):
    archive = zipped / "images_evaluation.zip"
    with zipfile.ZipFile(archive) as opened:
        start = opened.infolist()[-1].header_offset
    content = bytearray(archive.read_bytes())
    content[start + 110:start + 130] = bytes(20)
    archive.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged|not a readable picture"):
        omniglot.load(zipped, split="evaluation")
    assert not any(own_cache.iterdir())


def test_a_missing_drawing_is_noticed(unpacked):
    (unpacked / "images_evaluation/Aztec/character01/0000_07.png").unlink()
    with pytest.raises(ValueError, match=r"19 drawings of Aztec/character01, not 20"):
        omniglot.load(unpacked, split="evaluation")


def test_a_damaged_array_file_is_named(tmp_path):
    (tmp_path / "omniglot28.npz").write_bytes(b"PK\x03\x04 half")
    with pytest.raises(ValueError, match=r"omniglot28.npz is damaged"):
        omniglot.load(tmp_path)


def test_unknown_splits_are_refused():
    with pytest.raises(ValueError, match="no split 'dev'; there are background"):
        omniglot.load(split="dev")


def test_the_real_array_has_the_published_splits(real):
    root = real("omniglot28.npz")
    sizes = {"background": (964, 30), "evaluation": (659, 20), "train": (1028, 33), "val": (172, 5),
             "test": (423, 13), "all": (1623, 50)}
    sets = {split: omniglot.load(root, split=split) for split in sizes}
    assert {split: (len(s.names), len(set(s.groups))) for split, s in sets.items()} == sizes
    splits.check_disjoint(train=sets["train"], val=sets["val"], test=sets["test"])
    splits.check_disjoint(background=sets["background"], evaluation=sets["evaluation"])


def test_real_pictures_shrink_to_the_real_array(real, tmp_path):
    array = omniglot.load(real("omniglot28.npz"), split="evaluation")
    with zipfile.ZipFile(real("omniglot-py/images_evaluation.zip")) as archive:
        for name in archive.namelist():
            if "/Angelic/" in name:
                archive.extract(name, tmp_path)
    assert torch.equal(omniglot.load(tmp_path, split="evaluation").images, array.of_group("Angelic").images)


@pytest.mark.slow
def test_the_real_zips_give_the_real_array(real):
    zips = omniglot.load(real("omniglot-py"), split="all")
    assert torch.equal(zips.images, omniglot.load(real("omniglot28.npz"), split="all").images)
