"""What the benchmarks count, where a clock is of no use."""
import importlib

import pytest
import torch

NARROW = dict(size=16, queries=2, channels=(4, 4, 4, 4), norm="none")


@pytest.fixture
def load(monkeypatch, repository):
    """A script's module, which finds its neighbors as it does when it is run."""
    monkeypatch.syspath_prepend(repository / "benchmarks")
    return importlib.import_module


@pytest.mark.parametrize("recompute", [False, True])
def test_tensors_without_numbers_are_as_large_as_others(load, recompute):
    memory, case = load("memory"), dict(tasks=1, steps=1, over="loop", recompute=recompute, **NARROW)
    real = memory.cost(memory.meta_gradient("cpu", **case)).peak_bytes
    assert memory.counted(**case) == pytest.approx(real / 1e9, rel=1e-9)


def test_twice_the_tasks_need_twice_the_memory(load):
    counted, case = load("memory").counted, dict(steps=1, over="vmap", recompute=False, **NARROW)
    assert counted(tasks=2, **case) == pytest.approx(2 * counted(tasks=1, **case), rel=0.1)


@pytest.mark.parametrize("operation, kind", [
    ("aten::mkldnn_convolution", "convolutions"), ("aten::convolution_backward", "convolutions"),
    ("aten::baddbmm", "matrix products"), ("aten::native_batch_norm_backward", "batch norm"),
    ("aten::max_pool2d_with_indices", "pooling"), ("aten::mul", "elementwise"), ("aten::sum", "sums"),
    ("aten::threshold_backward", "elementwise"), ("aten::copy_", "copies"), ("aten::im2col", "copies"),
    ("aten::t", "views and empty tensors"), ("aten::empty_strided", "views and empty tensors"),
])
def test_an_operation_is_of_its_kind(load, operation, kind):
    assert load("kinds").kind(operation) == kind


def test_what_no_operation_covers_is_python(load):
    shares = load("kinds").share_of_kinds({"aten::mm": 1.0, "aten::addmm": 2.0, "aten::mul": 0.5}, taken=4.0)
    assert shares["matrix products"] == 0.75
    assert shares["elementwise"] == shares["Python and autograd"] == 0.125


def test_a_step_that_multiplies_matrices_is_arithmetic(load):
    profiling, a = load("meta_step_profile"), torch.rand(300, 300)
    times = profiling.times_on_cpu(lambda: [a @ a.T for _ in range(5)], rounds=2)
    assert load("kinds").share_of_kinds(times, sum(times.values()))["matrix products"] > 0.5


def test_operations_of_a_step_are_those_of_a_pencil(load):
    measuring, a = load("measuring"), torch.rand(3, 4, device="meta")
    assert measuring.operations(lambda: a @ a.T) == 2 * 3 * 4 * 3
