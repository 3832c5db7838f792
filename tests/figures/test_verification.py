import numpy as np
import torch
from matplotlib.figure import Figure

from metacourse import figures
from metacourse.figures.verification import _curve
from metacourse.methods.verification import roc
from tests.figures.border import white_at_the_border

PERFECT = (torch.tensor([0.1, 0.2, 0.3, 1.0]), torch.tensor([True, True, True, False]))
CONFUSED = (torch.tensor([1.0, 1.0, 1.0, 1.0]), torch.tensor([True, False, True, False]))


def test_it_is_a_picture_that_says_its_numbers():
    picture = figures.verification({"ProtoNet": PERFECT, "raw pixels": CONFUSED}, title="Same or not?")
    assert len(picture.png) < 120_000 and picture.width <= 900 and picture.alt.startswith(picture.title)
    assert white_at_the_border(picture)
    assert "ProtoNet: equal error rate 0.0 %, area under the curve 1.000" in picture.alt
    assert "raw pixels: equal error rate 50.0 %, area under the curve 0.500" in picture.alt


def test_the_dot_lies_on_its_curve_where_both_errors_are_equal():
    axes = Figure().subplots()
    distance, same = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor([True, False, True, False])
    _curve(axes, "one", roc(distance, same), 0.5, "#000000")
    line, dot = (np.stack(drawn.get_data(), 1) for drawn in axes.lines)
    assert line.tolist() == [[0, 0], [0, 0.5], [0.5, 0.5], [0.5, 1], [1, 1]]
    assert dot.tolist() == [[0.5, 0.5]]
