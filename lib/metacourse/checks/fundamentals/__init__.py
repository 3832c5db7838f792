"""Checks for the exercises of chapter 1."""
from metacourse.checks.fundamentals.episodes import sample_episode
from metacourse.checks.fundamentals.evaluation import interval
from metacourse.checks.fundamentals.leaks import (
    draw_apart,
    name_the_leaks,
    score_to_publish,
    split_characters,
)
from metacourse.checks.fundamentals.masked import masked_prototypes
from metacourse.checks.fundamentals.pixels import nearest_prototype
from metacourse.checks.fundamentals.varied import sample_varied

__all__ = ["draw_apart", "interval", "masked_prototypes", "name_the_leaks", "nearest_prototype",
           "sample_episode", "sample_varied", "score_to_publish", "split_characters"]
