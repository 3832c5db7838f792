"""A data set as one tensor: classes in rows, drawings in columns, and a name for every class."""
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

TURN = " rotated "                                   # "Latin/character07 rotated 90"


class ImageSet(NamedTuple):
    """Images, uint8 `[class, drawing, C, H, W]` (in drawings ink is 255, paper 0), and what the classes are.

    `groups` holds each class's alphabet, script or superclass; a class without one is its own group. The
    tensor may live on any device; `sampling.sample_episodes` makes episodes there.
    """

    images: Shaped[Tensor, "class drawing *item"]
    names: tuple[str, ...]
    groups: tuple[str, ...]

    def __repr__(self) -> str:
        classes, drawings, *item = self.images.shape
        groups = len(set(self.groups))
        grouped = f" in {groups} groups" if groups < classes else ""
        kind = str(self.images.dtype).removeprefix("torch.")
        size = "×".join(map(str, item))
        return f"ImageSet({classes} classes{grouped}, {drawings} drawings each, {size} {kind})"

    def to(self, device: torch.device | str) -> "ImageSet":
        """The same data on another device."""
        return self._replace(images=self.images.to(device))

    def subset(self, classes: Sequence[int] | Sequence[str] | Tensor) -> "ImageSet":
        """Only these classes, given as numbers or as names, in the order given."""
        chosen = classes.tolist() if isinstance(classes, Tensor) else list(classes)
        if any(isinstance(c, str) for c in chosen):
            chosen = self._numbers_of(chosen)
        index = torch.tensor(chosen, dtype=torch.int64, device=self.images.device)
        return ImageSet(self.images[index], tuple(self.names[i] for i in chosen),
                        tuple(self.groups[i] for i in chosen))

    def of_group(self, name: str) -> "ImageSet":
        """Only the classes of one alphabet, script or superclass."""
        chosen = [i for i, group in enumerate(self.groups) if group == name]
        if not chosen:
            groups = ", ".join(dict.fromkeys(self.groups))
            raise ValueError(f"no class belongs to {name!r}; the groups are {groups}")
        return self.subset(chosen)

    def group_ids(self) -> Int[Tensor, " class"]:
        """A number for each class's group, in order of first appearance: for `sample_episodes(groups=…)`."""
        number = {group: i for i, group in enumerate(dict.fromkeys(self.groups))}
        return torch.tensor([number[group] for group in self.groups], dtype=torch.int64)

    def with_rotations(self) -> "ImageSet":
        """Four times the classes: each also turned by 90, 180 and 270 degrees (Vinyals et al., 2016)."""
        turned = torch.cat([self.images.rot90(k, (-2, -1)) for k in range(4)])
        names = tuple(name + (f"{TURN}{90 * k}" if k else "") for k in range(4) for name in self.names)
        return ImageSet(turned, names, self.groups * 4)

    def _numbers_of(self, names: Sequence[str]) -> list[int]:
        number = {name: i for i, name in enumerate(self.names)}
        missing = [name for name in names if name not in number]
        if missing:
            raise ValueError(f"no class is called {missing[0]!r} ({len(missing)} of {len(names)} names are "
                             f"unknown); the first names here are {', '.join(self.names[:3])}")
        return [number[name] for name in names]
