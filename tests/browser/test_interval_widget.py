"""The interval explorer in JupyterLab: every handle by mouse and keyboard, and what Python then knows."""
import pytest

from tests.browser.jupyter import open_and_run, py
from tests.browser.widgets import answered, look, milliseconds, press, slide

CELLS = ["""import torch
from metacourse.widgets import IntervalExplorer

rng = torch.Generator().manual_seed(0)
hard, noise = torch.rand(600, generator=rng), torch.randn(2, 600, generator=rng)
maml = (0.75 + 0.2 * hard + 0.05 * noise[0]).clamp(0, 1)
protonet = (0.757 + 0.2 * hard + 0.05 * noise[1]).clamp(0, 1)
w = IntervalExplorer(maml, protonet, ("MAML", "ProtoNet"))
w""", "w.still()"]
TEST_ID = "interval-explorer"


@pytest.fixture
def widget(page, lab):
    open_and_run(page, lab, lab.notebook("interval.ipynb", *CELLS))
    widget = page.get_by_test_id(TEST_ID)
    widget.scroll_into_view_if_needed()
    yield widget
    assert py(page, "print(w.problem)") == ""


def test_every_handle_of_the_interval_explorer(page, widget):
    assert "the order is wrong" in page.get_by_test_id(f"{TEST_ID}-status").inner_text()
    handle = page.get_by_test_id("control-episodes")
    widths = []
    for share, episodes in [(1, 2000), (0, 20)]:
        slide(page, handle, share)
        answered(page, TEST_ID)
        assert py(page, "print(w.episodes, w.draws)") == f"{episodes} 1"
        widths.append(float(py(page, "print(w.result['half_widths'][0])")))
    assert widths[1] / widths[0] == pytest.approx(10, rel=0.5)              # √(2000 / 20)
    press(page, handle, "ArrowRight", "ArrowRight", "ArrowLeft")
    answered(page, TEST_ID)
    assert py(page, "print(w.episodes)") == "21"
    for button, draws in [("draw-again", 2), ("draw-again", 3), ("draw-100", 103), *[("draw-100", 500)] * 5]:
        page.get_by_test_id(button).click()
        answered(page, TEST_ID)
        if draws < 500:
            assert py(page, "print(w.draws, len(w.result['differences']))") == f"{draws} {draws}"
    assert py(page, "print(w.draws)") == "500"
    assert 0 < int(py(page, "print(w.result['wrong'])")) < 250
    assert page.get_by_test_id(f"{TEST_ID}-status").inner_text() == py(page, "print(w.status)")


def test_the_interval_explorer_follows_python(page, widget):
    py(page, "w.episodes = 900")
    page.locator("[data-testid=control-episodes][aria-valuetext='900']").wait_for()
    assert page.get_by_test_id(f"{TEST_ID}-status").inner_text() == py(page, "print(w.status)")


def test_the_interval_explorer_answers_in_time_and_fits(page, widget):
    times = []
    for _ in range(7):
        page.get_by_test_id("draw-again").click()
        answered(page, TEST_ID)
        times.append(milliseconds(page, TEST_ID))
    print("interval explorer: answers in", sorted(times), "ms")
    assert sorted(times)[3] < 300                        # 100 where nothing else runs
    page.get_by_test_id("draw-100").click()
    answered(page, TEST_ID)
    look(page, widget, "interval_explorer")


def test_the_still_picture_follows_and_is_sharp(page, widget):
    picture = page.locator(".jp-RenderedImage img").last
    picture.scroll_into_view_if_needed()
    shown, drawn = picture.evaluate("image => [image.clientWidth, image.naturalWidth]")
    assert 300 < shown < drawn                           # more pixels than it takes on an ordinary screen
