"""Every kind of question, by mouse (dark theme) and by keyboard (light); the kernel says what is kept."""
import json

import pytest
from playwright.sync_api import expect

from tests.browser.jupyter import open_and_run, py, screenshot

CELLS = [
    "from metacourse import progress, quiz",
    "quiz.predict('1.1 scratch')",
    "quiz.reveal('1.1 scratch', value=0.52, pixels=0.48)",
    "quiz.predict('1.3 twice')",
    "quiz.ask('families')",
    "before = quiz.concepts('before')\nbefore",
    "after = quiz.concepts('after')\nafter",
]
PREDICT, REVEAL, SLIDER, QUIZ, BEFORE, AFTER = range(6)             # places of the cards


def start(page, lab, theme):
    """The cells above, run in a theme by a learner who has done nothing yet."""
    name = f"quiz_{theme.lower()}"
    own = f"import os; os.environ['METACOURSE_PROGRESS'] = {str(lab.root.parent / name)!r}"
    open_and_run(page, lab, lab.notebook(f"{name}.ipynb", own, *CELLS))
    theme = f"JupyterLab {theme}"
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)


def kept(page, kind):
    """The records of one kind, read by the kernel."""
    return json.loads(py(page, f"import json; print(json.dumps(progress.read({kind!r})))"))


def card(page, place):
    """The card at a place, brought into view: JupyterLab draws no cells that are out of sight."""
    cell = place + 2
    page.evaluate("cell => jupyterapp.shell.currentWidget.content.scrollToItem(cell, 'start')", cell)
    found = page.locator(f".jp-Cell[data-windowed-list-index='{cell}'] .metacourse-card")
    found.wait_for()
    return found


def radio(card, text):
    return card.locator(".metacourse-choices label", has_text=text).locator("input")


def button(card, name):
    return card.get_by_role("button", name=name)


def says(card, text):
    """Wait until the line that screen readers read aloud says this."""
    card.get_by_role("status").get_by_text(text).wait_for()


def press(control, key=" "):
    """By keyboard only: focus, then a key."""
    expect(control).to_be_enabled()
    control.focus()
    control.press(key)


def test_by_mouse(page, lab):
    start(page, lab, "Dark")
    asked = card(page, PREDICT)
    assert button(asked, "Commit").is_disabled()
    radio(asked, "Somewhat better").click()
    button(asked, "80").click()
    screenshot(page, "quiz_predict_dark")
    button(asked, "Commit").click()
    says(asked, "Noted. Run the next cells to see.")
    assert radio(asked, "Somewhat better").is_disabled()
    answer = {"answer": "Somewhat better than comparing pixels.", "sure": 0.8}
    assert kept(page, "prediction") == {"1.1 scratch": answer}
    says(card(page, REVEAL), "✓ You said c)")
    screenshot(page, "quiz_reveal_dark")

    families = card(page, QUIZ)
    radio(families, "a) ").click()
    button(families, "Check").click()
    says(families, "✗ Not this one.")
    screenshot(page, "quiz_wrong_dark")
    radio(families, "c) ").click()
    button(families, "Check").click()
    says(families, "✓ Right.")
    button(families, "Next").click()
    families.get_by_text("2 of 6").wait_for()
    assert kept(page, "answer") == {"families/sorter": "Optimization-based."}
    assert py(page, "print(quiz.score('families'))") == "0 of 6 points"

    for place, letter in [(BEFORE, "e"), (AFTER, "c")]:
        radio(card(page, place), f"{letter}) ").click()
        button(card(page, place), "Next").click()
        card(page, place).get_by_text("2 of 12").wait_for()
    assert kept(page, "concepts before") == {"labels": "I do not know yet."}
    assert kept(page, "concepts after")["labels"].startswith("At chance")
    py(page, "after.show(12)")
    says(card(page, AFTER), "0 of 12 right before, 1 of 12 right after")
    card(page, AFTER).locator("summary").first.click()
    screenshot(page, "quiz_comparison_dark")


def test_by_keyboard(page, lab):
    start(page, lab, "Light")
    press(radio(card(page, PREDICT), "Nearly 100 %"))
    press(button(card(page, PREDICT), "a guess"), "Enter")
    press(button(card(page, PREDICT), "Commit"), "Enter")
    says(card(page, PREDICT), "Noted.")
    says(card(page, REVEAL), "✗ You said d)")
    screenshot(page, "quiz_reveal_light")

    for _ in range(3):
        press(card(page, SLIDER).get_by_role("slider"), "ArrowRight")
    press(button(card(page, SLIDER), "60"), "Enter")
    screenshot(page, "quiz_slider_light")
    press(button(card(page, SLIDER), "Commit"), "Enter")
    says(card(page, SLIDER), "Noted.")
    assert kept(page, "prediction")["1.3 twice"] == {"answer": pytest.approx(0.53), "sure": 0.6}
    assert kept(page, "prediction")["1.1 scratch"]["sure"] == 0.25

    families = card(page, QUIZ)
    for place, letter in enumerate("cabdac", start=1):
        families.get_by_text(f"{place} of 6").wait_for()
        press(radio(families, f"{letter}) "))
        press(button(families, "Check"), "Enter")
        says(families, "✓ Right.")
        press(button(families, "Finish" if place == 6 else "Next"), "Enter")
    says(families, "6 of 6 points")
    screenshot(page, "quiz_score_light")
    assert kept(page, "quiz") == {"families": {"points": 6, "of": 6}}

    press(radio(card(page, BEFORE), "e) "))
    press(button(card(page, BEFORE), "Next"), "Enter")
    card(page, BEFORE).get_by_text("2 of 12").wait_for()
    assert kept(page, "concepts before") == {"labels": "I do not know yet."}
    screenshot(page, "quiz_concepts_light")
