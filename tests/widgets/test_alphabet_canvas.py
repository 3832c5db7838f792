"""The alphabet canvas: drawings reach the network as the library renders them, and faults are told."""
import json

import pytest
import torch
from traitlets import TraitError

from metacourse.data import alphabet, drawing, recorded_drawings
from metacourse.episode import Examples
from metacourse.methods import protonet
from metacourse.widgets import AlphabetCanvas
from metacourse.widgets.alphabet_canvas import slots_of

LINE, HOOK, CROSS = [[10, 10, 90, 20]], [[20, 20, 20, 80, 60, 80]], [[10, 10, 90, 90], [90, 10, 10, 90]]
THETA = {"scale": torch.tensor(2.0)}


def embed(theta, x):
    return theta["scale"] * x.flatten(-3)                    # of pixels, weighted


def canvas(**more):
    return AlphabetCanvas(embed, THETA, **more)


@pytest.fixture
def drawn():
    return canvas(drawings={"line": [LINE], "hook": [HOOK], "cross": [CROSS, CROSS]})


def from_the_page(widget, **state):
    widget.set_state({**state, "asked": widget.asked + 1})
    assert widget.answered == widget.asked


def test_it_begins_with_recorded_characters_and_an_answer():
    widget = canvas()
    assert repr(widget) == ("AlphabetCanvas(drawings={'ank': 1, 'dak': 1, 'dok': 1, 'fen': 1, 'nef': 1}, "
                            "query=drawn)")
    assert sum(widget.result["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert widget.status.startswith("The nearest prototype is d")


def test_the_answer_is_that_of_protonet_on_the_rendered_drawings(drawn):
    sixth = [[12, 18, 22, 84, 58, 78]]
    from_the_page(drawn, query=sixth)
    pictures = [drawing.normalized(one).float() / 255 for one in (LINE, HOOK, CROSS)]
    support = Examples(torch.stack(pictures)[:, None], torch.arange(3)[:, None])
    expected = protonet.predict(embed, THETA, support, drawing.normalized(sixth)[None] / 255)[0].exp()
    assert drawn.result["probabilities"][:3] == pytest.approx(expected.tolist(), abs=1e-4)
    assert drawn.result["probabilities"][3:] == [None, None] and drawn.result["nearest"] == 1
    assert drawn.status == "The nearest prototype is hook, with 100 %."
    sent = [drawn.pictures[784 * i:784 * (i + 1)] for i in range(5)]                     # cross has two
    assert sent[4] == drawing.normalized(sixth).numpy().tobytes() and sent[2] == sent[3]


def test_with_less_than_two_characters_it_asks_for_more():
    widget = canvas(drawings={})
    assert widget.status == "Draw two characters or more to choose among."
    a, b, c, _, e = widget.slots
    assert [slot["name"] for slot in widget.slots] == list("ABCDE")
    from_the_page(widget, slots=[a, b, c, {"name": "D", "drawings": [LINE]}, e])
    assert widget.status == "Draw another character to choose among." and widget.drawings == {"D": [LINE]}
    from_the_page(widget, slots=[a, {"name": "B", "drawings": [HOOK]}, *widget.slots[2:]])
    assert widget.status == "Now draw one of them again, on the sheet “?”."


@pytest.mark.parametrize("dot", [[[50, 50]], [[50, 50, 51, 50]]])
def test_one_dot_is_told_in_a_sentence_and_left_out(drawn, dot):
    slots = [{"name": "line", "drawings": [dot]}, *drawn.slots[1:]]
    from_the_page(drawn, slots=slots, query=HOOK)
    said = "Sheet “line”: the drawing is one dot, which has no shape: draw a line. The nearest"
    assert drawn.status.startswith(said)
    assert drawn.result["probabilities"][0] is None and drawn.result["nearest"] == 1
    from_the_page(drawn, query=dot)
    assert drawn.result["nearest"] is None and "Sheet “?”: the drawing is one dot" in drawn.status
    assert drawn.problem == ""


def test_another_recorded_picture_takes_its_turn(drawn):
    widget = canvas()
    first = widget.query
    from_the_page(widget, example=1)
    assert widget.query == recorded_drawings.strokes()["fen"][1]
    from_the_page(widget, example=25)
    assert widget.query == first


def test_a_file_is_opened_and_what_was_there_waits_aside(tmp_path, drawn):
    widget, file = canvas(), drawn.save(tmp_path / "mine.json")
    before = widget.slots
    from_the_page(widget, opened=file.read_text())
    assert widget.drawings == drawn.drawings == alphabet.load(file)
    assert (widget.mode, widget.opened, widget.query) == ("own", "", [])
    assert widget.other["slots"] == before


def test_a_file_that_is_none_changes_nothing_and_is_told(drawn):
    before = drawn.slots
    from_the_page(drawn, opened="{}")
    assert drawn.status.startswith("This file cannot be opened: the file holds no alphabet")
    assert drawn.slots == before and drawn.opened == "" and drawn.mode == "own"


def test_of_a_long_alphabet_the_first_five_are_taken(tmp_path):
    file = alphabet.save(tmp_path / "ten.json", recorded_drawings.strokes())
    widget = canvas()
    from_the_page(widget, opened=file.read_text())
    assert list(widget.drawings) == ["ank", "bel", "cor", "dak", "dok"]
    assert widget.status.startswith("The file has 10 characters: these are the first 5.")


def test_two_slots_of_one_name_stay_two():
    widget = canvas()
    widget.slots = [{"name": "x", "drawings": [LINE]} for _ in range(5)]
    assert list(widget.drawings) == ["x", "x (2)", "x (3)", "x (4)", "x (5)"]


@pytest.mark.parametrize("trait, value, message", [
    ("slots", [], "slots: got 0, wanted 5"), ("query", [[1, 2, 3]], "query: stroke 1 has 3 numbers"),
    ("slots", [{"name": "x", "drawings": ["abc"]}] * 5, "slot 'x': got 'abc'"),
])
def test_what_is_no_drawing_is_refused(drawn, trait, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(drawn, trait, value)


def test_too_many_characters_are_refused():
    with pytest.raises(ValueError, match="got 10 characters; there are 5 slots"):
        canvas(drawings=recorded_drawings.strokes())


def test_slots_without_a_drawing_get_the_names_that_are_left():
    assert [slot["name"] for slot in slots_of({"B": [LINE]}, ["yes", "no"])] == ["B", "yes", "no", "C", "D"]


@pytest.mark.parametrize("query", [[], CROSS])
def test_the_still_picture_shows_the_present_state(drawn, query):
    drawn.query = query
    picture = drawn.still()
    assert picture.title == "Which character is the picture?"
    assert "line (1 drawing), hook (1 drawing), cross (2 drawings)" in picture.alt
    assert ("cross 100 %" if query else "no picture to recognize yet") in picture.alt


def test_saved_with_the_notebook_it_is_small():
    widget = canvas()
    assert len(json.dumps(widget.get_state(["slots", "query", "other", "result"]))) < 10_000
    assert len(widget.pictures) == 6 * 784
