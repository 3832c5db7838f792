"""No chapter states a number that is in no cell, in no recorded run and in no paper."""
from functools import cache

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from metacourse import results
from tests.notebooks.places import EXECUTED, name, read
from tests.notebooks.prose import numbers
from tests.notebooks.sources import course_of, unsourced

CHAPTERS = [path for path in EXECUTED if path.parent.name == "chapters"]
HELP = "print it in a cell of its section, point to the section that has it, cite its paper, or use words"
EXCEPTIONS = {
    "moves by (1 − α) ε = 0.9 ε": "a pencil's 1 − α, for the α = 0.1 before it",
    "0.9 · 0.8 = 0.72": "the same, and the cells below print the product",
    "within 90° of each other": "geometry: a positive inner product",
}


@cache
def notebook(path):
    return read(path)


@cache
def sources_of_the_course():
    return course_of([notebook(path) for path in CHAPTERS])


@cache
def without_source(path):
    return [(stated.digits, stated.unit, stated.sentence)
            for stated in unsourced(notebook(path), sources_of_the_course())]


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_every_number_of_the_prose_has_a_source(path):
    assert [(digits, unit, sentence) for digits, unit, sentence in without_source(path)
            if not any(quote in sentence and digits in quote for quote in EXCEPTIONS)] == [], HELP


@pytest.mark.parametrize("quote", EXCEPTIONS)
def test_every_exception_is_still_needed(quote):
    found = [sentence for path in CHAPTERS for _, _, sentence in without_source(path)]
    assert any(quote in sentence for sentence in found), "take it off the list"


def made(prose, source="", shown="", *, alt="", after="", elsewhere=""):
    """Numbers without source in a chapter of one section 5.1, with a section 5.2 that shows `elsewhere`."""
    picture = new_output("display_data", data={"image/png": ""}, metadata={"image/png": {"alt": alt}})
    nb = new_notebook(cells=[
        new_markdown_cell("# Chapter 5"), new_markdown_cell("## 5.1 A section"),
        new_code_cell(source, outputs=[new_output("stream", name="stdout", text=shown), picture]),
        new_markdown_cell(prose), new_code_cell(after), new_markdown_cell("## 5.2 Another"),
        new_code_cell("", outputs=[new_output("stream", name="stdout", text=elsewhere)])])
    return [stated.digits for stated in unsourced(nb, course_of([nb]))]


@pytest.mark.parametrize("prose, found", [
    ("It reaches 91%.", ["91"]), ("It reaches 91.2 ± 0.5 %.", ["91.2", "0.5"]),
    ("From 80 to 91%.", ["80", "91"]), ("Shots are worth 18 points.", ["18"]), ("It is three points.", ["3"]),
    ("It takes 26 s.", ["26"]), ("It is 16 times as large.", ["16"]), ("A cosine of 0.37.", ["0.37"]),
    ("All 1,658 characters.", ["1,658"]), ("| method | 91% |\n| other | 80% |", ["91", "80"]),
    ("In **2,000** draws.", ["2,000"]),
    ("Both are right. The second by 4 points, in 30 runs.", ["4", "30"]),
])
def test_a_number_without_a_source_is_found(prose, found):
    assert made(prose) == found


@pytest.mark.parametrize("prose, where", [
    ("It reaches 91%.", {"shown": "accuracy 91.2% in all"}), ("From 80 to 91%.", {"shown": "80.3%, 90.7%"}),
    ("It reaches 91.2 ± 0.5 %.", {"alt": "A 91.2 ± 0.5 %."}),
    ("It gains 18 points.", {"shown": "by seed, in points: +17.9"}),
    ("It takes 26 s.", {"shown": "training, s\n26.3"}), ("Chance is 20%.", {"source": "chance = 0.2"}),
    ("All 1,658 characters.", {"source": "draw(1_658)"}), ("A cosine of 0.37.", {"shown": "cosine 0.374"}),
    ("It is 16 times as large.", {"shown": "15.9 times the parameters"}),
    ("All 284 characters, as in 5.2.", {"elsewhere": "284 characters"}),
    ("It reaches 98.8% (Snell et al., 2017).", {}), ("| Snell et al. 2017 | 98.8% |", {}),
    ("Training takes about 15 s.", {"after": "train(loss, theta)"}),
])
def test_each_way_to_have_a_source_is_accepted(prose, where):
    assert made(prose, **where) == []


@pytest.mark.parametrize("prose, where", [
    ("It reaches 91%.", {"shown": "accuracy 91.6%"}), ("It reaches 91%.", {"shown": "91 episodes"}),
    ("It gains 18 points.", {"source": "tasks(18)"}), ("It reaches 91.2%.", {"shown": "91%"}),
    ("All 284 characters.", {"elsewhere": "284 characters"}), ("All 19 runs.", {"source": "generator(19)"}),
    ("All 19 runs.", {"source": "episodes(seed=19)"}), ("It reaches 98.8%, as they say.", {}),
    ("It takes about 15 s.", {"after": "print(1)"}), ("It takes 15 s.", {"after": "train(loss, theta)"}),
    ("It reaches 35%.", {"shown": "Predict (5.1 x). How much?\n  a) 35 %.\n  b) 60 %."}),
    ("It reaches 35%.", {"shown": "Answer (5.1 x)\n  Measured above: 48 %.\n  ✗ a) 35 %. No."}),
])
def test_what_only_looks_like_a_source_is_not_accepted(prose, where):
    assert made(prose, **where) != []


def test_settings_of_the_runs_that_a_section_uses_are_sources(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_RESULTS", str(tmp_path))
    results.save("made_up", settings={"run": {"steps": [250, 300]}}, payload={"steps": 777}, seeds=[],
                 device="", versions={}, commit="", minutes=1.0)
    assert made("After 250 steps.", source='recorded = results.load("made_up")') == []
    assert made("After 250 steps.", source='figures.table(results.load("made_up"))') == []
    assert made("After 777 steps.", source='recorded = results.load("made_up")') == ["777"]


@pytest.mark.parametrize("prose", [
    "As section 5.2 and Equation 2.4 say, and chapter 2.", "$x = 0.5$ and `rate=0.5` and\n\n$$\n0.5\n$$",
    "In torch 2.15.", "A 95% interval.", "Vinyals et al. 2016", "Is it ○ 20%, ○ 40%?", "*12 minutes. Why?*",
    "| 1.4 | Title | 6 |", "Exercises 2.1 and 2.2 (10 minutes each).", "Conv4-64 learns.",
    "Step by step:\n\n1. First.\n2. Then.",
])
def test_what_claims_nothing_is_left_out(prose):
    assert made(prose) == []


def test_a_unit_at_the_end_of_a_range_holds_for_both_ends():
    assert [(stated.digits, stated.unit) for stated in numbers("15 to 26 seconds, 3 s")] == [
        ("15", "s"), ("26", "s"), ("3", "s")]
