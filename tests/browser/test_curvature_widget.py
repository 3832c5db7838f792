"""The curvature explorer in JupyterLab: its one slider, to both ends."""
from tests.browser.jupyter import open_and_run, py
from tests.browser.widgets import answered, look, press, slide

TEST_ID = "curvature-explorer"


def test_the_curvature_explorer_shades_odd_steps_only(page, lab):
    cell = "from metacourse.widgets import CurvatureExplorer\nw = CurvatureExplorer(inner_lr=0.1)\nw"
    open_and_run(page, lab, lab.notebook("curvature.ipynb", cell))
    widget, handle = page.get_by_test_id(TEST_ID), page.get_by_test_id("control-inner_steps")
    widget.scroll_into_view_if_needed()
    assert page.get_by_test_id("wrong").count() == 1
    for share, steps in [(1, "6"), (0, "0")]:
        slide(page, handle, share)
        answered(page, TEST_ID)
        assert py(page, "print(w.inner_steps)") == steps and page.get_by_test_id("wrong").count() == 0
        assert page.get_by_test_id(f"{TEST_ID}-status").inner_text() == py(page, "print(w.status)")
    press(page, handle, "ArrowRight", "ArrowRight")
    answered(page, TEST_ID)
    look(page, widget, "curvature_explorer_even")
    press(page, handle, "ArrowRight")
    answered(page, TEST_ID)
    assert py(page, "print(w.inner_steps, w.problem)") == "3"
    look(page, widget, "curvature_explorer")
