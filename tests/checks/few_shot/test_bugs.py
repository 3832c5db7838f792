"""The three bugs of exercise 3.4, named rightly and wrongly; the program really has them."""
import pytest
import torch

from metacourse.checks import NotAttempted, few_shot
from metacourse.checks.few_shot.bugs import BUGS, LOOK, NOT_THERE
from metacourse.methods import protonet
from tests.checks.saying import blank, names_the_mistake, rejected
from tests.checks.test_solutions import definitions

RIGHT = {"not squared": "B", "temperature upside down": "C", "labels through the order": "E"}


def test_the_right_names_are_accepted_in_any_order_and_spelling():
    few_shot.name_the_bugs(lambda: RIGHT)
    others = {f" {name.upper()}": line.lower() for name, line in reversed(RIGHT.items())}
    few_shot.name_the_bugs(lambda: others)


def test_either_of_the_two_lines_that_leak_together_is_accepted():
    few_shot.name_the_bugs(lambda: RIGHT | {"labels through the order": "F"})


@pytest.mark.parametrize("both", ["EF", "f, e", ("E", "F"), ["e", "f"], "E/F", "line E", "E and F"])
def test_both_of_these_lines_are_accepted_too(both):
    few_shot.name_the_bugs(lambda: RIGHT | {"labels through the order": both})


@pytest.mark.parametrize("lines", ["DE", "", "EFG", ("D", "F"), "BC"])
def test_a_right_line_among_wrong_ones_is_no_answer(lines):
    assert "in another line" in rejected(few_shot.name_the_bugs,
                                         lambda: RIGHT | {"labels through the order": lines})


@pytest.mark.parametrize("name", BUGS)
def test_a_missing_bug_and_a_wrong_line_are_answered_with_where_to_look(name):
    without = {other: line for other, line in RIGHT.items() if other != name}
    names_the_mistake(few_shot.name_the_bugs, lambda: without, LOOK[name])
    names_the_mistake(few_shot.name_the_bugs, lambda: RIGHT | {name: "A"}, LOOK[name])


@pytest.mark.parametrize("name, hint", NOT_THERE.items())
def test_a_bug_that_is_not_there_is_answered_with_where_to_look(name, hint):
    names_the_mistake(few_shot.name_the_bugs, lambda: RIGHT | {name: "C"}, hint)


@pytest.mark.parametrize("answer, said", [
    (["B"], "bugs and their lines"), ({}, "bugs and their lines"), (RIGHT | {"slow": "A"}, "no such name"),
    ({line: name for name, line in RIGHT.items()}, "no such name"),
])
def test_other_names_are_rejected_with_a_sentence(answer, said):
    assert said in rejected(few_shot.name_the_bugs, lambda: answer)


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        few_shot.name_the_bugs(blank)


@pytest.fixture(scope="module")
def program():
    return definitions("03_few_shot")


@pytest.fixture
def z():
    rng = torch.Generator().manual_seed(0)
    middle = torch.randn(3, 1, 4, generator=rng)
    return middle + torch.randn(3, 2, 4, generator=rng), middle + torch.randn(3, 8, 4, generator=rng)


def test_the_distance_is_not_squared_and_the_temperature_multiplies(program, z):
    z_support, z_query = z
    c, z_query = z_support.mean(1), z_query.flatten(0, 1)
    came = program["class_log_probs"](z_query, c, temperature=2.0)
    assert torch.allclose(came, protonet.log_probs(z_query, c, distance="euclidean", temperature=0.5))


def test_neither_of_these_two_changes_which_prototype_is_nearest(program, z):
    z_support, z_query = z
    c, z_query = z_support.mean(1), z_query.flatten(0, 1)
    came = program["class_log_probs"](z_query, c, temperature=2.0)
    assert torch.equal(came.argmax(1), protonet.log_probs(z_query, c).argmax(1))


def test_the_program_is_better_than_the_repaired_one_only_while_queries_come_in_class_order(program, z):
    z_support, z_query = z[0], z[1].flatten(0, 1)
    y = torch.arange(3).repeat_interleave(8)
    order = torch.randperm(24, generator=torch.Generator().manual_seed(1))

    def right(name, order):
        return (program[name](z_support, z_query[order]) == y[order]).sum()
    in_order = torch.arange(24)
    assert right("classify", in_order) > right("classify_alone", in_order) == right("classify_alone", order)
    assert right("classify", order) < right("classify", in_order)


def test_the_accuracy_itself_is_computed_with_the_labels_of_the_episode(program, z):
    assert program["share_right"](*z, torch.full((3, 8), 7)) == 0
