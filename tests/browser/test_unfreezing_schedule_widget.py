"""The unfreezing schedule in JupyterLab: switch cells by mouse and keys, run, and go back."""
import pytest

from tests.browser.jupyter import open_and_run, py
from tests.browser.widgets import answered, look, press

CELLS = ["""from metacourse.widgets import UnfreezingSchedule

def run(rates_at):
    accuracy = [0.05]
    for rates in rates_at:
        accuracy.append(accuracy[-1] + 0.1 * len(rates) * (0.95 - accuracy[-1]))
    return accuracy

blocks = ["body.0", "body.1", "body.2", "body.3", "head"]
w = UnfreezingSchedule(run, blocks, lr=3e-3, begin=["head only", "all"], chance=0.05)
w"""]
TEST_ID = "unfreezing-schedule"


@pytest.fixture
def widget(page, lab):
    open_and_run(page, lab, lab.notebook("unfreezing.ipynb", *CELLS))
    widget = page.get_by_test_id(TEST_ID)
    widget.scroll_into_view_if_needed()
    yield widget
    assert py(page, "print(w.problem)") == ""


def test_a_schedule_is_edited_run_and_compared(page, widget):
    status = page.get_by_test_id(f"{TEST_ID}-status")

    def click(test_id):
        page.get_by_test_id(test_id).click()
        answered(page, TEST_ID)
    assert status.inner_text() == "Gradual: not run yet. Press Run."
    click("run")
    assert status.inner_text().startswith("Gradual: accuracy 5% before, ")
    assert page.get_by_test_id("runs").locator("button").count() == 3
    click("cell-0-0")
    assert py(page, "print(w.moving[0])") == "[True, False, False, True]"
    assert page.get_by_test_id("cell-0-0").get_attribute("aria-label") == "body.0, phase 1: moves at 0.003"
    press(page, page.get_by_test_id("cell-4-0"), "ArrowDown", "Space", "ArrowRight", "Enter")
    answered(page, TEST_ID)
    assert py(page, "print(w.moving[3])") == "[True, False, True, True]"
    click("control-layerwise")
    assert page.get_by_test_id("cell-0-0").inner_text() == "0.00044"         # 0.003 / 2.6²: third of three
    click("run")
    assert "own 1" in page.get_by_test_id("runs").inner_text()
    look(page, widget, "unfreezing_schedule")
    click("run-0")
    assert py(page, "print(w)") == "UnfreezingSchedule('head only', trained=4)"
    click("block-4")
    assert status.inner_text().startswith("Nothing moves in any phase.")
    click("run")
    assert status.inner_text().startswith("Not run: nothing moves in any phase.")
    for name in ("last-block", "all", "layer-wise", "gradual", "head-only"):
        click(f"preset-{name}")
        assert page.get_by_test_id(f"preset-{name}").get_attribute("aria-pressed") == "true"
