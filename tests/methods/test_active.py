from itertools import pairwise

import pytest
import torch
from torch.func import vmap

from metacourse.methods import active, protonet

POOL = torch.tensor([[0.0], [10.0], [1.0], [4.9], [9.0], [5.6]])              # two classes around 0 and 10
TRUTH = torch.tensor([0, 1, 0, 0, 1, 1])
KNOWN = torch.tensor([True, True, False, False, False, False])


def asked(history):
    """The pictures in the order in which they were labeled."""
    return [(after ^ before).nonzero().item() for before, after in pairwise(history)]


def test_the_picture_between_two_classes_is_asked_for_first():
    for kind in active.KINDS:
        history = active.label(POOL, TRUTH, KNOWN, way=2, budget=1, kind=kind)
        assert asked(history) == [3]


def test_prototypes_move_with_every_answer():
    # 4.9 belongs to class 0, whose prototype moves to 2.45; the border moves from 5 to 6.2, and 5.6 is next
    history = active.label(POOL, TRUTH, KNOWN, way=2, budget=2)
    assert asked(history) == [3, 5]
    c = active.prototypes(POOL, TRUTH, history[1], way=2)
    torch.testing.assert_close(c, torch.tensor([[2.45], [10.0]]))


def test_uncertainty_by_hand():
    log_p = torch.tensor([[0.5, 0.5, 0.0], [0.7, 0.2, 0.1], [1.0, 0.0, 0.0]]).log()
    torch.testing.assert_close(active.uncertainty(log_p, "margin"), torch.tensor([0.0, -0.5, -1.0]))
    torch.testing.assert_close(active.uncertainty(log_p, "least sure"), torch.tensor([-0.5, -0.7, -1.0]))
    torch.testing.assert_close(active.uncertainty(log_p)[[0, 2]], torch.tensor([2.0, 1.0]).log())


def test_entropy_and_margin_may_disagree():
    log_p = torch.tensor([[0.45, 0.45, 0.1], [0.4, 0.3, 0.3]]).log()
    assert active.uncertainty(log_p, "margin").argmax() == 0
    assert active.uncertainty(log_p, "entropy").argmax() == 1


def test_luck_asks_for_the_luckiest_and_for_none_twice():
    luck = torch.tensor([0.9, 0.8, 0.1, 0.2, 0.4, 0.3])
    assert asked(active.label(POOL, TRUTH, KNOWN, way=2, budget=4, luck=luck)) == [4, 5, 3, 2]


def test_the_answer_none_of_these_costs_a_question_and_moves_nothing():
    strange = torch.where(torch.arange(6) == 3, -1, TRUTH)
    history = active.label(POOL, strange, KNOWN, way=2, budget=2)
    assert asked(history) == [3, 5]
    torch.testing.assert_close(active.prototypes(POOL, strange, history[1], way=2), POOL[:2])


def test_labels_that_were_not_asked_for_change_nothing():
    lied = torch.where(torch.arange(6) == 2, 1, TRUTH)                       # nobody asks about picture 2
    honest, other = (active.label(POOL, y, KNOWN, way=2, budget=2) for y in (TRUTH, lied))
    assert honest.equal(other)


def test_prototypes_are_those_of_protonet():
    z, y = torch.randn(12, 5), torch.arange(3).repeat_interleave(4)
    torch.testing.assert_close(active.prototypes(z, y, torch.ones(12, dtype=torch.bool), way=3),
                               protonet.prototypes(z.view(3, 4, 5)))


def test_many_tasks_at_once_are_the_tasks_one_by_one():
    rng = torch.Generator().manual_seed(0)
    z, y = torch.randn(4, 10, 3, generator=rng), torch.arange(2).repeat(4, 5)
    known = (torch.arange(10) < 2).expand(4, 10)
    together = vmap(lambda z, y, known: active.label(z, y, known, way=2, budget=3))(z, y, known)
    alone = [active.label(z[i], y[i], known[i], way=2, budget=3) for i in range(4)]
    assert together.equal(torch.stack(alone))


@pytest.mark.parametrize("wrong, message", [
    (dict(kind="doubt"), "kind='doubt'; wanted one of 'entropy', 'margin', 'least sure'"),
    (dict(budget=7), "budget=7 for a pool of 6 pictures; wanted 0 to as many"),
])
def test_what_cannot_be_asked_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        active.label(POOL, TRUTH, KNOWN, **{"way": 2, "budget": 1, **wrong})
