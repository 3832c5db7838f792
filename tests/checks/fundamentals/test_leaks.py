"""The three leaky programs of exercise 1.2, named and repaired, rightly and wrongly."""
import random

import pytest
import torch

from metacourse.checks import NotAttempted, fundamentals
from tests.checks.saying import blank, names_the_mistake, rejected

RIGHT_NAMES = {"A": "query in support", "B": "shared classes", "C": "chosen on test"}
TURNS = (0, 90, 180, 270)


def order(n, rng):
    return torch.randperm(n, generator=rng)


def test_the_right_names_are_accepted_however_they_are_typed():
    fundamentals.name_the_leaks(lambda: RIGHT_NAMES)
    fundamentals.name_the_leaks(lambda: {key: f" {name.upper()} " for key, name in RIGHT_NAMES.items()})


@pytest.mark.parametrize("program, name, hint", [
    ("A", "fixed labels", "print its two results side by side"),
    ("B", "query in support", "without their turns"),
    ("C", "batch statistics", "before it decides"),
])
def test_a_wrong_name_is_answered_with_where_to_look(program, name, hint):
    names_the_mistake(fundamentals.name_the_leaks, lambda: RIGHT_NAMES | {program: name}, hint)


@pytest.mark.parametrize("named, said", [
    (RIGHT_NAMES | {"B": "overfitting"}, "no such name"),
    ({"A": "query in support"}, "for A, B and C"),
    (["A"], "for A, B and C"),
])
def test_other_names_are_rejected_with_a_sentence(named, said):
    assert said in rejected(fundamentals.name_the_leaks, lambda: named)


def one_ordering(drawings, *, shot, queries, rng):
    rows = order(drawings, rng)
    return rows[:shot], rows[shot : shot + queries]


def what_is_left(drawings, *, shot, queries, rng):
    asked = random.Random(int(torch.randint(2**31, (), generator=rng))).sample(range(drawings), queries)
    return [row for row in range(drawings) if row not in asked][:shot], asked


@pytest.mark.parametrize("right", [one_ordering, what_is_left])
def test_support_and_query_drawn_apart_are_accepted(right):
    fundamentals.draw_apart(right)


def program_a(drawings, *, shot, queries, rng):
    return order(drawings, rng)[:shot], order(drawings, rng)[:queries]


def overlap_taken_out(drawings, *, shot, queries, rng):
    shown, asked = program_a(drawings, shot=shot, queries=queries, rng=rng)
    return shown, asked[~torch.isin(asked, shown)]


def with_replacement(drawings, *, shot, queries, rng):
    return torch.randint(3, (shot,), generator=rng), 3 + torch.randint(5, (queries,), generator=rng)


def fixed_halves(drawings, *, shot, queries, rng):
    return order(shot, rng), shot + order(drawings - shot, rng)[:queries]


def not_random(drawings, *, shot, queries, rng):
    return range(shot), range(shot, shot + queries)


def without_rng(drawings, *, shot, queries, rng):
    return one_ordering(drawings, shot=shot, queries=queries, rng=None)


@pytest.mark.parametrize("wrong, hint", [
    (program_a, "two orderings, one for each side"),
    (overlap_taken_out, "leaves too few"),
    (with_replacement, "draws with replacement"),
    (fixed_halves, "each side has its own part of the data"),
    (not_random, "nothing random is drawn"),
    (without_rng, "without `generator=rng`"),
])
def test_every_wrong_way_to_draw_gets_its_own_hint(wrong, hint):
    names_the_mistake(fundamentals.draw_apart, wrong, hint)


@pytest.mark.parametrize("wrong, said", [
    (lambda drawings, *, shot, queries, rng: order(drawings, rng)[:shot], "2 parts"),
    (lambda drawings, *, shot, queries, rng: (1 + order(drawings, rng)[:shot], range(queries)), "not exist"),
    (lambda drawings, *, shot, queries, rng: (3, 5), "list or tensor"),
])
def test_other_ways_to_draw_are_rejected_with_a_sentence(wrong, said):
    assert said in rejected(fundamentals.draw_apart, wrong)


def turned(characters):
    return [(character, turn) for character in characters for turn in TURNS]


def split_then_turn(characters, *, held_out, rng):
    shuffled = [characters[i] for i in order(len(characters), rng)]
    return turned(shuffled[held_out:]), turned(shuffled[:held_out])


def by_set_of_indices(characters, *, held_out, rng):
    test = set(order(len(characters), rng)[:held_out].tolist())
    sides = [[], []]
    for i, character in enumerate(characters):
        sides[i in test] += [[character, turn] for turn in TURNS]
    return tuple(sides)


@pytest.mark.parametrize("right", [split_then_turn, by_set_of_indices])
def test_a_split_by_character_is_accepted(right):
    fundamentals.split_characters(right)


def program_b(characters, *, held_out, rng):
    classes = turned(characters)
    shuffled = [classes[i] for i in order(len(classes), rng)]
    return shuffled[4 * held_out :], shuffled[: 4 * held_out]


def slices_overlap(characters, *, held_out, rng):
    shuffled = [characters[i] for i in order(len(characters), rng)]
    return turned(shuffled[held_out - 1 :]), turned(shuffled[:held_out])


def slices_leave_a_gap(characters, *, held_out, rng):
    shuffled = [characters[i] for i in order(len(characters), rng)]
    return turned(shuffled[held_out + 1 :]), turned(shuffled[:held_out])


def test_is_not_turned(characters, *, held_out, rng):
    train, test = split_then_turn(characters, held_out=held_out, rng=rng)
    return train, [(character, turn) for character, turn in test if turn == 0]


test_is_not_turned.__test__ = False


def swapped(characters, *, held_out, rng):
    return split_then_turn(characters, held_out=held_out, rng=rng)[::-1]


def last_characters(characters, *, held_out, rng):
    return turned(characters[:-held_out]), turned(characters[-held_out:])


def split_without_rng(characters, *, held_out, rng):
    return split_then_turn(characters, held_out=held_out, rng=None)


def first_never_held_out(characters, *, held_out, rng):
    train, test = split_then_turn(characters[1:], held_out=held_out, rng=rng)
    return train + turned(characters[:1]), test


@pytest.mark.parametrize("wrong, hint", [
    (program_b, "split the characters, then turn them"),
    (slices_overlap, "the two slices overlap"),
    (slices_leave_a_gap, "the two slices leave a gap"),
    (test_is_not_turned, "four turns for every character"),
    (swapped, "training and test are swapped"),
    (last_characters, "nothing random is drawn"),
    (split_without_rng, "without `generator=rng`"),
    (first_never_held_out, "only a part of the characters is shuffled"),
])
def test_every_wrong_split_gets_its_own_hint(wrong, hint):
    names_the_mistake(fundamentals.split_characters, wrong, hint)


@pytest.mark.parametrize("wrong, said", [
    (lambda characters, *, held_out, rng: (characters[2:], characters[:2]), "a list of (character, turn)"),
    (lambda characters, *, held_out, rng: turned(characters), "2 parts"),
    (lambda characters, **rest: (2 * turned(characters[2:]), turned(characters[:2])), "there twice"),
])
def test_other_splits_are_rejected_with_a_sentence(wrong, said):
    assert said in rejected(fundamentals.split_characters, wrong)


@pytest.mark.parametrize("right", [
    lambda validation, test: test[validation.argmax()],
    lambda validation, test: max(zip(validation.tolist(), test.tolist()))[1],
])
def test_the_score_of_the_checkpoint_chosen_on_validation_is_accepted(right):
    fundamentals.score_to_publish(right)


@pytest.mark.parametrize("wrong, hint", [
    (lambda validation, test: test.max(), "choosing on test"),
    (lambda validation, test: validation.max(), "it was used to choose"),
    (lambda validation, test: validation[test.argmax()], "swapped"),
    (lambda validation, test: test[-1], "the last checkpoint"),
    (lambda validation, test: test.mean(), "the mean over all checkpoints"),
    (lambda validation, test: validation.argmax(), "the number of the checkpoint"),
])
def test_every_wrong_score_gets_its_own_hint(wrong, hint):
    names_the_mistake(fundamentals.score_to_publish, wrong, hint)


def test_a_score_that_ignores_its_arguments_is_rejected():
    assert "0.3" in rejected(fundamentals.score_to_publish, lambda validation, test: 0.65)


@pytest.mark.parametrize("check", [fundamentals.name_the_leaks, fundamentals.draw_apart,
                                   fundamentals.split_characters, fundamentals.score_to_publish])
def test_a_blank_is_not_attempted_yet(check):
    with pytest.raises(NotAttempted):
        check(blank)
