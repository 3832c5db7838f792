"""The accuracies in results files, as lines of a table: the paper's, ours, and how ours were made."""
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from metacourse import results

HEADER = ("result", "setting", "paper", "ours", "policy", "budget", "device", "minutes", "commit")
TIMES = ("result", "setting", "steps", "seconds", "to 90 %", "to 95 %", "to 98 %", "budget", "device",
         "commit")
RIGHT = {"paper", "ours", "minutes", *TIMES[2:7]}           # columns of numbers
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
    return [(name, entry.get("setting", ""), _paper(entry), _ours(entry), entry.get("policy", "–"),
             entry.get("budget", "–"), *run) for entry in found(result, everything=everything)]


def time_rows(name: str) -> list[Line]:
    """Seconds of training, and until validation first reached 90, 95 and 98 %, of a full run; else none."""
    result = results.load(name)
    run = (_machine(str(result["device"])), str(result["commit"]))
    return [(name, row["setting"], f"{row['steps']:,}", f"{row['seconds']:.0f}",
             *("–" if seconds is None else f"{seconds:.0f}" for seconds in row["seconds_to"].values()),
             row["budget"], *run)
            for row in scores(result["payload"].get("table", [])) if "seconds_to" in row]


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
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        cells = (cell.rjust(width) if column in RIGHT else cell.ljust(width)
                 for column, cell, width in zip(lines[0], line, widths))
        yield "  ".join(cells).rstrip()


def markdown(lines: Sequence[Line]) -> Iterator[str]:
    """As a table in a page."""
    rule = tuple("---:" if column in RIGHT else "---" for column in lines[0])
    for line in (lines[0], rule, *lines[1:]):
        yield f"| {' | '.join(cell.replace('|', ' ') for cell in line)} |"


def collected(names: Iterable[str], rows: Callable[[str], list[Line]]) -> tuple[list[Line], list[str]]:
    """The lines of all results, and a sentence for each file that cannot be read."""
    lines, broken = [], []
    for name in names:
        try:
            lines += rows(name)
        except ValueError as error:
            broken.append(str(error))
    return lines, broken
