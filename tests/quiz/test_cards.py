"""What a card shows, and what a saved notebook does not give away."""
import ipywidgets
import pytest

from metacourse import quiz
from metacourse.quiz import cards, concept, prediction, selftest
from metacourse.quiz.questions import Choice, Question, load, predictions
from tests.quiz.by_hand import (
    answer,
    assert_nothing_given_away,
    commit,
    plain,
    saved_state,
    state_without_ids,
    with_another_right_choice,
)


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


def test_texts_are_escaped():
    harmful = Question("x", "<script>x?</script>", choices=(Choice("<b>no</b>", "<i>no</i>", right=True),))
    assert "<script>" not in cards.heading("Quiz", harmful.question).value
    assert cards.explained(harmful, []) == ["✗ **a) <b>no</b>** <i>no</i>"]
    assert cards.paragraphs(["**<b>no</b>** <i>"]) == "<p><b>&lt;b&gt;no&lt;/b&gt;</b> &lt;i&gt;</p>"


def test_every_control_takes_each_of_its_options_without_an_exception():
    for id in predictions():
        asked = quiz.predict(id)
        slider = not asked.question.choices
        for value in (0.0, 1.0) if slider else range(len(asked.question.choices)):
            asked.answer.value = value
        for _, sure in asked.sure.options:
            asked.sure.value = sure
        asked.commit.click()
