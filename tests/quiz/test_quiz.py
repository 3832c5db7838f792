"""Questions answered by hand: what is kept, what is said when, and what a saved notebook gives away."""
import html
import json

import ipywidgets
import pytest

from metacourse import progress, quiz
from metacourse.quiz import cards, concept, prediction, selftest
from metacourse.quiz.questions import Choice, Question, load, predictions

RIGHT = {id: [choice.text for choice in q.choices].index(q.right_choices()[0])
         for id, q in {**load("families"), **load("concepts")}.items()}


@pytest.fixture(autouse=True)
def no_other_widgets():
    """Widgets of one test are gone in the next."""
    yield
    ipywidgets.Widget.close_all()


def saved_state() -> str:
    """What a notebook keeps of all widgets alive."""
    return json.dumps(ipywidgets.Widget.get_manager_state(), ensure_ascii=False)


def plain(text: str) -> str:
    """As a person reads it: no entities, no escapes, single spaces."""
    return " ".join(html.unescape(text.replace("\\n", " ")).replace("\u00a0", " ").split())


def assert_nothing_given_away(given: str, questions) -> None:
    for question in questions:
        assert question.question in given and all(text in given for text in question.texts())
        explanations = [question.why, *(choice.why for choice in question.choices)]
        assert not any(why and why in given for why in explanations)


def state_without_ids() -> str:
    """The saved state, with every model named by its place."""
    state = saved_state()
    for place, id in enumerate(json.loads(state)["state"]):
        state = state.replace(id, f"model {place}")
    return state


def with_another_right_choice(questions):
    """The same words, with the right choice moved by one."""
    def moved(q):
        neighbors = q.choices[1:] + q.choices[:1]
        return q._replace(choices=tuple(c._replace(right=n.right) for c, n in zip(q.choices, neighbors)))
    return {id: moved(question) for id, question in questions.items()}


def commit(asked, answer, sure=0.8):
    asked.answer.value, asked.sure.value = answer, sure
    asked.commit.click()


def answer(deck, place):
    """Choose, check and go on; return what was said."""
    choices, check, status = deck.pages[deck.at][1:]
    choices.value = place
    check.click()
    deck.next.click()
    return status.value


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
    assert "You said c) About as well" in again.status.value


def test_the_slider_keeps_a_share():
    commit(quiz.predict("1.3 twice"), 0.48)
    assert progress.read("prediction")["1.3 twice"] == {"answer": 0.48, "sure": 0.8}
    quiz.reveal("1.3 twice", value=0.5)
    assert progress.read("judged")["1.3 twice"]["right"]


@pytest.mark.parametrize("id", predictions())
def test_an_unanswered_prediction_gives_nothing_away(id):
    asked = quiz.predict(id)
    for given in (saved_state(), repr(asked)):
        assert_nothing_given_away(plain(given), [asked.question])


@pytest.mark.parametrize("make", [lambda: quiz.ask("fundamentals"), lambda: quiz.ask("families"),
                                  lambda: quiz.concepts("before"), lambda: quiz.concepts("after")])
def test_an_unanswered_quiz_gives_nothing_away(make):
    deck = make()
    assert_nothing_given_away(plain(saved_state()), deck.questions[:1])
    assert_nothing_given_away(plain(repr(deck)), deck.questions)


@pytest.mark.parametrize("make", [lambda: quiz.predict("1.1 scratch"), lambda: quiz.ask("families"),
                                  lambda: quiz.concepts("before")])
def test_the_saved_state_is_the_same_whichever_choice_is_right(make, monkeypatch):
    make()
    as_it_is = state_without_ids()
    ipywidgets.Widget.close_all()
    monkeypatch.setattr(prediction, "predictions", lambda: with_another_right_choice(predictions()))
    for module in (selftest, concept):
        monkeypatch.setattr(module, "load", lambda name: with_another_right_choice(load(name)))
    make()
    assert state_without_ids() == as_it_is


@pytest.mark.parametrize("make", [lambda: quiz.predict("1.1 scratch"), lambda: quiz.predict("1.3 twice"),
                                  lambda: quiz.ask("families"), lambda: quiz.concepts("before"),
                                  lambda: quiz.reveal("1.5 flip", value=0.2)])
def test_the_text_form_states_every_choice_and_never_changes(make):
    first, second = make(), make()
    assert repr(first) == repr(second)
    assert "0x" not in repr(first) and first.widget.model_id not in repr(first)
    bundle = first._repr_mimebundle_()
    assert bundle["text/plain"] == repr(first)
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == first.widget.model_id
    joined = plain(repr(first))
    for question in getattr(first, "questions", [getattr(first, "question", None)]):
        assert all(text in joined for text in question.texts())


def test_the_text_form_does_not_depend_on_what_the_learner_did():
    def texts():
        return [repr(shown) for shown in (quiz.predict("1.1 scratch"), quiz.reveal("1.1 scratch", value=0.5),
                                          quiz.ask("families"), quiz.concepts("before"))]
    before = texts()
    commit(quiz.predict("1.1 scratch"), 2)
    answer(quiz.ask("families"), 0)
    quiz.concepts("before").pages[0][1].value = 1
    assert texts() == before


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


@pytest.mark.parametrize("id, measured, message", [
    ("1.5 flip", {}, "give reveal the measured share"),
    ("1.5 flip", {"value": 16.0}, "divide percentages by 100"),
    ("1.5 flip", {"value": float("nan")}, "shares in"),
    ("1.1 scratch", {"score": 0.5}, "no place for score; it takes pixels, value"),
    ("1.4 families", {"value": 0.5}, "it takes no numbers"),
])
def test_reveal_says_which_numbers_it_wants(id, measured, message):
    with pytest.raises(ValueError, match=message):
        quiz.reveal(id, **measured)


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


def test_texts_are_escaped():
    harmful = Question("x", "<script>x?</script>", choices=(Choice("<b>no</b>", "<i>no</i>", right=True),))
    assert "<script>" not in cards.heading("Quiz", harmful.question).value
    assert cards.explained(harmful, []) == ["✗ **a) <b>no</b>** <i>no</i>"]
    assert cards.paragraphs(["**<b>no</b>** <i>"]) == "<p><b>&lt;b&gt;no&lt;/b&gt;</b> &lt;i&gt;</p>"


def test_a_guess_is_as_sure_as_the_number_of_choices_allows():
    labels = dict(quiz.predict("1.1 scratch").sure.options)
    assert labels["a guess"] == 0.25
    assert "a guess" not in dict(quiz.predict("1.3 twice").sure.options)


def test_the_first_answer_counts_and_every_wrong_choice_is_explained():
    deck = quiz.ask("families")
    choices, check, status = deck.pages[0][1:]
    question = deck.questions[0]
    for place in (0, 1):
        choices.value = place
        check.click()
        assert question.choices[place].why in status.value and "✗" in status.value
    choices.value = RIGHT[question.id]
    check.click()
    assert "✓" in status.value and choices.disabled
    assert quiz.score("families") == (0, 6)
    assert progress.read("answer")[f"families/{question.id}"] == question.choices[0].text


def test_all_right_is_six_points_and_they_reach_progress():
    deck = quiz.ask("families")
    for question in deck.questions:
        assert "✓" in answer(deck, RIGHT[question.id])
    assert "6 of 6 points" in deck.widget.children[1].value
    assert quiz.score("families") == (6, 6) and repr(quiz.score("families")) == "6 of 6 points"
    assert progress.read("quiz") == {"families": {"points": 6, "of": 6}}


def test_a_quiz_goes_on_where_it_was_left_and_starts_over_when_asked():
    deck = quiz.ask("families")
    answer(deck, 3)
    assert quiz.ask("families").at == 1
    for _ in range(5):
        answer(deck, 0)
    finished = quiz.ask("families")
    assert finished.at == 6
    finished.widget.children[2].click()
    assert finished.at == 0 and finished.pages[0][1].value is None
    answer(finished, RIGHT[finished.questions[0].id])
    assert "✓" in finished.pages[0][3].value
    assert finished.questions[0].is_right(progress.read("answer")[f"families/{finished.questions[0].id}"])


def test_a_score_can_be_spelled_out_in_letters():
    right = "".join("abcd"[RIGHT[id]] for id in load("families"))
    assert quiz.score("families", right) == (6, 6)
    assert quiz.score("families", " ".join(right.upper())) == (6, 6)
    assert quiz.score("families", "zzzzzz") == (0, 6)
    assert quiz.score("families") == (0, 6), "letters leave progress alone"
    with pytest.raises(ValueError, match="6 questions, and 2 letters"):
        quiz.score("families", "ab")


def test_an_unknown_quiz_is_answered_with_those_there_are():
    with pytest.raises(KeyError, match="families, fundamentals"):
        quiz.ask("familes")
    with pytest.raises(ValueError, match="'before' or 'after'"):
        quiz.concepts("between")


def test_concepts_before_give_no_feedback_and_after_compares():
    before = quiz.concepts("before")
    for question in before.questions:
        knows = question.id == "shots"
        before.pages[before.at][1].value = RIGHT[question.id] if knows else len(question.choices) - 1
        before.next.click()
    ending = before.widget.children[1].value
    assert "12 of 12 answers noted" in ending and "right" not in ending.replace("metacourse-right", "")
    after = quiz.concepts("after")
    for question in after.questions:
        after.pages[after.at][1].value = RIGHT[question.id]
        after.next.click()
    ending = after.widget.children[1].value
    assert "1 of 12 right before, 12 of 12 right after" in ending
    assert ending.count("<details>") == 12 and ending.count("✗ → ✓") == 11
    assert all(choice.why in plain(ending) for question in before.questions for choice in question.choices)


def test_concepts_after_alone_compare_with_nothing():
    after = quiz.concepts("after")
    after.show(12)
    assert "No answers yet" in after.widget.children[1].value
    after.show(0)
    after.pages[0][1].value = RIGHT[after.questions[0].id]
    after.show(12)
    assert ">1 of 12 right after." in after.widget.children[1].value


def test_a_concept_answer_can_be_changed_until_the_end():
    deck = quiz.concepts("before")
    deck.pages[0][1].value = 0
    deck.next.click()
    deck.back.click()
    deck.pages[0][1].value = 2
    assert progress.read("concepts before") == {deck.questions[0].id: deck.questions[0].choices[2].text}
    assert quiz.concepts("before").pages[0][1].value == 2


def test_few_predictions_get_a_sentence_and_five_a_table():
    for i in range(4):
        progress.record("judged", str(i), {"sure": 0.9, "right": True})
    assert "4 predictions" in repr(quiz.calibration()) and "<table" not in quiz.calibration()._repr_html_()
    progress.record("judged", "4", {"sure": 0.5, "right": False})
    assert "<table" in quiz.calibration()._repr_html_()
    assert quiz.calibration().rows() == [(0.5, 0.0, 1), (0.9, 1.0, 4)]


def test_the_brier_score_by_pencil():
    judged = quiz.calibration()._replace(judged=((0.9, True), (0.5, False), (0.99, False)))
    assert judged.brier() == pytest.approx((0.01 + 0.25 + 0.9801) / 3)
    coin = judged._replace(judged=((0.5, True), (0.5, False)))
    assert coin.brier() == 0.25


def test_every_control_takes_each_of_its_options_without_an_exception():
    for id in predictions():
        asked = quiz.predict(id)
        slider = not asked.question.choices
        for value in (0.0, 1.0) if slider else range(len(asked.question.choices)):
            asked.answer.value = value
        for _, sure in asked.sure.options:
            asked.sure.value = sure
        asked.commit.click()
