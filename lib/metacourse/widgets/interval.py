"""How sure are 50 episodes? Intervals that shrink, and an order of two methods that flips."""
import math
from collections.abc import Sequence

import torch
from traitlets import Dict, Int, validate

from metacourse.figures.pairs import two_methods
from metacourse.figures.style import Picture, color
from metacourse.widgets.base import Explorer, script

FEWEST, MOST = 20, 2000                                      # episodes in a draw
DRAWS = 500                                                  # redraws that are kept


class IntervalExplorer(Explorer):
    """Draws `episodes` of the recorded ones with replacement, again and again: for each method its own.

    On those that were drawn for the first, both methods are compared in pairs, too. `per_episode_a` and
    `per_episode_b`, [recorded], are accuracies (fractions) on the same episodes; their means over all of them
    serve as the truth. Raises ValueError where the two cannot be paired.
    """

    controls = ("episodes", "draws")
    episodes = Int(50).tag(sync=True)
    draws = Int(1).tag(sync=True)                            # the last of them is shown
    limits = Dict({"episodes": [FEWEST, MOST], "draws": [1, DRAWS]}).tag(sync=True)
    methods = Dict().tag(sync=True)                          # label and color of a and b; what was recorded
    axes = Dict().tag(sync=True)                             # [low, high] of each strip
    result = Dict().tag(sync=True)                           # of the last draw, and the differences of all
    _esm = script("base.js", "interval.js")

    def __init__(self, per_episode_a, per_episode_b, labels: Sequence[str] = ("a", "b"), **controls):
        if len(per_episode_a) != len(per_episode_b) or len(per_episode_a) < 2:
            raise ValueError(f"{len(per_episode_a)} and {len(per_episode_b)} episodes cannot be paired: "
                             "evaluate both methods on the same test_episodes")
        a, b = (torch.as_tensor(values, dtype=torch.float64) for values in (per_episode_a, per_episode_b))
        self._values = torch.stack([a, b, a - b])            # [3, recorded]
        self._labels = tuple(labels)
        self._truth = self._values.mean(dim=1)
        self._seed = self._seed_of_a_wrong_order(controls.get("episodes", 50))
        super().__init__(axes=self._axes(), methods={
            "labels": list(labels), "colors": [color(labels[0], "#0072B2"), color(labels[1], "#E69F00")],
            "recorded": len(a), "truth": self._truth.tolist()}, **controls)

    def answer(self) -> None:
        """Draw, and say what came out."""
        drawn = self._draw(self.episodes, self.draws, self._seed)            # [3, draws, episodes]
        means = drawn.mean(dim=-1)
        half_widths = 1.96 * drawn[:, -1].std(dim=-1) / self.episodes ** 0.5
        own = means[0] - means[1]                            # each method on its own episodes
        self.result = {"means": means[:, -1].tolist(), "half_widths": half_widths.tolist(),
                       "differences": own.tolist(), "wrong": int(self._is_wrong(own).sum())}
        self.status = self._in_words()

    def still(self) -> Picture:
        """The present state as a picture."""
        scores = list(zip(self.result["means"], self.result["half_widths"]))
        return two_methods(dict(zip(self._labels, scores)), scores[2], self.result["differences"],
                           self._truth[2].item(), title=f"Can {self.episodes:,} episodes tell who is better?")

    def _draw(self, episodes: int, draws: int, seed: int) -> torch.Tensor:
        """a, b on episodes of its own, and a − b on those of a, [draws, episodes]; earlier draws stay."""
        for_a, for_b = (torch.randint(self._values.shape[1], (draws, episodes),
                                      generator=torch.Generator().manual_seed(2 * seed + k)) for k in (0, 1))
        return torch.stack([self._values[0, for_a], self._values[1, for_b], self._values[2, for_a]])

    def _is_wrong(self, difference: torch.Tensor) -> torch.Tensor:
        return difference.sign() != self._truth[2].sign()

    def _seed_of_a_wrong_order(self, episodes: int) -> int:
        """The first seed whose first draw puts the worse method ahead, so that there is something to see."""
        for seed in range(100):
            a, b, _ = self._draw(episodes, 1, seed).mean(dim=-1)
            if self._is_wrong(a - b):
                return seed
        return 0

    def _axes(self) -> dict:
        """[low, high] of each strip, with room for nearly every interval of the fewest episodes."""
        reach = 4 * self._values.std(dim=1) / FEWEST ** 0.5
        a, b, difference = self._truth.tolist()
        middle, half = (a + b) / 2, min(0.5, even(abs(difference) / 2 + reach[:2].max().item(), 0.04))
        middle = min(max(round(middle, 2), half), 1 - half)                  # accuracies end at 0 and 1
        half_difference = even(abs(difference) + reach[:2].norm().item(), 0.02)
        return {"accuracy": [middle - half, middle + half], "difference": [-half_difference, half_difference]}

    def _in_words(self) -> str:
        def leads(difference: float) -> str:
            leader = self._labels[0 if difference > 0 else 1]
            return f"{leader} leads by {100 * abs(difference):.1f} points"
        difference, truth = self.result["differences"][-1], self._truth[2].item()
        verdict = "the order is wrong" if self._is_wrong(torch.tensor(difference)) else "the order is right"
        draws = "1 draw" if self.draws == 1 else f"{self.draws} draws"
        return (f"In this draw of {self.episodes:,} episodes each {leads(difference)}; over all "
                f"{self._values.shape[1]:,} recorded episodes {leads(truth)}: {verdict}. "
                f"Wrong in {self.result['wrong']} of {draws}.")

    @validate("episodes", "draws")
    def _limited(self, proposal):
        return self.within_limits(proposal)


def even(length: float, unit: float) -> float:
    """`length` rounded up to a multiple of `unit`, at least one, so that ticks fall on whole points."""
    return unit * max(1, math.ceil(length / unit))
