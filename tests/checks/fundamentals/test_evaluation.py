"""Right and wrong intervals."""
import math
import statistics

import numpy as np
import pytest
import torch

from metacourse.checks import NotAttempted, fundamentals
from tests.checks.saying import blank, names_the_mistake, rejected

check = fundamentals.interval


def in_torch(accuracies):
    return accuracies.mean(), 1.96 * accuracies.std() / len(accuracies) ** 0.5


def in_numpy(accuracies):
    values = np.asarray(accuracies, dtype=float)
    return np.mean(values), 1.959964 * values.std(ddof=1) / np.sqrt(values.size)


def in_plain_python(accuracies):
    values = accuracies.tolist()
    return [statistics.mean(values), 1.96 * statistics.stdev(values) / math.sqrt(len(values))]


def as_one_tensor(accuracies):
    return torch.stack([accuracies.mean(), 1.96 * (accuracies.var() / len(accuracies)).sqrt()])


@pytest.mark.parametrize("right", [in_torch, in_numpy, in_plain_python, as_one_tensor])
def test_every_right_way_is_accepted(right):
    check(right)


@pytest.mark.parametrize("half, hint", [
    (lambda a: a.std(), "standard deviation of single episodes"),
    (lambda a: 1.96 * a.std(), "divide by √n"),
    (lambda a: a.std() / len(a) ** 0.5, "one standard error"),
    (lambda a: 2 * a.std() / len(a) ** 0.5, "papers take 1.96"),
    (lambda a: 2.776445 * a.std() / len(a) ** 0.5, "Student's t"),
    (lambda a: 1.96 * a.std() / (len(a) - 1) ** 0.5, "√(n − 1) instead of √n"),
    (lambda a: 1.96 * a.std() / len(a), "divided by n instead of √n"),
    (lambda a: 1.96 * a.var() / len(a) ** 0.5, "the variance instead of its root"),
    (lambda a: 1.96 * a.var() / len(a), "the variance of the mean"),
    (lambda a: 1.96 * a.std(correction=0) / len(a) ** 0.5, "n − 1 (ddof = 1"),
    (lambda a: 2 * 1.96 * a.std() / len(a) ** 0.5, "half of it stands behind the ±"),
    (lambda a: 196 * a.std() / len(a) ** 0.5, "percent"),
    (lambda a: a.mean() + 1.96 * a.std() / len(a) ** 0.5, "the upper end"),
])
def test_every_wrong_width_gets_its_own_hint(half, hint):
    names_the_mistake(check, lambda accuracies: (accuracies.mean(), half(accuracies)), hint)


@pytest.mark.parametrize("mean, hint", [
    (lambda a: 100 * a.mean(), "percent"),
    (lambda a: a.mean() - 1.96 * a.std() / len(a) ** 0.5, "the ends of the interval"),
])
def test_every_wrong_mean_gets_its_own_hint(mean, hint):
    names_the_mistake(check, lambda a: (mean(a), 1.96 * a.std() / len(a) ** 0.5), hint)


def test_the_two_ways_to_divide_are_told_apart_at_400_episodes_too():
    def forgets_one_only_there(a):
        return a.mean(), 1.96 * a.std(correction=int(len(a) < 100)) / len(a) ** 0.5
    names_the_mistake(check, forgets_one_only_there, "n − 1 (ddof = 1")


@pytest.mark.parametrize("wrong, said", [
    (lambda a: a.mean(), "2 parts"),
    (lambda a: (a, a), "the mean should be one number"),
    (lambda a: (a.mean(), torch.tensor(0.13859)), "400 episodes"),
    (lambda a: (a.mean(), float("nan")), "half the width is not right"),
    (lambda a: (a.mean(), "0.25 ± 0.1"), "half the width should be one number"),
])
def test_other_answers_are_rejected_with_a_sentence(wrong, said):
    assert said in rejected(check, wrong)


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        check(blank)
