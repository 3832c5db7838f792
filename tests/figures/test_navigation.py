import torch

from metacourse import figures


def test_the_description_tells_how_far_from_its_goal_each_round_ends():
    goals = torch.tensor([[0.3, 0.4], [0.0, -0.5]])
    there = torch.stack([torch.zeros(2, 2), goals], dim=1)       # [task, round, coordinate]
    picture = figures.paths({"MAML": there[:, :, None].expand(2, 2, 3, 2)}, goals, title="Where to?")
    assert picture.title == "Where to?" and "MAML: 0.50, 0.00." in picture.alt
    assert picture.png.startswith(b"\x89PNG")
