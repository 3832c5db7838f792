"""How many 5-way 1-shot episodes (15 queries a class) can be drawn in a second?

Whole-tensor sampling against the usual way: image files behind a torch DataLoader whose batch sampler picks
classes and files. Same pictures, same shapes, same machine, one run: python benchmarks/sampling.py
"""
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, Sampler
from torchvision.transforms.functional import pil_to_tensor

from metacourse.data import glyphs, sampling

EPISODE = dict(way=5, shot=1, queries=15)
TASKS = 32                                           # episodes drawn at once
SECONDS = 3.0                                        # each way of sampling runs at least so long
ROUNDS = 3                                           # the ways take turns; the median counts


class Files(Dataset):
    """One PNG file a drawing, opened when it is asked for by (class, drawing)."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __getitem__(self, place: tuple[int, int]) -> torch.Tensor:
        with Image.open(self.folder / str(place[0]) / f"{place[1]}.png") as picture:
            return pil_to_tensor(picture).float() / 255


class Episodes(Sampler):
    """The (class, drawing) pairs of one episode after another."""

    def __init__(self, classes: int, drawings: int):
        self.classes, self.drawings = classes, drawings

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        rng = np.random.default_rng(0)
        while True:
            yield [(int(c), int(d)) for c in rng.choice(self.classes, EPISODE["way"], replace=False)
                   for d in rng.choice(self.drawings, EPISODE["shot"] + EPISODE["queries"], replace=False)]


def write_files(images: torch.Tensor, folder: Path) -> None:
    """The drawings as PNG files: folder/class/drawing.png."""
    for number, drawings in enumerate(images):
        (folder / str(number)).mkdir()
        for i, drawing in enumerate(drawings):
            Image.fromarray(drawing[0].numpy()).save(folder / str(number) / f"{i}.png")


def episodes_per_second(draw: Callable[[], int]) -> float:
    """`draw` draws some episodes and returns how many; it is called for SECONDS, after once to warm up."""
    draw()
    start, episodes = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        episodes += draw()
    return episodes / (time.perf_counter() - start)


def whole_tensor(images: torch.Tensor, **settings) -> Callable[[], int]:
    rng = torch.Generator().manual_seed(0)

    def draw() -> int:
        sampling.sample_episodes(images, tasks=TASKS, rng=rng, **EPISODE, **settings)
        return TASKS
    return draw


def data_loader(folder: Path, classes: int, drawings: int, workers: int) -> Callable[[], int]:
    batches = iter(DataLoader(Files(folder), batch_sampler=Episodes(classes, drawings), num_workers=workers,
                              persistent_workers=workers > 0))

    def draw() -> int:
        next(batches)
        return 1
    return draw


def main() -> None:
    torch.set_num_threads(1)                         # sampling uses one core; two workers use two
    images = glyphs.load("test").images
    with tempfile.TemporaryDirectory() as name:
        write_files(images, Path(name))
        shape = images.shape[:2]
        ways = {"PNG files, DataLoader, 0 workers": data_loader(Path(name), *shape, workers=0),
                "PNG files, DataLoader, 2 workers": data_loader(Path(name), *shape, workers=2),
                "whole tensor": whole_tensor(images),
                "whole tensor, rotate=True": whole_tensor(images, rotate=True)}
        rounds = [{way: episodes_per_second(draw) for way, draw in ways.items()} for _ in range(ROUNDS)]
        del ways                                     # ends the workers before their files go
    rates = {way: float(np.median([rates[way] for rates in rounds])) for way in rounds[0]}
    files = max(rate for way, rate in rates.items() if "PNG" in way)
    for way, rate in rates.items():
        print(f"{way:35} {rate:8.0f} episodes/s   {rate / files:6.1f} × the better DataLoader")
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")


if __name__ == "__main__":
    main()
