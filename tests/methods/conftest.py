import pytest
import torch


@pytest.fixture
def two_cores():
    """As on a machine with two cores, whatever the machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
