"""Whatever happens in the learner's function becomes a sentence."""
import pytest
import torch

from metacourse.checks import CheckFailed, NotAttempted
from metacourse.checks.attempt import Attempt
from metacourse.episode import Examples


def said(function, *args, **kwargs) -> str:
    with pytest.raises(CheckFailed) as failure:
        Attempt(function)(*args, **kwargs)
    return str(failure.value)


def test_a_good_call_returns_the_value_and_is_remembered():
    answer = Attempt(lambda x, *, scale: x * scale)
    assert answer(torch.ones(2), scale=3.0).tolist() == [3, 3]
    assert answer.called == "<lambda>(float32 tensor([1, 1]), scale=3)"


def stumbling(x):
    y = x + 1
    return y @ torch.ones(7)


def test_an_exception_shows_the_learners_own_line():
    report = said(stumbling, torch.ones(3))
    assert "RuntimeError" in report
    assert "in line" in report and "of `stumbling`: return y @ torch.ones(7)" in report
    assert "attempt.py" not in report and "Traceback" not in report


def test_an_exception_in_the_learners_other_function_shows_the_line_there():
    assert "of `stumbling`" in said(lambda x: stumbling(x), torch.ones(3))


def test_ending_the_program_is_an_exception_too():
    def leaves():
        raise SystemExit
    assert "SystemExit" in said(leaves)


def test_forgetting_return_is_named():
    assert "`return` is missing" in said(lambda x: None, 1)


def test_the_blank_is_not_attempted_but_a_missing_kernel_of_pytorch_is_an_exception():
    def blank():
        raise NotImplementedError

    def in_pytorch():
        raise NotImplementedError('"mean_cpu" not implemented for \'Byte\'')
    with pytest.raises(NotAttempted):
        Attempt(blank)()
    assert "mean_cpu" in said(in_pytorch)


def adds_in_place(images, *, way):
    images += way
    return images


@pytest.mark.parametrize("function, args, kwargs, name", [
    (adds_in_place, [torch.ones(2)], {"way": 1}, "images"),
    (lambda support: support.x.zero_(), [Examples(torch.ones(2), torch.ones(2))], {}, "support"),
    (lambda names: names.pop(), [["a", "b"]], {}, "names"),
    (lambda theta: theta.update(b=1) or 1, [{"w": torch.ones(1)}], {}, "theta"),
])
def test_a_changed_argument_is_named(function, args, kwargs, name):
    assert f"changed its argument `{name}` in place" in said(function, *args, **kwargs)


def test_the_caller_keeps_its_arguments_even_then():
    x = torch.ones(2)
    said(adds_in_place, x, way=1)
    assert x.tolist() == [1, 1]


def test_a_generator_may_move_on():
    rng = torch.Generator().manual_seed(0)
    answer = Attempt(lambda rng: torch.rand(1, generator=rng))
    assert answer(rng) != answer(rng)


def test_a_changed_signature_is_named():
    assert "the `def` line was changed" in said(lambda images, n_way: 1, torch.ones(1), way=5)
