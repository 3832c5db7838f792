"""`python -m metacourse.results` prints the accuracies that papers report, and ours beside them.

`--all` prints every other recorded accuracy as well, `--times` how long full runs took to 90, 95 and 98 %,
`--markdown` a table for a page.
"""
import argparse
import sys
from collections.abc import Sequence
from functools import partial

from metacourse import results
from metacourse.results.table import HEADER, TIMES, aligned, collected, markdown, rows, time_rows

NOTE = ("Accuracies in %, with 95 % intervals over test episodes (of domain_adaptation: over seeds). Minutes "
        "are those of the whole result; budget: of one training.")
NOTE_ON_TIMES = "Seconds of training without validation; on a CPU, the processor's. –: never reached."


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; files that cannot be read are named after it, and make the exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m metacourse.results", description="Papers against ours.")
    parser.add_argument("--all", action="store_true", help="also what no paper reports")
    parser.add_argument("--times", action="store_true", help="seconds to 90, 95 and 98 %%, in validation")
    parser.add_argument("--markdown", action="store_true", help="as a table for a page")
    asked = parser.parse_args(arguments)
    header, of_one = (TIMES, time_rows) if asked.times else (HEADER, partial(rows, everything=asked.all))
    lines, broken = collected(results.names(), of_one)
    print("\n".join((markdown if asked.markdown else aligned)([header, *lines])))
    more = "" if asked.all else " --all prints the accuracies that no paper reports, too."
    print(f"\n{NOTE_ON_TIMES if asked.times else NOTE + more}")
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
