"""Temperature: every softened answer is the library's, and no temperature changes who is likeliest."""
import itertools
import json

import pytest
import torch
from traitlets import TraitError

from metacourse.figures.temperature import TEMPERATURES
from metacourse.methods import distillation
from metacourse.widgets import Temperature

IMAGES = torch.arange(2 * 1 * 3 * 4, dtype=torch.uint8).view(2, 1, 3, 4)
LOGITS = torch.tensor([[0.0, 2.0, 1.0], [5.0, 0.0, 0.0]])


@pytest.fixture
def explorer():
    return Temperature(LOGITS, IMAGES, ["a", "b", "c"], torch.tensor([2, 0]))


def test_it_starts_with_the_first_picture_at_temperature_one(explorer):
    assert repr(explorer) == "Temperature(picture=0, temperature=1.0)"
    # e² / (e² + e + 1) = 0.665, and the others get 0.245 and 0.090
    assert explorer.status == ("At T = 1 the likeliest is b with 0.67, and 0.33 is left for the others. The "
                               "entropy is 1.20 bits: as unsure as an even choice among 2.3 classes.")
    assert explorer.about["pictures"] == ["picture 1, labeled c", "picture 2, labeled a"]
    assert bytes(explorer.atlas) == IMAGES.numpy().tobytes()


def test_bars_are_softened_as_distillation_softens_them(explorer):
    for picture, (at, T) in itertools.product(range(2), enumerate(TEMPERATURES)):
        p = distillation.soften(LOGITS[picture:picture + 1].double(), temperature=T)[0]
        assert explorer.answers[picture]["p"][at] == pytest.approx(p.tolist(), abs=1e-4)


def test_hotter_is_less_sure_and_the_likeliest_stays(explorer):
    for answer, best in zip(explorer.answers, (1, 0)):
        assert answer["entropy"] == sorted(answer["entropy"])
        assert answer["entropy"][-1] <= explorer.about["most"]
        assert all(p[best] == max(p) for p in answer["p"])


def test_of_many_classes_the_likeliest_are_shown_and_the_others_are_summed():
    logits = torch.zeros(2, 40)
    logits[:, 17] = 3
    first, second = Temperature(logits, IMAGES, y=[17, 39]).answers
    assert len(first["rows"]) == 11 and first["rows"][0] == "class 17" and first["rows"][-1] == "30 others"
    assert first["label"] == 0 and second["label"] is None
    assert all(sum(p) == pytest.approx(1, abs=1e-3) for p in first["p"])


def test_every_picture_at_every_temperature_has_its_words(explorer):
    for picture, T in itertools.product(range(2), TEMPERATURES):
        explorer.set_state({"picture": picture, "temperature": T})
        assert explorer.status.startswith(f"At T = {T:g} the likeliest is {'ba'[picture]} with ")
    json.dumps(explorer.get_state(["about", "answers"]), allow_nan=False)


@pytest.mark.parametrize("control, value, message", [
    ("picture", 2, "picture=2: choose 0 to 1"), ("temperature", 0.0, "temperature=0: choose one of 0.5, 0.6"),
])
def test_what_cannot_be_shown_is_refused(explorer, control, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(explorer, control, value)


@pytest.mark.parametrize("given, message", [
    (dict(logits=LOGITS[:, :1]), "two classes or more"), (dict(logits=LOGITS / 0), "finite numbers"),
    (dict(images=IMAGES[:1]), "for 2 rows of logits"), (dict(images=IMAGES.float()), "torch.float32"),
    (dict(logits=LOGITS.repeat(9, 1), images=IMAGES.repeat(9, 1, 1, 1)), "18 pictures: wanted 16 or fewer"),
    (dict(names=["a"]), "1 names for 3 classes"), (dict(y=[0, 3]), r"labels \[0, 3\].*from 0 to 2"),
])
def test_what_it_cannot_work_with_is_told(given, message):
    with pytest.raises(ValueError, match=message):
        Temperature(**{"logits": LOGITS, "images": IMAGES, **given})


def test_the_still_shows_the_present_temperature_between_two_others(explorer):
    explorer.set_state({"picture": 1, "temperature": 2.0})
    alt = explorer.still().alt
    assert all(f"T = {T}: " in alt for T in ("1", "2", "20")) and "for a, entropy" in alt
