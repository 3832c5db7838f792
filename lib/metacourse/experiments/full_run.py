"""A full run: nine methods trained on one data set, way and shot, judged on the same 600 test tasks.

Each trains as its recipe says and keeps the θ that was best on validation classes. On a GPU the recipes are
near to the papers'; on a CPU they fit into minutes, and every row of the results says so.
"""
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from metacourse.data.sampling import SeededEpisodes, test_episodes
from metacourse.episode import Params
from metacourse.experiments import few_shot, papers
from metacourse.experiments.full_run_data import DATA, Pictures
from metacourse.experiments.full_run_methods import BUILD, NAMES, Learner
from metacourse.experiments.full_run_recipes import Scale, scales, smoke
from metacourse.experiments.runner import Run
from metacourse.training import ChanceWarning, Evaluation, History, evaluate

LEVELS = (0.90, 0.95, 0.98)                     # of validation accuracy: after how many seconds?


@dataclass(frozen=True)
class Settings:
    data: str
    way: int                                    # in testing
    shot: int
    scales: Mapping[str, Scale]                 # by kind of device
    seeds: tuple[int, ...] = (0,)               # of initialization and training episodes
    methods: tuple[str, ...] = tuple(BUILD)
    test_episodes: int = 600                    # the same for all

    def scale(self, device: str) -> Scale:
        """The budget on a kind of device."""
        return self.scales.get(device, self.scales["cpu"])


def of(data: str, *, way: int, shot: int) -> tuple[Settings, Settings, Callable[[Settings, Run], dict]]:
    """(settings, the same done in a moment, experiment) of one data set, way and shot."""
    settings = Settings(data, way, shot, scales(way, shot, photos=DATA[data].photos))
    some = settings.methods if (data, way, shot) == ("omniglot", 5, 1) else ("protonet", "maml_plus_plus")
    brief = replace(settings, methods=some, test_episodes=2, scales={"cpu": smoke(settings.scales["cpu"])})
    return settings, brief, compare


def compare(settings: Settings, run: Run) -> dict:
    """`budget`, a `table` with a row for each method beside its paper, `curves` {method: {seed: curve}}."""
    images, scale = DATA[settings.data].load(run), settings.scale(run.device.type)
    if DATA[settings.data].photos:
        run.say("the course holds no results of this data set: they were not run there")
    if run.minutes is not None:
        scale = replace(scale, budget=f"{run.minutes:g} min, at most {scale.budget}")
    payload = {"budget": scale.budget, "table": [], "curves": {}}
    for seed in settings.seeds:
        for method in settings.methods:
            row, curve = one_run(settings, scale, method, images, run, seed)
            payload["table"].append(row)
            payload["curves"].setdefault(method, {})[seed] = curve
    return payload


def one_run(settings: Settings, scale: Scale, method: str, images: Pictures, run: Run,
            seed: int) -> tuple[dict, dict]:
    """Train one method from one seed and test it: its row and its curve."""
    recipe, clock = scale.recipes[method], Clock(run.device.type)
    learner = BUILD[method](recipe, images["train"], seed)
    validation = tasks(settings, images["val"], scale.validation_episodes)
    theta, history = run.train(
        f"{method}_seed{seed}", learner.loss, learner.theta, learner.batch, steps=recipe.steps,
        outer_lr=recipe.outer_lr, optimizer=recipe.optimizer, schedule="cosine",
        validate=partial(validated, learner, validation, clock),
        validate_every=max(1, recipe.steps // scale.validations), memory=clock)
    tests = tasks(settings, images["test"], settings.test_episodes)
    found = evaluate(learner.predict(theta), tests)
    name = NAMES[method] + (f", seed {seed}" if len(settings.seeds) > 1 else "")
    run.say(f"{name}: {found}")
    which = settings.data, settings.way, settings.shot, method
    row = {"setting": name, **few_shot.score(found), "paper": papers.number(*which),
           "paper_protocol": papers.protocol(*which), "budget": scale.budget, "steps": len(history.loss),
           "tasks": recipe.tasks, "training_way": recipe.way, **seconds(history, clock),
           **counts(found, of=settings.way * tests.queries)}
    return row, {**few_shot.curve(history), "training_seconds": [round(s, 1) for s in clock.seconds]}


def tasks(settings: Settings, images: Tensor, episodes: int) -> SeededEpisodes:
    """Tasks of validation or test classes, the same for every method."""
    return test_episodes(images, episodes=episodes, way=settings.way, shot=settings.shot,
                         queries=min(15, images.shape[1] - settings.shot))


def validated(learner: Learner, tasks: SeededEpisodes, clock: "Clock", theta: Params) -> float:
    """Accuracy on validation classes, while the clock stands still."""
    clock.stop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChanceWarning)                      # at first there is nothing else
        accuracy = evaluate(learner.predict(theta), tasks).accuracy
    clock.start()
    return accuracy


def counts(found: Evaluation, *, of: int) -> dict:
    """The right answers in each episode, of so many: from them accuracy and interval can be recomputed."""
    return {"correct": " ".join(str(round(of * share)) for share in found.per_episode.tolist()), "of": of}


def seconds(history: History, clock: "Clock") -> dict:
    """Of training in all, and until validation first reached each level (nothing where it never did)."""
    laps = [(round(s, 1), value) for s, (_, value) in zip(clock.seconds, history.validation)]
    return {"seconds": laps[-1][0] if laps else round(history.seconds, 1), "seconds_to": {
        f"{100 * level:.0f}": next((s for s, value in laps if value >= level), None) for level in LEVELS}}


class Clock:
    """Seconds of training at every validation, without those of validating; kept in the checkpoint.

    On a CPU they are of this process, where others may be busy, too.
    """

    def __init__(self, device: str):
        self.cpu, self.seconds, self.before = device == "cpu", [], 0.0
        self.start()

    def start(self) -> None:
        self.since = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        self.before += self._lap()
        self.seconds.append(self.before)

    def _lap(self) -> float:
        passed, worked = time.perf_counter() - self.since[0], time.process_time() - self.since[1]
        return min(passed, worked) if self.cpu else passed

    def state_dict(self) -> Params:
        return {"seconds": torch.tensor([*self.seconds, self.before + self._lap()], dtype=torch.double)}

    def load_state_dict(self, state: Params) -> None:
        *self.seconds, self.before = state["seconds"].tolist()
        self.start()
