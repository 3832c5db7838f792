"""Checks for the exercises of chapter 4."""
from metacourse.checks.transfer.adversarial import dann_loss
from metacourse.checks.transfer.blocks import moving, rates, unfreezing
from metacourse.checks.transfer.bugs import name_the_bugs
from metacourse.checks.transfer.changes import changed
from metacourse.checks.transfer.contrast import cosines, nt_xent
from metacourse.checks.transfer.hard import distillation_loss
from metacourse.checks.transfer.keys import push
from metacourse.checks.transfer.momentum import follow
from metacourse.checks.transfer.repairs import freeze, thaw
from metacourse.checks.transfer.reversal import reverse
from metacourse.checks.transfer.soft import soft_loss

__all__ = ["changed", "cosines", "dann_loss", "distillation_loss", "follow", "freeze", "moving",
           "name_the_bugs", "nt_xent", "push", "rates", "reverse", "soft_loss", "thaw", "unfreezing"]
