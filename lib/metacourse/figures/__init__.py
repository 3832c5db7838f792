"""Static pictures in one visual style: each function takes data and returns a `Picture`."""
from metacourse.figures.costs import costs
from metacourse.figures.embedding import embedding
from metacourse.figures.gradients import curvature, graph
from metacourse.figures.grids import alphabets, drawings, episode
from metacourse.figures.lineup import lineup
from metacourse.figures.measurements import accuracies, confusion, curves, intervals, spread
from metacourse.figures.more_information import Pull, pulls
from metacourse.figures.navigation import paths
from metacourse.figures.pairs import two_methods
from metacourse.figures.prototype_board import prototype_board
from metacourse.figures.recorded import fixed_labels, in_context, leaks
from metacourse.figures.recorded_adaptation import adapted_between
from metacourse.figures.recorded_distillation import student_sizes
from metacourse.figures.recorded_domains import (
    chosen_without_labels,
    domains_side_by_side,
    failures,
    moments,
    reversals,
)
from metacourse.figures.recorded_features import features_table
from metacourse.figures.recorded_few_shot import (
    across_domains,
    methods_compared,
    roc_curves,
    train_and_test_grids,
)
from metacourse.figures.recorded_few_shot_tables import methods_table, trials_table, verification_table
from metacourse.figures.recorded_guide import decision_guide, meta_or_transfer
from metacourse.figures.recorded_maml import (
    directions,
    error_per_step,
    instability,
    overfitting,
    walk_over_steps,
)
from metacourse.figures.recorded_parts import ablation, frozen_blocks
from metacourse.figures.recorded_self_supervised import pretrainings, views, views_strength
from metacourse.figures.recorded_transfer import examples_per_class, layers_transferred, negative_transfer
from metacourse.figures.regression import fit, long_tail, sinusoid_tasks, walks
from metacourse.figures.schemes import bilevel, episode_schema, three_families
from metacourse.figures.style import Picture, show, use
from metacourse.figures.tables import Table, beside_papers, table
from metacourse.figures.task_lab import descriptions, task_diversity, tradeoff
from metacourse.figures.temperature import temperature
from metacourse.figures.trajectories import landscape
from metacourse.figures.two_domains import Moment, two_domains
from metacourse.figures.unfreezing import unfreezing
from metacourse.figures.verification import verification

__all__ = [
    "Moment", "Picture", "Pull", "Table", "ablation", "accuracies", "across_domains", "adapted_between",
    "alphabets", "beside_papers", "bilevel", "chosen_without_labels", "confusion", "costs", "curvature",
    "curves", "decision_guide", "descriptions", "directions", "domains_side_by_side", "drawings",
    "embedding", "episode", "episode_schema", "error_per_step", "examples_per_class", "failures",
    "features_table", "fit", "fixed_labels", "frozen_blocks", "graph", "in_context", "instability",
    "intervals", "landscape", "layers_transferred", "leaks", "lineup", "long_tail", "meta_or_transfer",
    "methods_compared", "methods_table", "moments", "negative_transfer", "overfitting", "paths",
    "pretrainings", "prototype_board", "pulls", "reversals", "roc_curves", "show", "sinusoid_tasks",
    "spread", "student_sizes", "table", "task_diversity", "temperature", "three_families", "tradeoff",
    "train_and_test_grids", "trials_table", "two_domains", "two_methods", "unfreezing", "use",
    "verification", "verification_table", "views", "views_strength", "walk_over_steps", "walks",
]
