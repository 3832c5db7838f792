"""`python -m metacourse.experiments`: every experiment, what it measures, and whether its result is there."""
import importlib
import pkgutil

from metacourse import experiments, results


def names() -> list[str]:
    """The modules of this folder that define an experiment."""
    found = sorted(module.name for module in pkgutil.iter_modules(experiments.__path__))
    return [name for name in found if not name.startswith("_") and hasattr(_module(name), "experiment")]


def _module(name: str):
    return importlib.import_module(f"metacourse.experiments.{name}")


def table() -> str:
    """One line for each experiment."""
    width = max(map(len, names()))
    lines = []
    for name in names():
        result = results.load(name)
        status = f"{result['minutes']:5.1f} min" if result else "  not run"
        lines.append(f"{name:{width}}  {status}  {_module(name).__doc__.splitlines()[0]}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
    print("\nTo make one: python -m metacourse.experiments.NAME  (--help lists its options)")
