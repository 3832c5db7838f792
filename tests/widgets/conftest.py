"""In these tests an error inside a widget's answer is an error."""
import pytest

from metacourse.widgets.base import Explorer


@pytest.fixture(autouse=True)
def strict(monkeypatch):
    monkeypatch.setattr(Explorer, "strict", True)
