import nbformat
import pytest
from nbclient import NotebookClient

from metacourse.training.bar import bar

CELL = """
import time
from metacourse.training.bar import bar
print("before")
with bar(3) as show:
    for step in range(1, 4):
        time.sleep(0.25)
        show(step, "validation 0.5")
"""


@pytest.fixture(scope="module")
def cells():
    """The cell as a tool executes it, and then as somebody who watches: its outputs, and what was drawn."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL) for _ in range(2)])
    client, drawn = NotebookClient(notebook, timeout=120), ([], [])
    process = client.process_message

    def listen(message, cell, index):
        if message["msg_type"] in ("display_data", "update_display_data"):
            drawn[index].append(message["content"]["data"].get("text/plain", ""))
        return process(message, cell, index)
    client.process_message = listen
    with client.setup_kernel():
        for index, watched in enumerate((False, True)):
            client.kc.allow_stdin = watched
            client.execute_cell(notebook.cells[index], index)
    return [(cell.outputs, texts) for cell, texts in zip(notebook.cells, drawn)]


def test_a_notebook_that_a_tool_executes_has_no_trace_of_the_bar(cells):
    outputs, drawn = cells[0]
    assert drawn == []
    assert [(output["output_type"], output["text"]) for output in outputs] == [("stream", "before\n")]


def test_somebody_who_watches_sees_the_bar_and_saves_nothing_of_it(cells):
    outputs, drawn = cells[1]
    assert any("2 of 3 steps" in text and "validation 0.5" in text for text in drawn)
    assert outputs[0]["text"] == "before\n"
    assert all(output["data"] == {} for output in outputs[1:])


def test_a_script_without_a_terminal_stays_silent(capsys):
    with bar(2) as show:
        show(2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_has_an_empty_line_at_the_end(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with bar(2) as show:
        show(1)
    written = capsys.readouterr().err
    assert "1 of 2 steps" in written and written.endswith("\r\x1b[K")
