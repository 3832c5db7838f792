"""Methods that share a chart keep apart, for eyes that lack one kind of cone, too."""
from itertools import combinations

import numpy as np
import pytest

from metacourse.figures.style import BLUE, METHODS, SOFT

# What remains of linear RGB for each eye (Machado, Oliveira and Fernandes, 2009, severity 1.0).
EYES = {
    "three kinds of cones": np.eye(3),
    "no red cones": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                              [-0.003882, -0.048116, 1.051998]]),
    "no green cones": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                                [-0.011820, 0.042940, 0.968881]]),
    "no blue cones": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                               [0.004733, 0.691367, 0.303900]]),
}
# From linear RGB to the three cones, and from their cube roots to Oklab (Ottosson, 2020).
CONES = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                  [0.0883024619, 0.2817188376, 0.6299787005]])
OKLAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                  [0.0259040371, 0.7827717662, -0.8086757660]])
SEEN = 0.05                                                  # a bare difference in Oklab is about 0.02

CHARTS = {
    "gradients of chapter 2": {**{name: METHODS[name] for name in ("maml", "fomaml", "reptile", "anil")},
                               "joint training": BLUE, "random start": SOFT, "finite differences": "#8c8c8c"},
    "chapter 3": {name: METHODS[name] for name in (
        "pixels", "scratch", "simpleshot", "cosinehead", "logistic", "finetune", "protonet", "matching",
        "siamese", "relation", "maml", "fomaml", "reptile", "anil")},
    "two domains": {"source only": SOFT, **{name: METHODS[name] for name in (
        "adabn", "coral", "mmd", "dann", "oracle")}},
    "pretraining": {name: METHODS[name] for name in ("scratch", "pretrained", "simclr", "moco")},
}


def linear(color: str) -> np.ndarray:
    values = np.array([int(color[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def apart(one: str, other: str, eye: str) -> float:
    """Distance in Oklab, in which equal steps look about equally large; black and white are 1 apart."""
    places = [OKLAB @ np.cbrt(CONES @ np.clip(EYES[eye] @ linear(color), 0, 1)) for color in (one, other)]
    return float(np.linalg.norm(places[0] - places[1]))


def test_black_and_white_are_one_apart_for_every_eye():
    assert [apart("#000000", "#ffffff", eye) for eye in EYES] == pytest.approx([1] * 4, abs=1e-3)


def test_red_and_green_come_close_without_green_cones():
    assert apart("#c05020", "#5f9e00", "three kinds of cones") > 0.2
    assert apart("#c05020", "#7f7f00", "no green cones") < 0.07


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("chart", CHARTS)
def test_methods_that_share_a_chart_are_told_apart(chart, eye):
    close = {pair: apart(*(CHARTS[chart][name] for name in pair), eye)
             for pair in combinations(CHARTS[chart], 2)}
    assert {pair: round(gap, 3) for pair, gap in close.items() if gap < SEEN} == {}


def test_every_method_has_a_color_of_its_own():
    assert len({color.upper() for color in METHODS.values()}) == len(METHODS)
