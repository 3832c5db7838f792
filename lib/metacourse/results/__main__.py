"""`python -m metacourse.results` prints every recorded accuracy beside the one that its paper reports."""
import sys
from collections.abc import Iterator
from typing import Any

from metacourse import results

HEADER = ("result", "setting", "paper", "ours", "device", "minutes", "commit")
MOST = 12                                       # lines for one result, unless it has a table of its own


def scores(payload: Any, where: str = "") -> Iterator[dict]:
    """Every {"accuracy", "interval"} in a payload, however deep; its setting is the way that leads there."""
    if isinstance(payload, dict) and {"accuracy", "interval"} <= payload.keys():
        yield {"setting": where, **payload}
    elif isinstance(payload, dict | list):
        for key, part in payload.items() if isinstance(payload, dict) else enumerate(payload):
            yield from scores(part, f"{where} {key}".strip())


def rows(name: str) -> list[tuple[str, ...]]:
    """The lines of one result: its payload's table where it has one, else what accuracies there are."""
    result = results.load(name)
    run = (str(result["device"]), f"{result['minutes']:.1f}", str(result["commit"]))
    table = list(scores(result["payload"].get("table", [])))
    found = table or list(scores(result["payload"]))[:MOST] or [{}]
    return [(name, entry.get("setting", ""), _paper(entry), _ours(entry), *run) for entry in found]


def _paper(entry: dict) -> str:
    return "–" if entry.get("paper") is None else f"{100 * entry['paper']:.1f}"


def _ours(entry: dict) -> str:
    return f"{100 * entry['accuracy']:.1f} ± {100 * entry['interval']:.1f}" if "accuracy" in entry else "–"


def main() -> int:
    """Print the table; files that cannot be read are named after it, and make the exit code 1."""
    lines, broken = [HEADER], []
    for name in results.names():
        try:
            lines += rows(name)
        except ValueError as error:
            broken.append(str(error))
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
