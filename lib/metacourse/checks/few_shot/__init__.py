"""Checks for the exercises of chapter 3."""
from metacourse.checks.few_shot.bugs import name_the_bugs
from metacourse.checks.few_shot.contrast import contrastive
from metacourse.checks.few_shot.equal_error import equal_error_rate
from metacourse.checks.few_shot.kernel import attention, class_probs
from metacourse.checks.few_shot.order import order_matters
from metacourse.checks.few_shot.pairs import all_pairs
from metacourse.checks.few_shot.proto import log_probs, prototypes
from metacourse.checks.few_shot.relation import relation_loss, relation_pairs
from metacourse.checks.few_shot.repairs import classify_alone, soft_log_probs
from metacourse.checks.few_shot.verification import error_rates

__all__ = ["all_pairs", "attention", "class_probs", "classify_alone", "contrastive", "equal_error_rate",
           "error_rates", "log_probs", "name_the_bugs", "order_matters", "prototypes", "relation_loss",
           "relation_pairs", "soft_log_probs"]
