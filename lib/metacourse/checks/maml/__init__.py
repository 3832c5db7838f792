"""Checks for the exercises of chapter 2."""
from metacourse.checks.maml.anil import anil_adapt
from metacourse.checks.maml.bugs import name_the_bugs
from metacourse.checks.maml.inner_loop import adapt, inner_step
from metacourse.checks.maml.outer_loop import fomaml_gradient, meta_gradient
from metacourse.checks.maml.rates import choose_rate, largest_stable_rate
from metacourse.checks.maml.repairs import gather_gradients, remember, separate_tasks, support_gradient
from metacourse.checks.maml.reptile import reptile_step
from metacourse.checks.maml.second_order import query_loss

__all__ = ["adapt", "anil_adapt", "choose_rate", "fomaml_gradient", "gather_gradients", "inner_step",
           "largest_stable_rate", "meta_gradient", "name_the_bugs", "query_loss", "remember", "reptile_step",
           "separate_tasks", "support_gradient"]
