"""The meter in JupyterLab: choose, measure, and read the rows."""
import pytest

from tests.browser.jupyter import open_and_run, py
from tests.browser.widgets import answered, look, slide

CELLS = ["""import torch
from metacourse.data import sinusoids
from metacourse.methods import losses
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.widgets import Meter

apply, theta = functional(MLP([1, 40, 1]))
episodes = sinusoids.sample_episodes(tasks=4, shot=50, queries=10, rng=torch.Generator().manual_seed(0))
w = Meter(losses.mse(apply), theta, episodes, inner_lr=0.01)
w"""]
TEST_ID = "meter"


@pytest.fixture
def widget(page, lab):
    open_and_run(page, lab, lab.notebook("meter.ipynb", *CELLS))
    widget = page.get_by_test_id(TEST_ID)
    widget.scroll_into_view_if_needed()
    yield widget
    assert py(page, "print(w.problem)") == ""


def test_every_handle_of_the_meter_and_its_button(page, widget):
    rows = page.get_by_test_id("bills").locator(".mc-bill")
    assert rows.count() == 0
    said = []
    for way in ("loop", "threads", "vmap", "recompute"):
        page.get_by_test_id("control-way").select_option(way)
        for order, share in (("first", 0), ("second", 1)):
            page.get_by_test_id("control-order").select_option(order)
            slide(page, page.get_by_test_id("control-tasks"), share)
            slide(page, page.get_by_test_id("control-inner_steps"), share)
            answered(page, TEST_ID)
            page.get_by_test_id("measure").click()
            answered(page, TEST_ID)
            tasks, steps = ("4 tasks", "5 steps") if share else ("1 task", "0 steps")
            said.append(f"{way}, {tasks}, {steps}, {order} order")
            assert page.get_by_test_id(f"{TEST_ID}-status").inner_text().startswith(said[-1])
    assert py(page, "print([row[1] for row in w.rows])") == str(said[::-1]) and rows.count() == 16
    look(page, widget, "meter")
