"""The accuracies in results files, as lines of a table: the paper's, ours, and how ours were made."""
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from metacourse import results

HEADER = ("result", "setting", "paper", "ours", "budget", "device", "minutes", "commit")
RIGHT = {"paper", "ours", "minutes"}            # columns of numbers
MOST = 12                                       # lines for one result, unless it has a table of its own

Line = tuple[str, ...]


def scores(payload: Any, where: str = "") -> Iterator[dict]:
    """Every {"accuracy", "interval"} in a payload, however deep; its setting is the way that leads there."""
    if isinstance(payload, dict) and {"accuracy", "interval"} <= payload.keys():
        yield {"setting": where, **payload}
    elif isinstance(payload, dict | list):
        for key, part in payload.items() if isinstance(payload, dict) else enumerate(payload):
            yield from scores(part, f"{where} {key}".strip())


def found(result: results.Result, *, everything: bool = False) -> list[dict]:
    """A result's accuracies with a paper's; or all of its table, else of what there is, with `everything`."""
    table = list(scores(result["payload"].get("table", []))) or list(scores(result["payload"]))
    compared = [entry for entry in table if entry.get("paper") is not None]
    if not everything:
        return compared
    return (table if "table" in result["payload"] else table[:MOST]) or [{}]


def rows(name: str, *, everything: bool = False) -> list[Line]:
    """The lines of one result."""
    result = results.load(name)
    run = (_machine(str(result["device"])), f"{result['minutes']:.1f}", str(result["commit"]))
    return [(name, entry.get("setting", ""), _paper(entry), _ours(entry), str(entry.get("budget", "–")), *run)
            for entry in found(result, everything=everything)]


def _paper(entry: dict) -> str:
    return "–" if entry.get("paper") is None else f"{100 * entry['paper']:.1f}"


def _ours(entry: dict) -> str:
    return f"{100 * entry['accuracy']:.1f} ± {100 * entry['interval']:.1f}" if "accuracy" in entry else "–"


def _machine(device: str) -> str:
    """ "cpu, x86_64, 1 thread(s), 2 ranks" in short: "cpu, 2 ranks"."""
    kind, *more = device.split(", ")
    return ", ".join([kind, *(part for part in more if part.endswith("ranks"))])


def aligned(lines: Sequence[Line]) -> Iterator[str]:
    """In columns."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    for line in lines:
        cells = (cell.rjust(width) if column in RIGHT else cell.ljust(width)
                 for column, cell, width in zip(HEADER, line, widths))
        yield "  ".join(cells).rstrip()


def markdown(lines: Sequence[Line]) -> Iterator[str]:
    """As a table in a page."""
    rule = tuple("---:" if column in RIGHT else "---" for column in HEADER)
    for line in (lines[0], rule, *lines[1:]):
        yield f"| {' | '.join(cell.replace('|', ' ') for cell in line)} |"


def collected(names: Iterable[str], *, everything: bool) -> tuple[list[Line], list[str]]:
    """The lines of all results, and a sentence for each file that cannot be read."""
    lines, broken = [HEADER], []
    for name in names:
        try:
            lines += rows(name, everything=everything)
        except ValueError as error:
            broken.append(str(error))
    return lines, broken
