"""What the widgets share: an answer to every event, a still picture, and errors that somebody sees."""
from importlib.resources import files
from typing import ClassVar

import anywidget
from traitlets import Int, TraitError, Unicode

from metacourse.figures.style import Picture


def script(*names: str) -> str:
    """JavaScript or CSS files of this folder, one after the other."""
    return "\n".join((files(__package__) / name).read_text("utf-8") for name in names)


class Explorer(anywidget.AnyWidget):
    """Controls that the page sets, and what Python answers to them.

    A subclass names its `controls` and writes `answer`, which sets the traits that the page draws, and
    `still`.
    The page counts its events in `asked`; when they are answered, `answered` has caught up.
    """

    controls: ClassVar[tuple[str, ...]] = ()
    strict: ClassVar[bool] = False                           # in tests an error is raised, not only shown
    asked = Int(0).tag(sync=True)
    answered = Int(0).tag(sync=True)
    version = Int(0).tag(sync=True)                          # how often the figure has changed
    status = Unicode("").tag(sync=True)                      # the present state in words
    problem = Unicode("").tag(sync=True)                     # what went wrong, if something did
    _css = script("base.css")
    _ipython_display_ = None                                 # ipywidgets 7 would display without the picture

    def __init__(self, **traits):
        super().__init__(**traits)
        self._settled = None
        self._settle()
        self.observe(self._settle, [*self.controls, "asked"])

    def answer(self) -> None:
        """Set what the page draws, from the controls."""
        raise NotImplementedError

    def still(self) -> Picture:
        """The present state as a picture."""
        raise NotImplementedError

    def within_limits(self, proposal):
        """The value proposed for a trait; TraitError where it is not within `limits` {trait: [low, high]}."""
        name, value = proposal["trait"].name, proposal["value"]
        low, high = self.limits[name]
        if not low <= value <= high:
            raise TraitError(f"{name}={value}: choose {low} to {high}")
        return value

    def _settle(self, _change=None) -> None:
        state = tuple(getattr(self, control) for control in self.controls)
        with self.hold_sync():
            if state != self._settled:
                self._settled = state
                self._try_to_answer()
                self.version += 1
            self.answered = self.asked

    def _try_to_answer(self) -> None:
        self.problem = ""
        try:
            self.answer()
        except Exception as error:                           # Jupyter would swallow it: show it in the widget
            self.problem = f"{type(error).__name__}: {error}"
            if self.strict:
                raise

    def __repr__(self) -> str:
        state = ", ".join(f"{control}={getattr(self, control)!r}" for control in self.controls)
        return f"{type(self).__name__}({state})"

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        """The live widget, and its still picture for pages that cannot run it."""
        view, about_view = super()._repr_mimebundle_(**kwargs)
        picture, about_picture = self.still()._repr_mimebundle_()
        return picture | view, about_picture | about_view
