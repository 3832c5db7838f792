"""Way, shot, queries, split and seed in your hands: the episode that the library's own sampler draws."""
from collections.abc import Mapping

import torch
from traitlets import CBytes, Dict, Int, List, TraitError, Unicode, validate

from metacourse.data.imageset import ImageSet
from metacourse.data.sampling import sample_episodes
from metacourse.episode import Episode, Examples, task
from metacourse.figures import episode as picture_of
from metacourse.figures.style import CLASSES, Picture
from metacourse.widgets.base import Explorer, script


class EpisodeExplorer(Explorer):
    """Draws episodes of `image_sets`, {"train": ImageSet, ...}; point at a picture to see its class.

    The sets hold images of one size. Setting a control from Python works as moving it does; a value that the
    data cannot give raises a TraitError.
    """

    controls = ("split", "way", "shot", "queries", "seed")
    split = Unicode().tag(sync=True)
    way = Int(5).tag(sync=True)
    shot = Int(1).tag(sync=True)
    queries = Int(3).tag(sync=True)
    seed = Int(0).tag(sync=True)
    limits = Dict().tag(sync=True)                           # control -> [lowest, highest]
    splits = List().tag(sync=True)
    names = List().tag(sync=True)                            # of the classes drawn, by label
    tile = List().tag(sync=True)                             # [H, W, C] of a picture
    atlas = CBytes(b"").tag(sync=True)                       # uint8 [way, shot + queries, H, W, C]
    palette = List(list(CLASSES)).tag(sync=True)
    _esm = script("base.js", "episode_explorer.js")

    def __init__(self, image_sets: Mapping[str, ImageSet] | ImageSet, **controls):
        self._image_sets = {"all": image_sets} if isinstance(image_sets, ImageSet) else dict(image_sets)
        classes = min(len(images.names) for images in self._image_sets.values())
        drawings = min(images.images.shape[1] for images in self._image_sets.values())
        queries = min(15, drawings - max(1, drawings // 4))
        controls.setdefault("split", "test" if "test" in self._image_sets else next(iter(self._image_sets)))
        super().__init__(
            splits=list(self._image_sets),
            limits={"way": [2, min(20, classes)], "shot": [1, drawings - queries], "queries": [1, queries],
                    "seed": [0, 9999]}, **controls)

    def answer(self) -> None:
        """Draw the episode of the present controls."""
        images = self._image_sets[self.split]
        classes, drawings = self._drawn(images)
        pixels = images.images[classes, drawings].movedim(-3, -1).cpu()      # [way, shot + queries, H, W, C]
        self.names = [images.names[index] for index in classes[:, 0]]
        self.tile = list(pixels.shape[2:])
        self.atlas = pixels.contiguous().numpy().tobytes()
        self.status = self._in_words()

    def still(self) -> Picture:
        """The present episode as a picture."""
        images = self._image_sets[self.split]
        x = images.images[self._drawn(images)]               # [way, shot + queries, C, H, W]
        y = torch.arange(self.way)[:, None].expand(x.shape[:2])
        sizes = [self.shot, self.queries]
        support, query = (Examples(*parts) for parts in zip(x.split(sizes, dim=1), y.split(sizes, dim=1)))
        title = f"What does a {self.way}-way {self.shot}-shot task look like?"
        return picture_of(Episode(support, query), title=title, names=self.names)

    def _drawn(self, images: ImageSet) -> tuple[torch.Tensor, torch.Tensor]:
        """Which classes and drawings the sampler takes: the same as it takes from the images themselves."""
        classes, drawings = images.images.shape[:2]
        numbers = torch.arange(classes * drawings).reshape(classes, drawings, 1)
        rng = torch.Generator().manual_seed(self.seed)
        support, query = task(sample_episodes(numbers, tasks=1, way=self.way, shot=self.shot,
                                              queries=self.queries, rng=rng), 0)
        number = torch.cat([support.x, query.x], dim=1).squeeze(-1)      # [way, shot + queries]
        return number // drawings, number % drawings

    def _in_words(self) -> str:
        queries = "1 query" if self.queries == 1 else f"{self.queries} queries"
        return (f"{self.way}-way {self.shot}-shot with {queries} per class, from the {self.split} classes: "
                f"chance is {100 / self.way:.3g} %.")

    @validate("way", "shot", "queries", "seed")
    def _within_limits(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        low, high = self.limits.get(name, (value, value))
        if not low <= value <= high:
            raise TraitError(f"{name}={value}: this data allows {low} to {high}")
        return value

    @validate("split")
    def _known_split(self, proposal):
        if proposal["value"] not in self._image_sets:
            raise TraitError(f"split={proposal['value']!r}: choose among {', '.join(self._image_sets)}")
        return proposal["value"]
