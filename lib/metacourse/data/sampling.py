"""Episodes drawn from one tensor of images in a handful of tensor operations.

Support and query are disjoint because they are two slices of one ordering; so are the classes of a task.
The generator lives on the CPU, so the same seed draws the same episodes on every device.
"""
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from metacourse.episode import Episode, Examples

Images = Shaped[Tensor, "class drawing *item"]


def sample_episodes(images: Images, *, tasks: int, way: int, shot: int, queries: int, rng: torch.Generator,
                    groups: Int[Tensor, " class"] | None = None, rotate: bool = False) -> Episode:
    """A meta-batch of episodes on `images.device`: x `[tasks, way, shot, C, H, W]`, y `[tasks, way, shot]`.

    uint8 becomes float32 in [0, 1]; other dtypes stay. With `groups`, a task takes all its classes from one
    group, each group equally often. With `rotate`, each class of a task is turned by 0, 90, 180 or 270
    degrees, all its drawings alike.
    """
    _check(images, tasks=tasks, way=way, shot=shot, queries=queries, rng=rng)
    classes = _draw_classes(images, tasks, way, rng, groups)                   # [tasks, way]
    drawings = _some_of(images.shape[1], shot + queries, (tasks, way), rng)    # [tasks, way, shot + queries]
    x = _pick(images, classes, drawings)                                       # […, shot + queries, C, H, W]
    if rotate:
        _turn(x, torch.randint(4, (tasks, way), generator=rng))
    x = x.float().div_(255) if x.dtype == torch.uint8 else x
    y = torch.arange(way, device=x.device)[:, None].expand(tasks, way, shot + queries)
    return Episode(Examples(x[:, :, :shot], y[..., :shot]), Examples(x[:, :, shot:], y[..., shot:]))


def sample_varied(images: Images, *, way: tuple[int, int] = (5, 20), shot: tuple[int, int] = (1, 5),
                  queries: int, rng: torch.Generator) -> Episode:
    """One task with a random number of classes, and of shots for each (as in Triantafillou et al., 2020).

    Both ranges include their ends. `support.mask` `[way, shot]` is False where a class has fewer shots than
    the largest one; the pictures there are blank.
    """
    for name, (low, high) in {"way": way, "shot": shot}.items():
        if low > high:
            raise ValueError(f"{name}=({low}, {high}) is an empty range: give (smallest, largest)")
    _check(images, tasks=1, way=way[0], shot=shot[0], queries=queries, rng=rng)
    _check(images, tasks=1, way=way[1], shot=shot[1], queries=queries, rng=rng)
    n_classes = _between(way, (), rng).item()
    shots = _between(shot, (n_classes,), rng)                                           # [way]
    longest = int(shots.max())
    (support, query) = sample_episodes(images, tasks=1, way=n_classes, shot=longest, queries=queries, rng=rng)
    mask = (torch.arange(longest) < shots[:, None]).to(images.device)                   # [way, shot]
    x, y = support.x[0], support.y[0]
    blank = mask.reshape(mask.shape + (1,) * (x.ndim - 2))
    return Episode(Examples(x * blank, y, mask), Examples(query.x[0], query.y[0]))


@dataclass(frozen=True, eq=False)
class SeededEpisodes:
    """Meta-batches that are the same on every pass; `len()` counts episodes. Made by `test_episodes`."""

    images: Tensor
    episodes: int
    way: int
    shot: int
    queries: int
    seed: int
    batch: int
    groups: Tensor | None

    def __len__(self) -> int:
        return self.episodes

    def __iter__(self) -> Iterator[Episode]:
        rng = torch.Generator().manual_seed(self.seed)
        for start in range(0, self.episodes, self.batch):
            tasks = min(self.batch, self.episodes - start)
            yield sample_episodes(self.images, tasks=tasks, way=self.way, shot=self.shot,
                                  queries=self.queries, rng=rng, groups=self.groups)


def test_episodes(images: Images, *, episodes: int = 600, way: int = 5, shot: int = 1, queries: int = 15,
                  seed: int = 0, batch: int = 25,
                  groups: Int[Tensor, " class"] | None = None) -> SeededEpisodes:
    """Episodes to judge methods on, the same for every method: meta-batches of up to `batch` tasks."""
    if episodes < 1 or batch < 1:
        raise ValueError(f"episodes={episodes} and batch={batch} should both be at least 1")
    _check(images, tasks=batch, way=way, shot=shot, queries=queries)
    return SeededEpisodes(images, episodes, way, shot, queries, seed, batch, groups)


test_episodes.__test__ = False                       # a name that pytest would take for a test


def _draw_classes(images: Images, tasks: int, way: int, rng: torch.Generator,
                  groups: Tensor | None) -> Tensor:
    n_classes = len(images)
    if groups is None:
        return _some_of(n_classes, way, (tasks,), rng)
    sizes = _group_sizes(groups, n_classes, way)
    group = torch.randint(len(sizes), (tasks, 1), generator=rng)
    order = torch.rand(tasks, n_classes, generator=rng)
    return order.masked_fill(groups.cpu() != group, -1).topk(way).indices        # other groups come last


def _group_sizes(groups: Tensor, n_classes: int, way: int) -> Tensor:
    if groups.shape != (n_classes,) or groups.dtype != torch.int64:
        raise ValueError(f"groups should be one int64 number per class [{n_classes}]; "
                         f"got {groups.dtype} {list(groups.shape)}: ImageSet.group_ids() makes them")
    sizes = groups.cpu().bincount()
    if sizes.min() < way:
        raise ValueError(f"group {sizes.argmin()} has {sizes.min()} classes; way={way} needs {way} in every "
                         "group: lower way, or leave the small groups out")
    return sizes


def _some_of(total: int, wanted: int, shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """`wanted` distinct numbers below `total`, in random order, independently for each place in `shape`."""
    return torch.rand(*shape, total, generator=rng).topk(wanted).indices


def _between(ends: tuple[int, int], shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    return torch.randint(ends[0], ends[1] + 1, shape, generator=rng)


def _turn(x: Tensor, quarters: Tensor) -> None:
    """Turn each class of each task, in place, by its number of quarter turns `[tasks, way]`."""
    if x.ndim < 5 or x.shape[-1] != x.shape[-2]:
        raise ValueError("rotate=True needs square images [class, drawing, C, H, W]; "
                         f"these are {list(x.shape[3:])}")
    rows, quarters = x.flatten(0, 1), quarters.flatten()                       # a view: a row for each class
    for k in (1, 2, 3):
        chosen = (quarters == k).nonzero().squeeze(1).to(x.device, non_blocking=x.is_cuda)
        rows.index_copy_(0, chosen, rows.index_select(0, chosen).rot90(k, (-2, -1)).contiguous())


def _pick(images: Images, classes: Tensor, drawings: Tensor) -> Tensor:
    """The drawings of the classes, copied as whole rows: faster than indexing by two tensors."""
    row = classes[..., None] * images.shape[1] + drawings
    row = row.to(images.device, non_blocking=images.is_cuda)                   # nobody waits for a GPU
    return images.flatten(0, 1).index_select(0, row.flatten()).unflatten(0, row.shape)


def _check(images: Images, *, tasks: int, way: int, shot: int, queries: int,
           rng: torch.Generator | None = None) -> None:
    """Say what came and what was wanted, once, before anything is drawn."""
    if not isinstance(images, Tensor):
        raise TypeError(f"images should be a tensor [class, drawing, ...]; got {type(images).__name__}: "
                        "of an ImageSet, pass its `images`")
    if images.ndim < 3:
        raise ValueError(f"images should be [class, drawing, ...]; got shape {list(images.shape)}")
    if rng is not None and rng.device.type != "cpu":
        raise ValueError("rng should be a CPU generator, so that every device draws the same; "
                         f"got one on {rng.device}")
    if tasks < 1 or shot < 1 or queries < 0:
        raise ValueError(f"tasks={tasks} and shot={shot} should be at least 1, queries={queries} at least 0")
    n_classes, n_drawings = images.shape[:2]
    if way < 2:
        raise ValueError(f"way={way}: with one class there is nothing to tell apart; use at least 2")
    if way > n_classes:
        raise ValueError(f"the data has {n_classes} classes; way={way} needs {way}")
    if shot + queries > n_drawings:
        raise ValueError(f"the data has {n_drawings} drawings per class; shot={shot} with queries={queries} "
                         f"needs {shot + queries}")
