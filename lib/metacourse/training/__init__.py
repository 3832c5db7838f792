"""Turning a loss into parameters, and parameters into a score that another person would believe."""
from metacourse.training.evaluate import ChanceWarning, Difference, Evaluation, evaluate, paired_difference
from metacourse.training.mixed_precision import mixed
from metacourse.training.train import History, Trained, train

__all__ = ["ChanceWarning", "Difference", "Evaluation", "History", "Trained", "evaluate", "mixed",
           "paired_difference", "train"]
