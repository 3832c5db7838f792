"""The twelve questions: silent before the course, compared and explained after it."""
from metacourse import progress, quiz
from tests.quiz.by_hand import RIGHT, plain


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
