"""The embedding explorer in JupyterLab: scrub, point, walk, and what Python then knows."""
import pytest

from tests.browser.jupyter import open_and_run, py
from tests.browser.widgets import answered, look, press, slide

CELLS = ["""import torch
from metacourse.widgets import EmbeddingExplorer

rng = torch.Generator().manual_seed(1)
x, y = torch.meshgrid(torch.arange(-14.0, 14), torch.arange(-14.0, 14), indexing="xy")
angle = torch.arange(8).view(-1, 1, 1, 1) / 2.5 + torch.rand(8, 20, 1, 1, generator=rng) / 3
bars = ((x * angle.cos() + y * angle.sin()).abs() < 2.5) & (x ** 2 + y ** 2 < 120)
images = (255 * bars).to(torch.uint8)[:, :, None]
centers, noise = torch.randn(8, 1, 64, generator=rng), torch.randn(8, 20, 64, generator=rng)
checkpoints = [(step, t * centers + noise) for step, t in
               [(0, 0.0), (10, 0.3), (50, 0.7), (100, 1.0), (200, 1.4), (500, 1.8), (1000, 2.2), (2000, 2.6)]]
w = EmbeddingExplorer(checkpoints, images, [f"bars/sign_{k}" for k in range(8)])
w"""]
TEST_ID = "embedding-explorer"


@pytest.fixture
def widget(page, lab):
    open_and_run(page, lab, lab.notebook("embedding_explorer.ipynb", *CELLS))
    widget = page.get_by_test_id(TEST_ID)
    widget.scroll_into_view_if_needed()
    yield widget
    assert py(page, "print(w.problem)") == ""


def status(page):
    return page.get_by_test_id(f"{TEST_ID}-status").inner_text()


def test_every_handle_of_the_embedding_explorer(page, widget):
    assert status(page).startswith("Before training, with 1 support drawing")
    for name, ends in [("checkpoint", (7, 0)), ("shot", (5, 1)), ("way", (8, 2))]:
        for share, value in zip((1, 0), ends):
            slide(page, page.get_by_test_id(f"control-{name}"), share)
            answered(page, TEST_ID)
            assert py(page, f"print(w.{name})") == str(value) and status(page) == py(page, "print(w.status)")
    assert page.get_by_test_id("embedding-plane").locator(".mc-dot").count() == 40
    py(page, "w.checkpoint, w.picked = 7, [1, 3]")
    page.wait_for_selector("[data-testid=embedding-plane][data-checkpoint='7']")
    press(page, page.get_by_test_id("dot-23"), "ArrowUp", "ArrowRight")
    answered(page, TEST_ID)
    assert py(page, "print(w.picked)") == "[0, 4]"
    right = int(py(page, "print(sum(i < 20 for i in w.views[7]['near'][4]))"))
    assert page.get_by_test_id("own-neighbors").inner_text() == f"{right} of its 5 nearest are of its class."
    assert page.get_by_test_id("picked").get_attribute("aria-label") == "bars/sign 0, drawing 5, query"
    page.wait_for_timeout(400)                               # dots have arrived
    page.get_by_test_id("dot-30").hover(force=True)
    picked = page.get_by_test_id("picked")                   # pointed at, and not picked
    assert picked.get_attribute("aria-label") == "bars/sign 1, drawing 11, query"
    assert picked.evaluate("tile => tile.getContext('2d').getImageData(14, 14, 1, 1).data[0]") == 0   # ink
    assert py(page, "print(w.picked)") == "[0, 4]"


def test_the_embedding_explorer_scrubs_in_time_and_fits(page, widget):
    asked = widget.get_attribute("data-asked")
    milliseconds_a_frame = page.evaluate("""() => {
        const slider = document.querySelector("[data-testid=control-checkpoint]"), took = [];
        for (let i = 0; i < 60; i++) {
            const start = performance.now();
            slider.value = i % 8;
            slider.dispatchEvent(new Event("input"));
            took.push(performance.now() - start);
        }
        return took.sort((a, b) => a - b)[30];
    }""")
    print("embedding explorer:", milliseconds_a_frame, "ms of drawing a frame")
    assert milliseconds_a_frame < 16 and widget.get_attribute("data-asked") == asked
    assert "After 50 steps" not in status(page) and "After 100 steps" in status(page)      # 59 % 8 = 3
    look(page, widget, "embedding_explorer")
    slide(page, page.get_by_test_id("control-way"), 1)
    slide(page, page.get_by_test_id("control-checkpoint"), 1)
    slide(page, page.get_by_test_id("control-shot"), 1)
    answered(page, TEST_ID)
    look(page, widget, "embedding_explorer_full")
