import pytest
import torch


@pytest.fixture
def two_cores(request):
    """As on a machine with two cores, whatever the machine; for tests that go over tasks in threads.

    (A parameter `over` that says otherwise keeps one core: two of them inside operations, on a busy machine,
    wait for each other.)
    """
    before, over = torch.get_num_threads(), getattr(request.node, "callspec", None)
    if over is None or over.params.get("over", "threads") in ("auto", "threads"):
        torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
