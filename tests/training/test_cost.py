"""Bytes as a pencil counts them."""
import pytest
import torch

from metacourse.training.cost import Cost, cost

MB = 1_000_000


def ones(megabytes):
    return torch.ones(megabytes * MB // 4)


@pytest.mark.parametrize("f, megabytes", [
    (lambda: ones(3), 3),
    (lambda: [ones(1), ones(2)], 3),                                     # both alive at once
    (lambda: [ones(2).sum(), ones(2).sum()], 2),                         # one after the other
    (lambda: ones(2)[:10].view(2, 5).T, 2),                              # a view takes nothing
    (lambda: ones(2).add_(1), 2),                                        # nor does working in place
])
def test_the_peak_is_that_of_the_pencil(f, megabytes):
    assert cost(f).peak_bytes == pytest.approx(megabytes * MB, abs=100)


def test_what_was_there_before_does_not_count():
    x = ones(4)
    assert cost(lambda: x.view(2, -1)[0].mul_(1)).peak_bytes == 0


def test_backward_keeps_what_it_will_need():
    x = ones(1).requires_grad_()

    def forward(depth):
        y = x
        for _ in range(depth):
            y = y.exp()                                                  # its output is kept for backward
        return y.sum()
    assert cost(lambda: forward(5)).peak_bytes == pytest.approx(5 * MB, abs=100)
    with torch.no_grad():
        assert cost(lambda: forward(5)).peak_bytes == pytest.approx(2 * MB, abs=100)


def test_the_count_is_the_same_in_every_run_and_reads_like_a_bill():
    gradient = torch.func.grad(lambda x: (x ** 3).sum())
    assert len({cost(lambda: gradient(ones(1))).peak_bytes for _ in range(3)}) == 1
    assert repr(Cost(1.234, 5_600_000)) == "Cost(1.23 s, 5.6 MB)"
