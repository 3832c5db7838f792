"""How far φ follows θ, against curvature: one slider for the number of inner steps."""
from traitlets import Dict, Float, Int, TraitError, validate

from metacourse.figures.gradients import curvature, follows, in_words
from metacourse.figures.style import METHODS, Picture
from metacourse.widgets.base import Explorer, script

MOST = 6                                                     # steps


class CurvatureExplorer(Explorer):
    """(1 − αH)^J against H, beside the 1 that first order takes for it; where signs differ it is shaded."""

    controls = ("inner_steps",)
    inner_steps = Int(1).tag(sync=True)
    inner_lr = Float(0.1).tag(sync=True)                     # set once
    limits = Dict({"inner_steps": [0, MOST]}).tag(sync=True)
    curve = Dict().tag(sync=True)                            # the curvatures H, and the factor at each
    colors = Dict({"exact": METHODS["maml"], "first order": METHODS["fomaml"]}).tag(sync=True)
    _esm = script("base.js", "curvature.js")
    _css = script("base.css", "trajectory.css")

    def answer(self) -> None:
        """The factor for the present number of steps."""
        H, factor = follows(self.inner_lr, self.inner_steps)
        self.curve = {"H": H.round(4).tolist(), "factor": factor.round(9).tolist()}
        self.status = in_words(self.inner_lr, self.inner_steps)

    def still(self) -> Picture:
        """The present state as a picture."""
        return curvature(inner_lr=self.inner_lr, inner_steps=self.inner_steps)

    @validate("inner_steps")
    def _within_limits(self, proposal):
        if not 0 <= proposal["value"] <= MOST:
            raise TraitError(f"inner_steps={proposal['value']}: choose 0 to {MOST}")
        return proposal["value"]

    @validate("inner_lr")
    def _positive(self, proposal):
        if not proposal["value"] > 0:
            raise TraitError(f"inner_lr={proposal['value']}: wanted a rate above 0")
        return proposal["value"]
