"""Answering questions as a learner does, and reading what a saved notebook would hold."""
import html
import json

import ipywidgets

from metacourse.quiz.questions import load

RIGHT = {id: [choice.text for choice in q.choices].index(q.right_choices()[0])
         for id, q in {**load("families"), **load("concepts")}.items()}


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
