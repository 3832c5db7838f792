"""What every widget promises, shown on the smallest one."""
import json

import pytest
from traitlets import Int

from metacourse.figures import three_families
from metacourse.widgets import EpisodeExplorer, IntervalExplorer
from metacourse.widgets.base import Explorer, script

VIEW = "application/vnd.jupyter.widget-view+json"


class Doubler(Explorer):
    controls = ("number",)
    number = Int(1).tag(sync=True)
    double = Int(0).tag(sync=True)
    _esm = script("base.js")

    def answer(self):
        self.double = 12 // self.number * self.number * 2

    def still(self):
        return three_families()


def from_the_page(widget, **state):
    """What happens when the browser sends new values."""
    widget.set_state({**state, "asked": widget.asked + 1})


def test_a_widget_has_answered_before_it_is_shown():
    assert Doubler().double == 24


def test_every_event_is_answered_and_counted_once():
    widget = Doubler()
    from_the_page(widget, number=5)
    assert (widget.double, widget.version, widget.asked, widget.answered) == (20, 2, 1, 1)
    from_the_page(widget, number=5)                                     # nothing new: counted, not computed
    assert (widget.version, widget.asked, widget.answered) == (2, 2, 2)


def test_a_control_set_from_python_is_answered_too():
    widget = Doubler()
    widget.number = 4
    assert widget.double == 24 and widget.version == 2


def test_an_error_is_shown_in_the_widget_and_fatal_in_tests(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        Doubler().number = 0
    monkeypatch.setattr(Explorer, "strict", False)
    widget = Doubler()
    from_the_page(widget, number=0)
    assert widget.problem == "ZeroDivisionError: integer division or modulo by zero"
    assert widget.answered == 1
    from_the_page(widget, number=3)
    assert widget.problem == ""


def test_a_widget_carries_a_described_picture_for_pages_that_cannot_run_it():
    data, metadata = Doubler()._repr_mimebundle_()
    assert data[VIEW]["model_id"] and data["image/png"]
    assert data["text/plain"] == "Doubler(number=1)"
    assert metadata["image/png"]["alt"].startswith("What changes from task to task?")
    json.dumps([data, metadata])


def test_ipython_takes_the_bundle_and_not_the_plain_display_of_old_ipywidgets():
    assert Doubler()._ipython_display_ is None


@pytest.mark.parametrize("widget", [EpisodeExplorer, IntervalExplorer])
def test_scripts_and_styles_come_with_the_package(widget):
    assert "export default { render };" in widget._esm
    assert "function slider(" in widget._esm and ".mc-status" in widget._css
