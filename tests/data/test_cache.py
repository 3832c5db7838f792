import os

import numpy as np
import pytest

from metacourse.data import cache


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "deep" / "file.txt"
    cache.write_atomically(path, lambda temporary: temporary.write_text("old"))

    def fail(temporary):
        temporary.write_text("half")
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        cache.write_atomically(path, fail)
    assert path.read_text() == "old" and list(path.parent.iterdir()) == [path]


def test_an_array_is_made_once_and_again_when_damaged(own_cache):
    made = []

    def make():
        made.append(1)
        return np.arange(5)
    assert all(cache.array("five", make).tolist() == [0, 1, 2, 3, 4] for _ in range(2)) and len(made) == 1
    (own_cache / "five.npy").write_bytes(b"\x93NUMPY half")
    assert cache.array("five", make).tolist() == [0, 1, 2, 3, 4] and len(made) == 2


def test_a_cache_that_cannot_be_made_says_what_to_set(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("METACOURSE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(OSError, match="set METACOURSE_CACHE"):
        cache.folder()


def test_without_a_root_the_given_data_come_before_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("METACOURSE_DATA", str(tmp_path / "data"))
    assert cache.places("omniglot") == [tmp_path / "data", tmp_path / "cache" / "omniglot"]
    assert cache.places("omniglot", tmp_path) == [tmp_path]


def test_what_a_killed_process_had_begun_is_removed_a_day_later(tmp_path):
    old, new = tmp_path / ".unfinished-a.pt", tmp_path / ".unfinished-b.pt"
    for path in (old, new):
        path.write_text("half of it")
    os.utime(old, (0, 0))
    cache.write_atomically(tmp_path / "whole.pt", lambda part: part.write_text("all"))
    assert not old.exists() and new.exists() and (tmp_path / "whole.pt").read_text() == "all"
