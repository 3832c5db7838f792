"""Temperature in JupyterLab: pictures by mouse and keys, T with the slider, and what Python then knows."""
import pytest

from tests.browser.jupyter import open_and_run, py
from tests.browser.widgets import answered, look, press, slide

CELLS = ["""import torch
from metacourse.data import domains
from metacourse.widgets import Temperature

rng = torch.Generator().manual_seed(1)
images = domains.glyph_digits(per_class=1).x[:, :1]
logits = 3 * torch.randn(10, 10, generator=rng) + 9 * torch.eye(10)
w = Temperature(logits, images, list("0123456789"), torch.arange(10))
w"""]
TEST_ID = "temperature"


@pytest.fixture
def widget(page, lab):
    open_and_run(page, lab, lab.notebook("temperature.ipynb", *CELLS))
    widget = page.get_by_test_id(TEST_ID)
    widget.scroll_into_view_if_needed()
    yield widget
    assert py(page, "print(w.problem)") == ""


def test_every_handle_of_the_temperature(page, widget):
    status = page.get_by_test_id(f"{TEST_ID}-status")
    assert status.inner_text().startswith("At T = 1 the likeliest is 0 with ")
    for share, T in [(1, 30.0), (0, 0.5)]:
        slide(page, page.get_by_test_id("control-temperature"), share)
        answered(page, TEST_ID)
        assert py(page, "print(w.temperature)") == str(T)
        assert status.inner_text() == py(page, "print(w.status)")
    page.get_by_test_id("picture-7").click(force=True)
    answered(page, TEST_ID)
    press(page, page.get_by_test_id("picture-7"), "ArrowRight")
    press(page, page.get_by_test_id("control-temperature"), *["ArrowRight"] * 9)
    answered(page, TEST_ID)
    assert py(page, "print(w)") == "Temperature(picture=8, temperature=4.0)"
    softened = "print([f'{p:.2f}' for p in (w._logits[8] / 4).softmax(0).tolist()])"
    assert str([page.get_by_test_id(f"share-{k}").inner_text() for k in range(10)]) == py(page, softened)
    assert page.get_by_test_id("entropy").inner_text().endswith(" of 3.32 bits")
    assert "T = 4: " in page.get_by_test_id("gradients").get_attribute("aria-label")
    look(page, widget, "temperature")
