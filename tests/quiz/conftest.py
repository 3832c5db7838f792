"""Every test begins on an empty page."""
import ipywidgets
import pytest

from metacourse.quiz import prediction


@pytest.fixture(autouse=True)
def empty_page():
    """Widgets and revealed answers of one test are gone in the next."""
    yield
    ipywidgets.Widget.close_all()
    prediction._revealed.clear()
