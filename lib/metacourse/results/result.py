"""What a results file says, or that there is none yet."""
import math
from collections.abc import Iterator


class Result(dict):
    """A results file. What the experiment measured is in its payload, where `result["loss"]` looks, too."""

    def __missing__(self, key: str):
        if key in self["payload"]:
            return self["payload"][key]
        raise KeyError(f"{self['name']} has no {key!r}; it has {', '.join([*self, *self['payload']])}")

    def __repr__(self) -> str:
        return f"{self['name']}: {self['minutes']:.1f} min on {self['device']}, commit {self['commit']}"


class NotRun:
    """Stands where a result will be. Whatever is taken out of it, or printed, says how to make it."""

    def __init__(self, name: str):
        self.name, self.command = name, f"python -m metacourse.experiments.{name}"

    def __repr__(self) -> str:
        return f"not run yet: {self.command}"

    def __getitem__(self, key) -> "NotRun":
        return self

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return False

    def __float__(self) -> float:
        return math.nan                         # a figure leaves a gap

    def __iter__(self) -> Iterator:
        return iter(())
