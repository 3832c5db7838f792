"""Predictions are kept and locked; the answer comes after the experiment."""
import pytest

from metacourse import progress, quiz
from metacourse.quiz import measured
from metacourse.quiz.questions import predictions
from tests.quiz.by_hand import commit


def test_a_prediction_needs_a_choice_and_a_sureness():
    asked = quiz.predict("1.1 scratch")
    assert asked.commit.disabled
    asked.answer.value = 0
    assert asked.commit.disabled
    asked.sure.value = 0.9
    assert not asked.commit.disabled


def test_a_committed_prediction_is_kept_and_locked_and_tells_nothing():
    asked = quiz.predict("1.1 scratch")
    commit(asked, 2, 0.9)
    text = predictions()["1.1 scratch"].choices[2].text
    assert progress.read("prediction") == {"1.1 scratch": {"answer": text, "sure": 0.9}}
    assert asked.answer.disabled and asked.sure.disabled
    assert "Noted. Run the next cells to see." in asked.status.value
    assert progress.read("judged") == {}


def test_a_prediction_made_earlier_is_shown_locked():
    commit(quiz.predict("1.1 scratch"), 2, 0.9)
    again = quiz.predict("1.1 scratch")
    assert again.answer.disabled
    assert "You said c) Somewhat better" in again.status.value


def test_the_slider_keeps_a_share():
    commit(quiz.predict("1.3 twice"), 0.48)
    assert progress.read("prediction")["1.3 twice"] == {"answer": 0.48, "sure": 0.8}
    quiz.reveal("1.3 twice", value=0.5)
    assert progress.read("judged")["1.3 twice"]["right"]


def test_reveal_without_a_prediction_just_shows_the_answer():
    shown = quiz.reveal("1.1 scratch", value=0.52, pixels=0.48)
    for part in ("✓ <b>c)", "52\u00a0%", "48\u00a0%"):
        assert part in shown.text.value
    assert "You said" not in shown.text.value
    assert progress.read("judged") == {}


def test_reveal_explains_every_choice_and_judges_the_learners():
    commit(quiz.predict("1.1 scratch"), 3, 0.7)
    shown = quiz.reveal("1.1 scratch")
    assert all(choice.why in shown.text.value for choice in shown.question.choices)
    assert "✗ You said d)" in shown.text.value and "70\u00a0% sure" in shown.text.value
    assert progress.read("judged") == {"1.1 scratch": {"sure": 0.7, "right": False}}


def test_a_prediction_committed_after_run_all_reaches_the_answer_below_it():
    asked, shown = quiz.predict("1.4 families"), quiz.reveal("1.4 families")
    commit(asked, 1)
    assert "✓ You said b)" in shown.text.value


def test_the_measured_value_decides_where_only_it_can():
    commit(quiz.predict("1.5 flip"), 2)
    for value, right in [(0.16, True), (0.05, False), (0.35, False)]:
        quiz.reveal("1.5 flip", value=value)
        assert progress.read("judged")["1.5 flip"]["right"] is right


def test_a_number_a_difference_and_a_word_can_decide_too():
    commit(quiz.predict("2.7 ways"), 3)
    assert "vmap does 0.62 times" in quiz.reveal("2.7 ways", value=0.62).text.value
    assert progress.read("judged")["2.7 ways"]["right"]
    commit(quiz.predict("2.6 anil"), 3)
    shown = quiz.reveal("2.6 anil", value=-0.0314, maml=0.9, anil=0.9314)
    assert "−3.1\u00a0points" in shown.text.value and "MAML 90\u00a0%" in shown.text.value
    assert progress.read("judged")["2.6 anil"]["right"]
    commit(quiz.predict("2.6 parts"), 3)
    quiz.reveal("2.6 parts", value="cosine")
    assert progress.read("judged")["2.6 parts"]["right"]


@pytest.mark.parametrize("number, written", [
    (0.0, "0"), (1.0, "1"), (2.683, "2.68"), (-0.5, "−0.5"), (0.03141, "0.0314"), (140.4, "140"), (12, "12"),
])
def test_numbers_are_written_with_three_digits_at_most(number, written):
    assert measured.filled(("{n:number}",), {"n": number}) == written


def test_a_sentence_is_shown_only_when_all_its_fields_were_measured():
    assert measured.filled(("Now {a}.", "Then {b}."), {"b": 0.25}) == "Then 25\u00a0%."


@pytest.mark.parametrize("id, given, message", [
    ("1.5 flip", {}, "give reveal the measured share"),
    ("1.5 flip", {"value": 16.0}, "divide percentages by 100"),
    ("1.5 flip", {"value": float("nan")}, "shares in"),
    ("1.1 scratch", {"score": 0.5}, "no place for score; it takes pixels, value"),
    ("1.4 families", {"value": 0.5}, "it takes no numbers"),
    ("2.7 ways", {}, "give reveal the measured number"),
    ("2.7 ways", {"value": float("nan")}, "a finite number"),
    ("2.7 ways", {"value": -2.0}, "makes no choice right; it decides by 2 to inf"),
    ("2.6 anil", {"value": 0.01, "maml": 96.0}, "divide percentages by 100"),
    ("2.6 parts", {"value": "dropout"}, "multi_step_loss"),
])
def test_reveal_says_which_numbers_it_wants(id, given, message):
    with pytest.raises(ValueError, match=message):
        quiz.reveal(id, **given)


@pytest.mark.parametrize("id, said", [
    ("1.1 scratch", {"answer": "An older wording.", "sure": 0.8}),
    ("1.1 scratch", {"answer": 0.5, "sure": 0.8}),
    ("1.3 twice", {"answer": "It was a choice once.", "sure": 0.8}),
    ("1.3 twice", {"share": 0.5}),
    ("1.3 twice", None),
])
def test_a_prediction_that_does_not_fit_the_question_is_asked_again(id, said):
    progress.record("prediction", id, said)
    assert not quiz.predict(id).answer.disabled
    assert "You said" not in quiz.reveal(id).text.value
    assert progress.read("judged") == {}


def test_a_guess_is_as_sure_as_the_number_of_choices_allows():
    labels = dict(quiz.predict("1.1 scratch").sure.options)
    assert labels["a guess"] == 0.25
    assert "a guess" not in dict(quiz.predict("1.3 twice").sure.options)
