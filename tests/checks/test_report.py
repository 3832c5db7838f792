"""A report is short, whatever came."""
import pytest
import torch

from metacourse.checks.report import CheckFailed, call, show
from metacourse.episode import Examples


@pytest.mark.parametrize("value, shown", [
    (0.123456, "0.1235"),
    (torch.tensor([[1.0, 2.5]]), "float32 tensor([[1, 2.5]])"),
    (torch.zeros(3, 4, 5), "float32 tensor [3, 4, 5]"),
    (Examples(torch.zeros(20), torch.tensor([1])), "Examples(x=float32 tensor [20], y=int64 tensor([1]))"),
    ({"w": torch.zeros(2)}, "{'w': float32 tensor([0, 0])}"),
    ((1, "two"), "(1, 'two')"),
    (torch.Generator().manual_seed(4), "<generator, seed 4>"),
])
def test_values_are_shown_in_a_few_words(value, shown):
    assert show(value) == shown


def test_long_values_are_cut():
    assert len(show(list(range(10_000)))) == 300


def test_a_value_that_cannot_show_itself_is_named_by_its_type():
    class Half:
        def __repr__(self):
            return self.missing
    assert show(Half()) == "an object of type Half"


def test_a_call_reads_as_it_was_written():
    assert call("f", (1,), {"way": 5}) == "f(1, way=5)"


def test_parts_that_are_not_there_take_no_line():
    assert str(CheckFailed("no", wanted="yes")) == "✗ no\n    wanted: yes"


def test_several_lines_stay_in_their_column():
    assert str(CheckFailed("no", came="a\nb")).splitlines()[1:] == ["    came:   a", "            b"]
