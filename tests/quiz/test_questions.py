"""The texts: every question can be answered, every choice is explained, and the pencil answers are right."""
import math
import re

import pytest

from metacourse.quiz.questions import TEXTS, Question, fields, find, load, predictions

FILES = sorted(path.stem for path in TEXTS.glob("*.toml"))
QUESTIONS = [question for file in FILES for question in load(file).values()]
CHOICES = [question for question in QUESTIONS if question.choices]
MEASURED = [question for question in CHOICES if question.decided_by_value()]
POSSIBLE = {"": [percent / 100 for percent in range(101)], "points": [p / 100 for p in range(-100, 101)],
            "number": [n / 100 for n in range(2000)] + [1e3, 1e6]}


def name(question: Question) -> str:
    return question.id


def normal_cdf(z: float) -> float:
    return 0.5 * (1 + math.erf(z / 2 ** 0.5))


@pytest.mark.parametrize("question", CHOICES, ids=name)
def test_every_choice_is_explained_and_one_is_right(question):
    assert 3 <= len(question.choices) <= 4
    assert all(choice.text and choice.why.endswith(".") for choice in question.choices)
    assert len({choice.text for choice in question.choices}) == len(question.choices)
    if not question.decided_by_value():
        assert len(question.right_choices()) == 1


@pytest.mark.parametrize("question", QUESTIONS, ids=name)
def test_questions_end_in_a_question_mark_and_lines_were_joined(question):
    assert question.question.endswith("?")
    assert "\n" not in question.question and "  " not in question.question


@pytest.mark.parametrize("question", MEASURED, ids=name)
def test_measured_choices_cover_every_value_once(question):
    for value in POSSIBLE.get(question.units()["value"], question.decides()):
        assert len(question.right_choices(value)) == 1


@pytest.mark.parametrize("question", predictions().values(), ids=name)
def test_every_unit_is_known(question):
    assert set(question.units().values()) <= {"", "points", "number", "word"}


@pytest.mark.parametrize("file", FILES)
def test_neither_the_place_nor_the_length_of_a_choice_gives_it_away(file):
    questions = [q for q in load(file).values() if q.choices and not q.decided_by_value()]
    places = [[choice.right for choice in q.choices].index(True) for q in questions]
    assert max(places.count(place) for place in set(places)) <= len(places) / 2
    longest = sum(max(q.choices, key=lambda choice: len(choice.text)).right for q in questions)
    assert longest <= len(questions) / 2


@pytest.mark.parametrize("question", predictions().values(), ids=name)
def test_a_measured_number_stands_only_in_a_field(question):
    assert all(fields(sentence) and not re.search(r"\d", sentence) for sentence in question.measured)


def test_there_are_twelve_concepts_and_the_quizzes_have_their_size():
    assert len(load("concepts")) == 12
    assert all(5 <= len(load(f"selftest_{chapter}")) <= 8
               for chapter in ("fundamentals", "maml", "few_shot", "transfer"))
    assert len(load("families")) == len(load("briefs")) == len(load("plans")) == 6


def test_five_of_sixteen_classes_come_twice_in_half_of_the_episodes():
    question = predictions()["1.3 twice"]
    all_different = 16 * 15 * 14 * 13 * 12 / 16 ** 5
    assert question.answer == pytest.approx(1 - all_different, abs=0.001)
    assert f"16⁵ = {all_different:.2f}" in question.why
    assert math.comb(5, 2) == 10 and "ten pairs" in question.why


def test_how_often_the_order_flips_follows_from_how_far_the_mean_moves():
    """The difference of two means that each move by `moves` (in units of the gap) is below zero."""
    question = predictions()["1.5 flip"]
    texts = {place: question.choices[place].text for place in range(4)}
    for moves, place in [(0.3, 0), (0.45, 1), (0.6, 2), (1.7, 2), (2.1, 3)]:
        flips = normal_cdf(-1 / (moves * 2 ** 0.5))
        assert question.right_choices(flips) == [texts[place]]


def test_the_gap_of_the_interval_question_is_three_half_widths():
    question = load("concepts")["interval"]
    a, half, b = 71.3, 0.4, 70.1
    assert f"{a} ± {half}" in question.question and str(b) in question.question
    assert a - b == pytest.approx(3 * half) and "three times the half-width" in question.choices[3].why


def test_a_share_is_right_within_its_tolerance():
    question = Question("n", "How many?", answer=0.50, within=0.05)
    assert question.is_right(0.45) and question.is_right(0.55) and not question.is_right(0.56)


def test_an_unknown_question_is_answered_with_those_there_are():
    with pytest.raises(KeyError, match=r"1\.1 scratch"):
        find(predictions(), "1.1 scrach")


def test_texts_are_spelled_as_the_glossary_wants():
    text = " ".join((TEXTS / f"{file}.toml").read_text(encoding="utf-8") for file in FILES)
    for word in ("n_way", "fast weights", "learnt", "colour", "labelled", "behaviour", "optimis",
                 "initialis"):
        assert word not in text
