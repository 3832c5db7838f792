import torch

from metacourse import figures

ERRORS = {"ridge": [[0.3, 0.3, 0.3]], "dMMSE": [[5.0, 1.0]],
          "transformer": [[5.0, 2.0, 0.5], [6.0, 1.0, 0.4]]}


def test_task_diversity_says_how_the_error_falls_on_new_tasks():
    picture = figures.task_diversity(["2", "128", "inf"], ERRORS, ERRORS, title="When does it learn?")
    assert "transformer 5.50 to 0.45" in picture.alt and picture.png.startswith(b"\x89PNG")


def test_a_tradeoff_says_where_the_dial_leads():
    lines = {"MAML": ([[0.6, 0.7], [0.2, 0.2]], [[0.9, 0.9], [0.8, 0.8]]), "from zero": ([[0.5]], [[0.8]])}
    picture = figures.tradeoff(lines, x="gap", y="accuracy", title="At what price?", named=["γ = 0", "γ = 1"])
    assert "MAML: (0.65, 0.90), (0.20, 0.80)" in picture.alt


def test_descriptions_say_how_far_reading_is_off():
    told = torch.zeros(2, 3)
    picture = figures.descriptions(torch.rand(2, 9, 9), told, told + 2, names=["ends", "loops", "wide"],
                                   title="Can it be read?")
    assert "3 attributes" in picture.alt and "2.00 deviations" in picture.alt
