import torch

from metacourse import figures
from tests.figures.border import white_at_the_border

TRUTH = torch.tensor([[0.0, 0.0], [4.0, 0.0]])
PULL = figures.Pull(labeled=TRUTH[:, None] + 1, loose=torch.tensor([[0.0, 1.0], [4.0, 1.0], [2.0, -3.0]]),
                    whose=torch.tensor([0, 1, -1]), after=TRUTH + torch.tensor([0.0, 0.5]), truth=TRUTH)


def test_it_is_a_picture_that_says_how_near_prototypes_come():
    picture = figures.pulls({"own classes": PULL, "again": PULL}, title="Where to?")
    assert len(picture.png) < 120_000 and picture.width <= 900 and picture.alt.startswith(picture.title)
    assert white_at_the_border(picture)
    assert "Points of 2 classes" in picture.alt
    assert "own classes: mean distance to the true mean 1.41 before, 0.50 after" in picture.alt       # √2, ½
