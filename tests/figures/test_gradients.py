import numpy as np
import pytest

from metacourse import figures
from metacourse.figures.gradients import follows


def test_the_factor_of_the_pencil_example_crosses_zero_where_alpha_times_curvature_is_one():
    H, factor = follows(0.1, 1)
    assert (H[0], H[-1]) == (0, 20) and np.interp(10, H, factor) == pytest.approx(0, abs=1e-9)
    assert np.interp(1, H, factor) == pytest.approx(0.9)                     # section 2.3's I − αH


@pytest.mark.parametrize("steps, said", [(0, "Without a step"), (1, "wrong sign"), (2, "overshoots cancel")])
def test_the_curvature_picture_says_whether_signs_differ(steps, said):
    assert said in figures.curvature(inner_lr=0.1, inner_steps=steps).alt


def test_the_graph_tells_its_product_in_the_right_order():
    assert "(I − αH₀)(I − αH₁)∇ℒ(φ₂; 𝒬)" in figures.graph().alt
