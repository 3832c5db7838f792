"""Figures with handles: each answers within a tenth of a second, and leaves a still picture behind."""
from metacourse.widgets.alphabet_canvas import AlphabetCanvas
from metacourse.widgets.curvature import CurvatureExplorer
from metacourse.widgets.embedding_explorer import EmbeddingExplorer
from metacourse.widgets.episode_explorer import EpisodeExplorer
from metacourse.widgets.interval import IntervalExplorer
from metacourse.widgets.meter import Meter
from metacourse.widgets.prototype_board import PrototypeBoard
from metacourse.widgets.temperature import Temperature
from metacourse.widgets.trajectory import TrajectoryExplorer
from metacourse.widgets.two_domains import TwoDomains
from metacourse.widgets.unfreezing_schedule import UnfreezingSchedule

__all__ = [
    "AlphabetCanvas", "CurvatureExplorer", "EmbeddingExplorer", "EpisodeExplorer", "IntervalExplorer",
    "Meter", "PrototypeBoard", "Temperature", "TrajectoryExplorer", "TwoDomains",
    "UnfreezingSchedule",
]
