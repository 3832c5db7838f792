"""Static pictures in one visual style: each function takes data and returns a `Picture`."""
from metacourse.figures.gradients import curvature, graph
from metacourse.figures.grids import alphabets, drawings, episode
from metacourse.figures.measurements import accuracies, confusion, curves, intervals, spread
from metacourse.figures.pairs import two_methods
from metacourse.figures.recorded import fixed_labels, in_context, leaks
from metacourse.figures.regression import fit, long_tail, sinusoid_tasks, walks
from metacourse.figures.schemes import bilevel, episode_schema, three_families
from metacourse.figures.style import Picture, show, use
from metacourse.figures.task_lab import descriptions, task_diversity, tradeoff
from metacourse.figures.trajectories import landscape

__all__ = [
    "Picture", "accuracies", "alphabets", "bilevel", "confusion", "curvature", "curves", "descriptions",
    "drawings", "episode", "episode_schema", "fit", "fixed_labels", "graph", "in_context", "intervals",
    "landscape", "leaks", "long_tail", "show", "sinusoid_tasks", "spread", "task_diversity",
    "three_families", "tradeoff", "two_methods", "use", "walks",
]
