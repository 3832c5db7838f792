"""The prototype board in JupyterLab: drag, tap, walk; and what the page draws is what Python computes."""
import json

import pytest

from tests.browser.jupyter import open_and_run, py
from tests.browser.widgets import ARTIFACTS, answered, look, press, slide

CELLS = ["""import torch
from metacourse.methods import protonet
from metacourse.figures.prototype_board import shade
from metacourse.widgets import PrototypeBoard

def probs(at):
    c = protonet.prototypes(torch.tensor(w.points, dtype=torch.float64)[:, :w.shots])
    metric = dict(distance=w.distance, temperature=w.temperature)
    return protonet.log_probs(torch.tensor([at], dtype=torch.float64), c, **metric).exp()

def say(*places):
    print([probs(w.query)[0].tolist(), w.probs, [shade(probs(at)).item() for at in places]])

w = PrototypeBoard()
w"""]
TEST_ID = "prototype-board"
SHADE = """([x, y]) => {
    const canvas = document.querySelector("[data-testid=regions]");
    const [column, row] = [x, -y].map(value => Math.floor(canvas.width * (value + 4) / 8));
    return canvas.getContext("2d").getImageData(column, row, 1, 1).data[3] / 255
}"""


@pytest.fixture
def widget(page, lab):
    open_and_run(page, lab, lab.notebook("prototype_board.ipynb", *CELLS))
    widget = page.get_by_test_id(TEST_ID)
    widget.scroll_into_view_if_needed()
    yield widget
    assert py(page, "print(w.problem)") == ""


def drag(page, name, x, y):
    """Drag a handle with the mouse to a place on the plane."""
    box, handle = (page.get_by_test_id(id).bounding_box() for id in ("regions", name))
    page.mouse.move(handle["x"] + 17, handle["y"] + 17)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (x + 4) / 8, box["y"] + box["height"] * (4 - y) / 8, steps=6)
    page.mouse.up()
    answered(page, TEST_ID)


def touch(page, name, *moves):
    """Drag a handle with a finger, by pixels."""
    box, finger = page.get_by_test_id(name).bounding_box(), page.context.new_cdp_session(page)
    x, y = box["x"] + 17, box["y"] + 17
    for i, (dx, dy) in enumerate([(0, 0), *moves]):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove" if i else "touchStart",
                                                 "touchPoints": [{"x": x + dx, "y": y + dy}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    answered(page, TEST_ID)


def agrees(page):
    """The page's probabilities and shades are Python's."""
    way = page.get_by_test_id("odds").locator(".mc-chip").count()
    drawn = [float(page.get_by_test_id(f"probability-{k}").get_attribute("data-value")) for k in range(way)]
    places = [-3.01, 2.01], [0.31, -0.37], [3.51, -3.13]
    by_the_library, by_the_widget, shades = json.loads(py(page, f"say(*{places})"))
    assert drawn == pytest.approx(by_the_library, abs=1e-9)
    assert drawn == pytest.approx(by_the_widget, abs=1e-9)
    assert [page.evaluate(SHADE, at) for at in places] == pytest.approx(shades, abs=0.01)


def test_the_board_is_dragged_touched_and_walked_and_agrees_with_python(page, widget):
    agrees(page)
    drag(page, "support-0-1", 0.5, 3.2)
    assert json.loads(py(page, "print(w.points[0][1])")) == pytest.approx([0.5, 3.2], abs=0.06)
    drag(page, "support-2-0", 7, -7)                         # over the edge: it stays on the plane
    assert py(page, "print(w.points[2][0], w.query)") == "[4.0, -4.0] [0.3, 0.5]"
    touch(page, "support-1-1", (20, 20), (45, 90))           # one pixel is a 45th
    assert json.loads(py(page, "print(w.points[1][1])")) == pytest.approx([1.1, -2.5], abs=0.06)
    for distance in ("euclidean", "cosine", "squared"):
        page.get_by_test_id(f"distance-{distance}").click()
        for share, tau in [(0, "0.05"), (1, "20.0")]:
            slide(page, page.get_by_test_id("control-temperature"), share)
            answered(page, TEST_ID)
            assert py(page, "print(w.distance, w.temperature)") == f"{distance} {tau}"
            agrees(page)
    page.get_by_test_id("prototype-plane").click(position={"x": 120, "y": 300})
    press(page, page.get_by_test_id("query"), "ArrowRight", "Shift+ArrowUp")
    press(page, page.get_by_test_id("support-1-2"), "ArrowLeft")
    slide(page, page.get_by_test_id("control-shots"), 1)
    answered(page, TEST_ID)
    assert py(page, "print(w.points[1][2], w.shots)") == "[0.8, -0.1] 5"
    assert page.get_by_test_id("support-1-4").is_visible()
    agrees(page)
    assert page.get_by_test_id(f"{TEST_ID}-status").inner_text() == py(page, "print(w.status)")


def test_the_board_redraws_in_time_and_fits(page, widget):
    milliseconds = page.evaluate("""() => {
        const handle = document.querySelector("[data-testid=support-1-0]"), took = [];
        for (let i = 0; i < 20; i++) {
            const start = performance.now(), key = i % 2 ? "ArrowLeft" : "ArrowRight";
            handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            took.push(performance.now() - start);
        }
        return took.sort((a, b) => a - b)[10];
    }""")
    print("prototype board:", milliseconds, "ms of drawing a move")
    assert milliseconds < 100
    answered(page, TEST_ID)
    look(page, widget, "prototype_board")
    for distance in ("euclidean", "cosine"):
        page.get_by_test_id(f"distance-{distance}").click()
        answered(page, TEST_ID)
        widget.screenshot(path=ARTIFACTS / f"prototype_board_{distance}.png")
