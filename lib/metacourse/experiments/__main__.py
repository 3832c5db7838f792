"""`python -m metacourse.experiments`: every experiment, what it measures, and whether its result is there."""
import importlib
import pkgutil
import textwrap
from types import ModuleType

from metacourse import experiments, results
from metacourse.experiments import papers
from metacourse.experiments.full_run_data import DATA
from metacourse.results.table import found

WIDTH = 120


def names() -> list[str]:
    """The modules of this folder that define an experiment."""
    modules = sorted(module.name for module in pkgutil.iter_modules(experiments.__path__))
    return [name for name in modules if not name.startswith("_") and hasattr(_module(name), "experiment")]


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"metacourse.experiments.{name}")


def table() -> str:
    """One line for each experiment: minutes, the first accuracy that a paper reports, and ours beside it."""
    width = max(map(len, names()))
    lines = [f"{'experiment':{width}}    status  paper  ours  what it measures"]
    for name in names():
        module = _module(name)
        try:
            result = results.load(name)
            status = f"{result['minutes']:.1f} min" if result else "not run"
        except ValueError:
            result, status = results.NotRun(name), "damaged"
        start = f"{name:{width}} {status:>9} {_pair(result, module)}  "
        measures = module.__doc__.splitlines()[0]
        lines.append(start + textwrap.shorten(measures, WIDTH - len(start), placeholder=" …"))
    return "\n".join(lines)


def _pair(result: results.Result | results.NotRun, module: ModuleType) -> str:
    """A paper's accuracy and ours, where the experiment has such a pair; the paper's alone, where not run."""
    compared = found(result) if result else []
    if compared:
        return f"{100 * compared[0]['paper']:6.1f} {100 * compared[0]['accuracy']:5.1f}"
    paper = _paper(getattr(module, "SETTINGS", None)) if not result else None
    return f"{100 * paper:6.1f}     –" if paper else f"{'':12}"


def _paper(settings) -> float | None:
    """The first number that papers report for the settings of a full run."""
    which = tuple(getattr(settings, name, None) for name in ("data", "way", "shot"))
    return next(iter(papers.NUMBERS.get(which, {}).values()), None)


def needed() -> str:
    """Which full runs need data that no font holds."""
    full = {name: _module(name).SETTINGS.data for name in names() if hasattr(_module(name), "SETTINGS")
            and getattr(_module(name).SETTINGS, "data", None) in DATA}
    kinds = dict.fromkeys(full.values())
    return "\n".join(f"{kind}_* read {DATA[kind].needs} in the folder of --data" for kind in kinds)


if __name__ == "__main__":
    print(table())
    print("\nAccuracies in %, of the first line that has a paper's; python -m metacourse.results prints all.")
    print(needed())
    print("To make one: python -m metacourse.experiments.NAME  (--help lists its options)")
