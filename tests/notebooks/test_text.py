"""The notebooks say what their texts say: same cells, same sources, same tags."""
import nbformat
import pytest

from tests.notebooks.places import EXECUTED, name, read
from tools import text
from tools.address import ADDRESS, REPOSITORY

TEXTS = [source for folder in ("chapters", "solutions") for source in text.texts(folder)]
TEXT = """\
---
kernelspec:
  display_name: Python 3
  name: python3
---

# A title

A question.

```{code-cell} ipython3
:tags: [setup]
```

```{code-cell} ipython3
:tags: [nbval-ignore-output]
print(1)
```

```{code-cell} ipython3
print(2)
```

```{code-cell} ipython3
print(2)
```
"""


def named(path) -> str:
    return f"{path.parent.parent.name}/{path.stem}"


@pytest.mark.parametrize("source", TEXTS, ids=named)
def test_the_notebook_says_what_its_text_says(source):
    path, wanted = REPOSITORY / f"{named(source)}.ipynb", text.notebook(source, name=named(source))
    assert path.exists(), "run `make notebooks`"
    assert text.matter(read(path)) == text.matter(wanted), "run `make notebooks`"


def test_every_notebook_has_a_text():
    assert set(map(name, EXECUTED)) <= set(map(named, TEXTS))


def small(tmp_path, written: str = TEXT):
    source = tmp_path / "00_small.md"
    source.write_text(written)
    return text.notebook(source, name="chapters/00_small")


def test_the_link_to_colab_and_the_set_up_cell_are_stamped(tmp_path):
    nb = small(tmp_path)
    owner = ADDRESS.removeprefix("https://github.com/")
    link = f"https://colab.research.google.com/github/{owner}/blob/main/chapters/00_small.ipynb"
    assert nb.cells[0].source == f"# A title\n\n[Open this notebook in Colab]({link})\n\nA question."
    assert [cell.source for cell in nb.cells if "setup" in text.tags(cell)] == [text.SETUP]
    assert ADDRESS in text.SETUP


def test_a_text_without_a_set_up_cell_gets_one_after_the_title(tmp_path):
    nb = small(tmp_path, "# A title\n\n```{code-cell} ipython3\nprint(1)\n```\n")
    assert [cell.source for cell in nb.cells[1:]] == [text.SETUP, "print(1)"]


def test_the_set_up_cell_does_nothing_where_the_library_is_installed():
    names = {}
    exec(text.SETUP.replace("%pip", "raise SystemExit  #"), names)
    assert "wheel" not in names


def test_a_change_in_one_cell_leaves_the_other_cells_their_ids(tmp_path):
    before, after = small(tmp_path), small(tmp_path, TEXT.replace("print(1)", "print(3)"))
    changed = [a.id != b.id for a, b in zip(before.cells, after.cells, strict=True)]
    assert changed == [False, False, True, False, False]
    assert len({cell.id for cell in before.cells}) == len(before.cells)
    nbformat.validate(before)
