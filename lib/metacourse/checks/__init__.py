"""Checks for the exercises: `checks.CHAPTER.EXERCISE(your_function)` says what holds, or what is wrong."""
from metacourse.checks import few_shot, fundamentals, maml, transfer
from metacourse.checks.done import progress
from metacourse.checks.report import CheckFailed, NotAttempted

__all__ = ["CheckFailed", "NotAttempted", "few_shot", "fundamentals", "maml", "progress", "transfer"]
