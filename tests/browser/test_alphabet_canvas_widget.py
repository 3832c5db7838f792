"""The alphabet canvas in JupyterLab: drawing by mouse, finger and keys, and what the network answers."""
import pytest

from metacourse.data import alphabet
from tests.browser.jupyter import open_and_run, py
from tests.browser.widgets import answered, look, milliseconds, press

CELLS = ["""from metacourse import results
from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from metacourse.widgets import AlphabetCanvas

embed, _ = functional(Conv4(32))
w = AlphabetCanvas(embed, results.weights("protonet_glyphs"))
w"""]
TEST_ID = "alphabet-canvas"
CIRCLE = [(50, 20), (75, 30), (80, 55), (60, 78), (35, 76), (20, 50), (30, 28), (50, 20)]
CROSS = [[(20, 20), (80, 80)], [(80, 22), (22, 78)]]


@pytest.fixture
def widget(page, lab):
    open_and_run(page, lab, lab.notebook("alphabet.ipynb", *CELLS))
    widget = page.get_by_test_id(TEST_ID)
    widget.scroll_into_view_if_needed()
    yield widget
    assert py(page, "print(w.problem)") == ""


def status(page):
    return page.get_by_test_id(f"{TEST_ID}-status").inner_text()


def places(page, stroke):
    box = page.get_by_test_id("sheet").bounding_box()
    return [(box["x"] + x * box["width"] / 100, box["y"] + y * box["height"] / 100) for x, y in stroke]


def draw(page, *strokes):
    """With the mouse."""
    for stroke in strokes:
        (x, y), *rest = places(page, stroke)
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y, steps=4)
        page.mouse.up()
    answered(page, TEST_ID)


def touch(page, session, kind, *points):
    points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_an_alphabet_of_ones_own_by_mouse_and_what_undoes_it(page, widget, tmp_path):
    assert "The nearest prototype is d" in status(page)
    page.get_by_test_id("next").click()                      # another recorded picture
    answered(page, TEST_ID)
    assert status(page).startswith("The nearest prototype is fen")
    page.get_by_test_id("mode-own").click()
    answered(page, TEST_ID)
    assert status(page) == "Draw two characters or more to choose among."
    draw(page, CIRCLE)
    page.get_by_test_id("name-0").fill("ring")
    press(page, page.get_by_test_id("name-0"), "Enter")
    page.get_by_test_id("next").click()
    draw(page, *CROSS)
    assert py(page, "print([len(some[0]) for some in w.drawings.values()])") == "[1, 2]"
    page.get_by_test_id("undo").click()
    answered(page, TEST_ID)
    assert py(page, "print(len(w.drawings['B'][0]))") == "1"
    page.get_by_test_id("clear").click()
    answered(page, TEST_ID)
    assert py(page, "print(list(w.drawings))") == "['ring']"
    for _ in range(2):                                       # take back the clearing, then the first stroke
        page.get_by_test_id("undo").click()
    draw(page, *CROSS)
    page.get_by_test_id("more-0").click()                    # a second drawing of the ring
    draw(page, [(x * 0.8 + 5, y) for x, y in CIRCLE])
    assert py(page, "print(len(w.drawings['ring']))") == "2"
    page.get_by_test_id("choose-query").click()
    draw(page, [(50, 50), (50, 50)])
    assert "Sheet “?”: the drawing is one dot" in status(page)
    page.get_by_test_id("clear").click()
    draw(page, [(x, y * 0.9 + 8) for x, y in CIRCLE])
    assert status(page).startswith("The nearest prototype is ring, with ")
    assert "mc-nearest" in page.get_by_test_id("slot-0").get_attribute("class")
    with page.expect_download() as download:
        page.get_by_test_id("save").click()
    download.value.save_as(tmp_path / "alphabet.json")
    saved = alphabet.load(tmp_path / "alphabet.json")
    assert {name: len(some) for name, some in saved.items()} == {"ring": 2, "B": 1}
    page.get_by_test_id("mode-recorded").click()
    answered(page, TEST_ID)
    assert "fen" in py(page, "print(w.drawings)")
    page.get_by_test_id("file").set_input_files(tmp_path / "alphabet.json")
    page.wait_for_selector("[data-testid=mode-own][aria-pressed=true]")
    answered(page, TEST_ID)
    assert py(page, "print({k: len(v) for k, v in w.drawings.items()})") == "{'ring': 2, 'B': 1}"


def test_a_finger_draws_and_so_do_keys(page, widget):
    page.get_by_test_id("clear").click()
    answered(page, TEST_ID)
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    page.get_by_test_id("sheet").scroll_into_view_if_needed()
    first, *rest = places(page, CIRCLE)
    touch(page, session, "touchStart", first)
    for place in rest:
        touch(page, session, "touchMove", place)
    touch(page, session, "touchEnd")
    answered(page, TEST_ID)
    stroke, = eval(py(page, "print(w.query)"))
    assert len(stroke) == 2 * len(CIRCLE) and stroke[:2] == pytest.approx(CIRCLE[0], abs=1.5)
    page.wait_for_function("n => +document.querySelector('[data-testid=sheet]').dataset.strokes === n", arg=1)
    sheet = page.get_by_test_id("sheet")
    press(page, sheet, "Space", "ArrowRight", "ArrowRight", "ArrowDown", "Space", "ArrowUp")
    answered(page, TEST_ID)
    assert eval(py(page, "print(w.query)"))[1] == [50, 50, 55, 50, 60, 50, 60, 55]
    press(page, sheet, "Backspace", "3")
    answered(page, TEST_ID)
    assert py(page, "print(len(w.query))") == "1" and "dok" in widget.locator(".mc-heading").inner_text()


def test_the_alphabet_canvas_fits_and_answers_in_time(page, widget):
    look(page, widget, "alphabet_canvas")
    page.get_by_test_id("clear").click()
    times = []
    for shift in range(7):
        draw(page, [(x + shift, 20 + 10 * shift) for x in (20, 40, 60)])
        times.append(milliseconds(page, TEST_ID))
    print("alphabet canvas: answers in", sorted(times), "ms of pen-up")
    assert sorted(times)[3] < 300                            # 100 where nothing else runs
