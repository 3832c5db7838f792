"""`python -m metacourse.results` prints every recorded number beside the one that its paper reports."""
import sys

from metacourse import results

HEADER = ("result", "setting", "paper", "ours", "device", "minutes", "commit")


def rows(name: str) -> list[tuple[str, ...]]:
    """The lines of one result: one for each entry of its table, and one where it has none."""
    result = results.load(name)
    run = (str(result["device"]), f"{result['minutes']:.1f}", str(result["commit"])[:9])
    entries = result["payload"].get("table") or [{}]
    return [(name, str(entry.get("setting", "")), _paper(entry), _ours(entry), *run) for entry in entries]


def _paper(entry: dict) -> str:
    return "–" if entry.get("paper") is None else f"{entry['paper']}"


def _ours(entry: dict) -> str:
    return f"{100 * entry['accuracy']:.1f} ± {100 * entry['interval']:.1f}" if "accuracy" in entry else "–"


def main() -> int:
    lines, broken = [HEADER], []
    for name in results.names():
        try:
            lines += rows(name)
        except ValueError as error:
            broken.append(str(error))
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    print(*broken, sep="\n", file=sys.stderr, end="\n" if broken else "")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
