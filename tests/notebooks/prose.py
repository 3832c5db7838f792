"""A chapter's prose, sentence by sentence, and the numbers in it that say what was measured or set.

Left out are numbers that claim nothing: formulas and code, headings, numbers of sections and of exercises,
reading times, years, versions, the choices of a question (○ 20%), and the name "95% interval".
"""
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

UNITS = {"%": "%", "percent": "%", "point": "points", "points": "points", "times": "times", "ms": "ms",
         "s": "s", "second": "s", "seconds": "s", "min": "min", "minute": "min", "minutes": "min", "MB": "MB"}
WORDS = "two three four five six seven eight nine ten".split()
DIGITS, UNIT = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", rf"(?:{'|'.join(UNITS)})(?!\w)"
NUMBER = re.compile(rf"(?<![\w.,])(?<!\w-)({DIGITS})(?!\w|[.,]\d)"           # a range has its unit at the end
                    rf"(?:\s?({UNIT})|(?=\s(?:to|and|or|±)\s(?:{DIGITS})\s?({UNIT})))?")
WORDED = re.compile(rf"\b({'|'.join(WORDS)}) (percent|points)\b")
REFERENCE = re.compile(rf"(?:(?:[Ss]ections?|[Ii]n|of|for|by|see|,|and) |[(])"
                       rf"([1-9]\.[1-9])(?!\w|[.,]\d|\s?{UNIT})")
NO_PROSE = re.compile(r"^#+ [^\n]*|^\d+\. |\$\$.*?\$\$|\$[^$]*\$|```.*?```|`[^`]*`|\]\([^)]*\)", re.S | re.M)
NO_CLAIM = re.compile("|".join([
    r"^\| \d\.\d .*", r"^\*(?:Dessert, )?\d+ minutes[.,]",                     # contents, reading times
    r"Exercises? \d\.\d[^()]*\(\d+ minutes[^)]*\)", r"(?:[Ee]xercises?|Equations?) \d\.\d+",
    r"[Cc]hapters? \d", r"\b(?:19|20)\d\d\b", r"(?:[Tt]orch|Python)(?: older than)? [\d.]*\d", r"○ \d+%",
    r"95% interval"]))
SENTENCE = re.compile(r"(?<=[.!?])\*{0,2}\)?\s+(?=[(*“\"]*[A-ZÀ-Ž])|\n+")


@dataclass(frozen=True)
class Stated:
    """A number in a sentence: its digits, and "%", "points", "s", … or nothing."""

    digits: str
    unit: str
    sentence: str

    def says(self, value: float) -> bool:
        """Is this how `value` is printed, rounded to as many decimals? A plain whole number is exact."""
        decimals, said = len(self.digits.partition(".")[2]), float(self.digits.replace(",", ""))
        rounded = 0.5 * 10**-decimals + 1e-9 if self.unit or decimals else 0
        return abs(value - said) <= rounded


def sections(nb: NotebookNode) -> Iterator[tuple[str, list[NotebookNode]]]:
    """("2.4", its cells) for each section, and ("", its cells) for what has a heading without a number."""
    number, cells = "", []
    for cell in nb.cells:
        prose = cell.cell_type == "markdown"
        for part in re.split(r"^(?=## )", cell.source, flags=re.M) if prose else [cell.source]:
            if prose and part.startswith("## "):
                yield number, cells
                number, cells = re.match(r"## (\d\.\d\b|)", part)[1], []
            cells.append(NotebookNode({**cell, "source": part}))
    yield number, cells


def sentences(markdown: str) -> list[str]:
    """Every sentence, and every row of a table, without formulas and code."""
    return [text for text in SENTENCE.split(NO_PROSE.sub(" ", markdown)) if text.strip()]


def references(sentence: str) -> set[str]:
    """Numbers of sections that a sentence points to, as in "we break it in 1.4" or "(1.5)"."""
    return set(REFERENCE.findall(NO_CLAIM.sub(" ", sentence)))


def numbers(sentence: str) -> Iterator[Stated]:
    """The numbers that a sentence states; those of sections are among them, where it points to one."""
    text = NO_CLAIM.sub(" ", sentence)
    for digits, unit, later in NUMBER.findall(text):
        yield Stated(digits, UNITS.get(unit or later, ""), sentence)
    for word, unit in WORDED.findall(text):
        yield Stated(str(2 + WORDS.index(word)), UNITS[unit], sentence)
