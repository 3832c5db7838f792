"""`python -m metacourse.results` prints the accuracies that papers report, and ours beside them.

`--all` prints every other recorded accuracy as well, `--markdown` a table for a page.
"""
import argparse
import sys
from collections.abc import Sequence

from metacourse import results
from metacourse.results.table import aligned, collected, markdown

NOTE = "Accuracies in %, with 95 % intervals. Minutes are those of the whole result; budget: of one training."


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; files that cannot be read are named after it, and make the exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m metacourse.results", description="Papers against ours.")
    parser.add_argument("--all", action="store_true", help="also what no paper reports")
    parser.add_argument("--markdown", action="store_true", help="as a table for a page")
    asked = parser.parse_args(arguments)
    lines, broken = collected(results.names(), everything=asked.all)
    print("\n".join((markdown if asked.markdown else aligned)(lines)))
    print(f"\n{NOTE}" + ("" if asked.all else " --all prints the accuracies that no paper reports, too."))
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
