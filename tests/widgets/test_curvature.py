"""The curvature explorer: the pencil's factor for every number of steps."""
import pytest
from traitlets import TraitError

from metacourse.widgets import CurvatureExplorer


@pytest.fixture
def explorer():
    return CurvatureExplorer()


def test_it_starts_at_one_step_of_the_chapters_rate(explorer):
    assert repr(explorer) == "CurvatureExplorer(inner_steps=1)"
    assert explorer.status.startswith("J = 1, odd: beyond H = 10, where αH > 1")


@pytest.mark.parametrize("steps, ends, lowest", [(0, 1, 1), (1, -1, -1), (2, 1, 0), (5, -1, -1), (6, 1, 0)])
def test_the_factor_is_that_of_the_pencil(explorer, steps, ends, lowest):
    explorer.inner_steps = steps
    H, factor = explorer.curve["H"], explorer.curve["factor"]
    assert (H[0], H[-1], factor[0], factor[-1]) == (0, 20, 1, ends) and min(factor) == pytest.approx(lowest)
    assert factor[50] == pytest.approx(0.5 ** steps, abs=1e-4)               # H = 5: 1 − αH = ½


@pytest.mark.parametrize("state, message", [({"inner_steps": 7}, "0 to 6"), ({"inner_lr": 0.0}, "above 0")])
def test_what_cannot_be_drawn_is_refused(state, message):
    with pytest.raises(TraitError, match=message):
        CurvatureExplorer(**state)


def test_the_still_picture_follows(explorer):
    explorer.inner_steps = 2
    assert "power 2 for α = 0.1" in explorer.still().alt and "overshoots cancel" in explorer.still().alt
