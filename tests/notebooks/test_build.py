"""A notebook is executed, tidied and written; building it again changes nothing."""
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from tools import notebooks, text

WIDGET = "import ipywidgets as widgets\nwidgets.IntSlider(description='shots')"


def built(folder, *sources: str):
    nb = new_notebook(cells=[new_code_cell(source) for source in sources])
    text.name_cells(nb)
    return notebooks.tidy(notebooks.execute(nb, folder), "chapters/00_small")


def test_building_twice_gives_the_same_notebook(tmp_path):
    first, second = built(tmp_path, "print(1)", WIDGET), built(tmp_path, "print(1)", WIDGET)
    assert first == second
    assert [cell.execution_count for cell in first.cells] == [1, 2]
    assert first.cells[1].outputs[0].data["application/vnd.jupyter.widget-view+json"]["model_id"] in \
        notebooks.widget_states(first)


def test_a_notebook_without_widgets_has_no_widget_metadata(tmp_path):
    assert built(tmp_path, "print(1)").metadata == text.KERNEL


def test_a_cell_that_fails_stops_the_building(tmp_path):
    with pytest.raises(CellExecutionError):
        built(tmp_path, "1 / 0")


def test_writing_replaces_the_notebook_in_one_step(tmp_path):
    path = tmp_path / "00_small.ipynb"
    path.write_text("before")
    notebooks.write(new_notebook(), path)
    assert path.read_text().startswith("{")
    assert list(tmp_path.iterdir()) == [path]
