"""Right and wrong class means."""
import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, few_shot
from metacourse.methods import protonet
from tests.checks.saying import blank, names_the_mistake, rejected

check = few_shot.prototypes


def by_loops(z):
    return torch.stack([sum(shots) / len(shots) for shots in z])


@pytest.mark.parametrize("right", [
    lambda z: z.mean(1),
    lambda z: z.mean(dim=-2),
    lambda z: torch.einsum("wsd->wd", z) / z.shape[1],
    lambda z: z.sum(1) / z.shape[1],
    by_loops,
    protonet.prototypes,
])
def test_every_right_mean_is_accepted(right):
    check(right)


@pytest.mark.parametrize("wrong, hint", [
    (lambda z: z.mean(0), "the mean runs over the classes"),
    (lambda z: z.mean(-1), "over the numbers of an embedding"),
    (lambda z: z.mean((0, 1)), "each class has its own"),
    (lambda z: z.mean((0, 1)).expand(z.shape[0], z.shape[2]), "one mean over all classes"),
    (lambda z: z.mean(1, keepdim=True), "`keepdim`"),
    (lambda z: z.sum(1), "the sum is not divided"),
    (lambda z: z.sum(1) / len(z), "divided by the number of classes"),
    (lambda z: z.sum(1) / (z.shape[1] - 1), "one less than there are shots"),
    (lambda z: z.median(1).values, "the median"),
    (lambda z: z[:, 0], "only the first shot"),
    (lambda z: F.normalize(z.mean(1), dim=-1), "brought to length 1"),
    (lambda z: torch.stack([z[k].mean(0) for k in range(5)]), "a number of classes, shots or pictures"),
    (lambda z: z.reshape(5, -1, z.shape[-1]).mean(1), "a number of classes, shots or pictures"),
    (lambda z: z.mean(1).detach(), "cuts the graph"),
    (lambda z: torch.tensor(z.mean(1).tolist()), "cuts the graph"),
    (lambda z: torch.as_tensor(z.numpy().mean(1)), "cuts the graph"),
    (lambda z: z.sub_(z.mean((0, 1))).mean(1), "an operation that ends in `_`"),
])
def test_every_wrong_mean_gets_its_own_hint(wrong, hint):
    names_the_mistake(check, wrong, hint)


def test_a_mean_over_classes_that_happen_to_be_as_many_as_shots_is_rejected():
    assert rejected(check, lambda z: z.mean(0 if z.shape[0] == z.shape[1] else 1))


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        check(blank)
