"""What every notebook of the course promises to those who open it, on whatever shows it."""
import re

import pytest

from tests.notebooks.places import BLANK, EXECUTED, code, images_without_alt, name, outputs, read, written
from tools.notebooks import widget_states
from tools.text import SETUP, tags

executed = pytest.mark.parametrize("path", EXECUTED, ids=name)
blank = pytest.mark.parametrize("path", BLANK, ids=name)
every = pytest.mark.parametrize("path", EXECUTED + BLANK, ids=name)
A_MACHINE = re.compile(r"(?<![\w./:-])/(home|root|tmp|work|Users|var|opt|mnt|usr|content)/|\b[A-Z]:\\\w")


@executed
def test_cells_were_executed_in_order(path):
    cells = code(read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@executed
def test_no_cell_failed(path):
    may_fail = "raises-exception" if path.parent.name == "chapters" else None     # may show a failure
    failed = [cell for cell in code(read(path)) if any(out.output_type == "error" for out in cell.outputs)]
    assert [cell.source for cell in failed if may_fail not in tags(cell)] == []


@executed
def test_nothing_was_written_to_stderr(path):
    assert [output.text for output in outputs(read(path)) if output.get("name") == "stderr"] == []


@executed
def test_widgets_can_be_shown_without_a_kernel(path):
    nb = read(path)
    views = [output.data[kind]["model_id"] for output in outputs(nb) for kind in output.get("data", {})
             if kind == "application/vnd.jupyter.widget-view+json"]
    assert set(views) <= set(widget_states(nb))
    assert ("widgets" in nb.metadata) == bool(widget_states(nb))      # GitHub refuses the other case


@executed
def test_outputs_do_not_name_an_address_in_memory(path):
    assert [text for text in written(read(path)) if re.search(r"\bat 0x[0-9a-f]{6,}", text)] == []


@every
def test_every_picture_has_a_description(path):
    assert images_without_alt(read(path)) == []


@every
def test_every_link_to_a_file_leads_somewhere(path):
    prose = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", prose)
    assert [link for link in links if not (path.parent / link).exists()] == []


@every
def test_the_file_is_small_enough_for_a_web_viewer(path):
    assert path.stat().st_size < 2_000_000


@every
def test_no_path_of_a_machine_is_named(path):
    assert [text for text in written(read(path)) if A_MACHINE.search(text)] == []


@every
def test_the_set_up_cell_is_the_same_everywhere(path):
    assert [cell.source for cell in read(path).cells if "setup" in tags(cell)] == [SETUP]


@every
def test_no_cell_is_longer_than_25_lines(path):
    assert [cell.source for cell in code(read(path)) if len(cell.source.splitlines()) > 25] == []


@every
def test_no_time_of_execution_is_kept(path):
    assert [cell.metadata for cell in read(path).cells if not set(cell.metadata) <= {"tags"}] == []


@blank
def test_exercises_hold_no_outputs(path):
    cells = code(read(path))
    assert all(cell.execution_count is None and cell.outputs == [] for cell in cells)
