import shutil

import pytest

from metacourse.experiments import code_hash


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A copy of the library that a test may change."""
    copy = tmp_path / "metacourse"
    shutil.copytree(code_hash.LIBRARY, copy, ignore=shutil.ignore_patterns("results", "__pycache__"))
    monkeypatch.setattr(code_hash, "LIBRARY", copy)
    return copy


def change(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_words_do_not_count(library):
    before = code_hash.code_hash("protonet_glyphs")
    change(library / "methods/protonet.py", '"""Prototypical networks', '"""Said differently: prototypes')
    change(library / "methods/protonet.py", "# d(z, c_k) = ‖z − c_k‖²", "# squared")
    assert code_hash.code_hash("protonet_glyphs") == before


@pytest.mark.parametrize("file, old, new", [
    ("methods/protonet.py", ".square()", ".abs()"),
    ("data/sampling.py", "div_(255)", "div_(256)"),
    ("experiments/protonet_glyphs.py", "3e-3", "4e-3"),
])
def test_code_that_a_number_rests_on_counts(library, file, old, new):
    before = code_hash.code_hash("protonet_glyphs")
    change(library / file, old, new)
    assert code_hash.code_hash("protonet_glyphs") != before


def test_code_that_it_does_not_use_does_not_count(library):
    before = code_hash.code_hash("protonet_glyphs")
    change(library / "methods/reptile.py", "0.5", "0.7")
    assert code_hash.code_hash("protonet_glyphs") == before
