"""The rules for notebooks reject what they are there to reject."""
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks.places import images_without_alt, written
from tests.notebooks.test_invariants import A_MACHINE


def absolute(*parts: str) -> str:
    """A path from the root, put together here: this file is to hold none."""
    return "/".join(["", *parts])


def showing(metadata: dict):
    data = {"image/png": "aGVsbG8=", "text/plain": "a picture"}
    picture = new_output("display_data", data=data, metadata=metadata)
    return new_notebook(cells=[new_code_cell("show()", outputs=[picture])])


@pytest.mark.parametrize("metadata", [
    {}, {"image/png": {"width": 3}}, {"image/png": {"alt": " "}}, {"alt": "Five letters."},
])
def test_a_picture_without_a_description_is_found(metadata):
    assert images_without_alt(showing(metadata)) == ["image/png"]


def test_a_picture_with_a_description_is_not():
    assert images_without_alt(showing({"image/png": {"alt": "Five letters."}})) == []


@pytest.mark.parametrize("prose, silent", [
    ("![](a.png)", 1), ("![Five letters.](a.png)", 0),
    ("<img src='a.png'>", 1), ("<img alt='' src='a.png'>", 1), ("<img src='a.png' alt='Five letters.'>", 0),
    ("a < b, and [a link](a.png)", 0),
])
def test_pictures_in_the_prose_are_read_too(prose, silent):
    assert len(images_without_alt(new_notebook(cells=[new_markdown_cell(prose)]))) == silent


@pytest.mark.parametrize("text", [
    f"open('{absolute('home', 'ada', 'x')}')", f"saved in {absolute('tmp', 'x', 'y')}",
    "\\".join(["C:", "Users", "ada"]), absolute("content", "drive", "x"),
])
def test_a_path_of_a_machine_is_found(text):
    assert A_MACHINE.search(text)


@pytest.mark.parametrize("text", [
    "https://a.org/home/x", "../tmp/x", "and/or", "1/2", "chapters/work/x", "p(y | x)",
])
def test_what_only_looks_like_a_path_is_not(text):
    assert not A_MACHINE.search(text)


def test_tracebacks_and_streams_are_read_for_paths():
    file, root = f"File {absolute('tmp', 'x', 'y.py')}", absolute("root", "x", "y")
    error = new_output("error", ename="E", evalue="e", traceback=[file])
    printed = new_output("stream", name="stdout", text=root)
    nb = new_notebook(cells=[new_code_cell("f()", outputs=[error, printed])])
    assert {file, root} <= set(written(nb))
