"""Self-tests: the first answer counts, every wrong choice is explained."""
import pytest

from metacourse import progress, quiz
from metacourse.quiz.questions import load
from tests.quiz.by_hand import RIGHT, answer


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
    with pytest.raises(KeyError, match="families, plans, few_shot, fundamentals, maml, transfer"):
        quiz.ask("familes")
    with pytest.raises(ValueError, match="'before' or 'after'"):
        quiz.concepts("between")
