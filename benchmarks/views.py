"""How many changed pictures a second, for SimCLR and MoCo: batched views, or torchvision in a DataLoader?

The same pictures and the same kinds of change: turned, sheared, scaled and shifted drawings of 28 × 28; parts
of color pictures of 32 × 32, mirrored, recolored, some in gray. torchvision changes one picture at a time, as
SimCLR's code does, in this process or in two workers. The ways take turns; the median round counts.

    python benchmarks/views.py [--quick]
"""
import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from metacourse.data import glyphs
from metacourse.methods import views

BATCH = 128
PICTURES = 2560                                      # in memory, uint8, for both sides
FLOAT = v2.ToDtype(torch.float32, scale=True)
TORCHVISION = {
    "glyphs": v2.Compose([FLOAT, v2.RandomAffine(degrees=20, translate=(0.06, 0.06), scale=(0.78, 1.28),
                                                 shear=14, interpolation=v2.InterpolationMode.BILINEAR)]),
    "photographs": v2.Compose([v2.RandomResizedCrop(32, scale=(0.08, 1.0), ratio=(1.0, 1.0), antialias=False),
                               v2.RandomHorizontalFlip(), FLOAT,
                               v2.RandomApply([v2.ColorJitter(0.8, 0.8, 0.8, 0.2)], p=0.8),
                               v2.RandomGrayscale(0.2)]),
}
OURS = {"glyphs": views.glyphs, "photographs": views.photographs}


class Changed(Dataset):
    """Pictures, each changed when it is asked for."""

    def __init__(self, pictures: Tensor, change: Callable):
        self.pictures, self.change = pictures, change

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, number: int) -> Tensor:
        return self.change(self.pictures[number])


def batched(pictures: Tensor, view: Callable) -> int:
    """All pictures once, in shuffled batches, changed on the whole; how many there were."""
    rng = torch.Generator().manual_seed(0)
    for row in torch.randperm(len(pictures), generator=rng).split(BATCH):
        view(pictures[row].float() / 255, rng=rng)
    return len(pictures)


def loaded(loader: DataLoader) -> int:
    """All pictures once, by a DataLoader."""
    return sum(len(batch) for batch in loader)


def per_second(pass_: Callable[[], int], seconds: float) -> float:
    """Pictures a second, over whole passes that take so long together."""
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        done += pass_()
    return done / (time.perf_counter() - began)


def ways(kind: str, pictures: Tensor) -> dict[str, Callable[[], int]]:
    """What is compared: each a function that goes through all pictures once."""
    found = {}
    for workers in (0, 2):
        loader = DataLoader(Changed(pictures, TORCHVISION[kind]), batch_size=BATCH, shuffle=True,
                            num_workers=workers, persistent_workers=workers > 0)
        found[f"torchvision, DataLoader, {workers} workers"] = partial(loaded, loader)
    found["ours, a whole batch at once"] = partial(batched, pictures, OURS[kind])
    for pass_ in found.values():
        pass_()                                      # starts the workers
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short round")
    seconds, rounds = (1.0, 1) if parser.parse_args().quick else (3.0, 3)
    drawn = glyphs.load("test").images.flatten(0, 1)[:PICTURES]
    colored = torch.randint(0, 256, (PICTURES, 3, 32, 32), dtype=torch.uint8,
                            generator=torch.Generator().manual_seed(0))
    for kind, pictures in (("glyphs", drawn), ("photographs", colored)):
        compared = ways(kind, pictures)
        taken = [{way: per_second(pass_, seconds) for way, pass_ in compared.items()} for _ in range(rounds)]
        rates = {way: median(one[way] for one in taken) for way in compared}
        best = max(rate for way, rate in rates.items() if "torchvision" in way)
        for way, rate in rates.items():
            print(f"{kind:12} {way:36} {rate:8.0f} pictures/s  {rate / best:6.1f} × the better DataLoader")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread(s), load {os.getloadavg()[0]:.1f} on "
          f"{os.cpu_count()} cores")


if __name__ == "__main__":
    main()
