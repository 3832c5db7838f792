"""Every figure, from data to a Picture with its description."""
import io
from typing import NamedTuple

import numpy as np
import pytest
import torch
from PIL import Image

from metacourse import figures
from metacourse.episode import Episode, Examples
from metacourse.figures import grids, measurements, style
from metacourse.results import NotRun
from tests.figures.border import white_at_the_border


class Drawings(NamedTuple):
    images: torch.Tensor
    names: tuple[str, ...]
    groups: tuple[str, ...]


class Score(NamedTuple):
    accuracy: float
    interval: float


def generator():
    return torch.Generator().manual_seed(0)


def image_set():
    images = torch.randint(0, 256, (6, 4, 1, 9, 9), generator=generator(), dtype=torch.uint8)
    return Drawings(images, tuple(f"{group}/{i}" for i, group in enumerate("AAABBB")), tuple("AAABBB"))


def one_task(way=3, shot=2, queries=4, channels=1):
    x = torch.rand(way, shot + queries, channels, 9, 9, generator=generator())
    y = torch.arange(way)[:, None].expand(way, shot + queries)
    return Episode(Examples(x[:, :shot], y[:, :shot]), Examples(x[:, shot:], y[:, shot:]))


LINE = np.linspace(-5, 5, 40)
SUPPORT = Examples(torch.zeros(2, 5, 1), torch.ones(2, 5, 1))
POINTS = torch.linspace(-5, 5, 40)[:, None]
ONE_SUPPORT = Examples(torch.zeros(5, 1), torch.ones(5, 1))
SCORES = {"MAML": Score(0.9, 0.01), "own": (0.5, 0.02)}
WALKS = {"MAML": {steps: torch.full((2, 40, 1), float(steps)) for steps in (0, 1)}}
CURVES = {"ProtoNet": ([1, 2], [0.2, 0.9], [0.1, 0.1]), "MAML": (torch.arange(2), torch.tensor([0.2, 0.9]))}
SOURCES = {"seeds": [0.8, 0.9], "episodes": torch.tensor([0.84, 0.86])}
SCORE = {"accuracy": 0.9, "interval": 0.01, "chance": 0.2}
SEEDS = {split: {seed: SCORE for seed in "012"} for split in ("train", "test")}
READER = {"model": {"way": 5}, "by_classes": {classes: SEEDS for classes in ("1000", "20", "200")}}
LEAK = {"honest": SCORE, "inflated": SCORE, "checkpoints": 13}
PICTURES = {
    "episode": lambda: figures.episode(one_task(), title="Which?", names=["a", "b_c", "d"]),
    "wide episode": lambda: figures.episode(one_task(20, 1, 1), title="Twenty?"),
    "color episode": lambda: figures.episode(one_task(channels=3), title="In color?"),
    "drawings": lambda: figures.drawings(image_set(), [0, 5], 3, "How different?"),
    "alphabets": lambda: figures.alphabets(image_set(), ["A", "B"], 2, "What is shared?"),
    "accuracies": lambda: figures.accuracies(SCORES, chance=0.2, title="Who?", colors={"own": "#000000"}),
    "curves": lambda: figures.curves(CURVES, x="step", y="accuracy", title="How fast?", chance=0.2),
    "log curves": lambda: figures.curves({"loss": ([1, 10, 100], [3, 2, 1])}, x="shots", y="loss",
                                         title="When does it stop?", log_x=True),
    "walks": lambda: figures.walks(WALKS, POINTS, SUPPORT, torch.zeros(2, 40, 1), title="Waves?"),
    "intervals": lambda: figures.intervals([0.8, 0.9, 0.7], [0.05, 0.05, 0.05], 0.82, title="How often?"),
    "spread": lambda: figures.spread(SOURCES, "What is left out?"),
    "two methods": lambda: figures.two_methods({"MAML": (0.8, 0.02), "ProtoNet": (0.82, 0.03)}, (-0.02, 0.01),
                                               [-0.02, 0.01, -0.01], -0.015, title="Which is better?"),
    "confusion": lambda: figures.confusion([[3, 1], [0, 0]], ["b", "d"], "Which?"),
    "sinusoids": lambda: figures.sinusoid_tasks(Episode(SUPPORT, SUPPORT), title="What is shared?"),
    "in context": lambda: figures.in_context(READER, f"How {'very ' * 12}many characters?"),
    "fixed labels": lambda: figures.fixed_labels({"model": {"way": 5}, "fixed": SEEDS, "reshuffled": SEEDS},
                                                 "What is learned?"),
    "leaks": lambda: figures.leaks({"query in support": LEAK}, "How much does a leak pay?"),
    "not run": lambda: figures.leaks(NotRun("protocol"), "How much does a leak pay?"),
    "fit": lambda: figures.fit({"MAML": np.cos(LINE)}, LINE, ONE_SUPPORT, np.sin(LINE), title="Which curve?"),
    "long tail": lambda: figures.long_tail([100, 10, 5, 1, 1], "How many?"),
    "three families": figures.three_families,
    "bilevel": figures.bilevel,
    "episode schema": figures.episode_schema,
}


@pytest.fixture(params=PICTURES, scope="module")
def picture(request):
    return PICTURES[request.param]()


def test_every_picture_is_a_small_png_that_describes_itself(picture):
    data, metadata = picture._repr_mimebundle_()
    image = Image.open(io.BytesIO(picture.png))
    assert image.format == "PNG" and len(picture.png) < 120_000
    assert data["text/plain"] == repr(picture) == f"<Picture: {picture.title}>"
    assert picture.title.endswith("?")
    assert picture.alt.startswith(picture.title) and len(picture.alt) > len(picture.title) + 20
    assert metadata["image/png"] == {"alt": picture.alt, "width": picture.width}
    assert picture.width <= 900                                      # fits a notebook's column


def test_nothing_is_cut_off_at_the_edges(picture):
    assert white_at_the_border(picture)


def test_figures_leave_nothing_open():
    from matplotlib import pyplot
    figures.bilevel()
    assert pyplot.get_fignums() == []


def test_two_drawings_of_the_same_data_are_the_same_bytes():
    assert figures.bilevel().png == figures.bilevel().png


@pytest.mark.parametrize("label, key", [
    ("MAML, 5 steps", "maml"), ("first-order MAML", "fomaml"), ("MAML++", "mamlplusplus"),
    ("Prototypical networks", "protonet"), ("raw pixels (cosine)", "pixels"), ("from scratch", "scratch"),
    ("in-context transformer", "incontext"), ("Meta-SGD", "metasgd"), ("fine-tuned head", "finetune"),
    ("SimpleShot (centered)", "simpleshot"), ("simple_shot", "simpleshot"), ("cosine head", "cosinehead"),
    ("Baseline++", "cosinehead"), ("logistic regression", "logistic"),
])
def test_a_method_keeps_its_color_under_each_of_its_names(label, key):
    assert style.color(label) == style.METHODS[key]


def test_unknown_labels_get_colors_that_no_named_method_uses():
    maml, *others = style.colors(["MAML", "one", "another"])
    assert maml == style.METHODS["maml"] and maml not in others and others[0] != others[1]


@pytest.mark.parametrize("x, whole", [([0, 5, 20], True), ([1, 2, 3], True), ([0.5, 1.5, 2.5], False)])
def test_steps_are_counted_in_whole_numbers_and_measures_are_not(monkeypatch, x, whole):
    drawn = []
    monkeypatch.setattr(measurements, "show", lambda it, **said: drawn.append(it) or style.show(it, **said))
    figures.curves({"MAML": (x, [3, 2, 1])}, x="steps", y="loss", title="How fast?")
    ticks = [float(tick.get_text().replace("−", "-")) for tick in drawn[0].axes[0].get_xticklabels()]
    assert all(map(float.is_integer, ticks)) is whole


def test_labels_beside_lines_keep_their_order_and_stand_apart():
    assert style.apart([0.5, 0.1, 0.5], gap=0.2) == pytest.approx([0.4, 0.1, 0.6], abs=1e-3)


def test_ink_is_dark_and_paper_is_white_whatever_the_dtype():
    ink = torch.full((1, 2, 2), 255, dtype=torch.uint8)
    assert grids.paper(ink).max() == 0 and grids.paper(ink.float() / 255).max() == 0
    assert grids.paper(torch.zeros(1, 2, 2)).min() == 1


def test_padding_of_a_varied_episode_stays_empty():
    episode = one_task()
    mask = torch.tensor([[True, False], [True, True], [True, True]])
    masked = Episode(episode.support._replace(mask=mask), episode.query)
    full, padded = (figures.episode(each, title="Which?").png for each in (episode, masked))
    assert full != padded


def test_an_unknown_alphabet_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="'C'; choose among A, B"):
        figures.alphabets(image_set(), ["C"], 2, "What?")


def test_intervals_count_what_they_cover():
    picture = figures.intervals([0.8, 0.9, 0.7], [0.05, 0.05, 0.05], 0.82, title="How often?")
    assert "1 of 3 intervals contain the truth" in picture.alt


def test_a_missing_run_says_how_to_make_it():
    assert "python -m metacourse.experiments.protocol" in figures.leaks(NotRun("protocol"), "How much?").alt
