"""Where a chapter's numbers come from: its code, what that shows, and the settings of recorded runs."""
import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from metacourse import results
from tests.notebooks.prose import NUMBER, UNITS, Stated, numbers, references, sections, sentences
from tools.text import tags

CITATION = re.compile(r"[A-ZÀ-Ž][\w’'-]+(?: et al\.| and [A-ZÀ-Ž][\w-]+)?,? \(?(?:19|20)\d\d\b")
WAIT = re.compile(r"[Aa]bout \d+ (?:s|seconds)\b")              # depends on the reader's machine
QUESTION = re.compile(r"^(?:Predict|Quiz|Concepts)\b")          # offers numbers to choose from,
CHOICES = re.compile(r"\n\s*[✗✓] .*", re.S)                     # and so does its answer, below the measured
LOADED = re.compile(r"^(?:(\w+)\b[^=\n]*= )?.*?results\.load\(\"(\w+)\"\)", re.M)
INHERITED = re.compile(r"percent\b|\bpoints\b|, s\b")           # a unit that an output names once for all


@dataclass
class Sources:
    """The numbers of a section: in its code and its settings; and shown, by unit."""

    written: set[float] = field(default_factory=set)
    shown: dict[str, set[float]] = field(default_factory=dict)

    def hold(self, stated: Stated) -> bool:
        """Is it shown in the unit in which it is stated, or written (for percent and points as a share)?"""
        written = self.written if not stated.unit else set()
        if stated.unit in ("%", "points"):
            written = {100 * value for value in self.written if 0 < value < 1}
        return any(map(stated.says, written | self.shown.get(stated.unit, set())))


def unsourced(nb: NotebookNode, course: Mapping[str, Sources]) -> list[Stated]:
    """Numbers of the prose that no cell of their section has, nor of one they point to, nor a paper.

    `course` has the sources of every section, of all chapters. What stands in no section, as the summary at
    the end, may speak of the whole chapter.
    """
    whole = sources(nb.cells, loaded(nb))
    return [stated for number, cells in sections(nb)
            for stated in _unsourced(cells, course[number] if number else whole, course)]


def _unsourced(cells: Sequence[NotebookNode], here: Sources,
               course: Mapping[str, Sources]) -> Iterator[Stated]:
    for cell, after in zip(cells, [*cells[1:], None]):
        for sentence in sentences(cell.source) if cell.cell_type == "markdown" else ():
            if CITATION.search(sentence):                                     # its numbers are the paper's
                continue
            there = references(sentence) & set(course)
            known = [here, *(course[number] for number in there)]
            yield from (stated for stated in numbers(WAIT.sub(" ", sentence) if _slow(after) else sentence)
                        if stated.digits not in there and not any(some.hold(stated) for some in known))


def _slow(cell: NotebookNode | None) -> bool:
    """Does the cell train or measure time?"""
    return cell is not None and ("nbval-ignore-output" in tags(cell) or "train(" in cell.source)


def course_of(notebooks: Sequence[NotebookNode]) -> dict[str, Sources]:
    """The sources of each section, over several chapters."""
    return {number: sources(cells, loaded(nb))
            for nb in notebooks for number, cells in sections(nb) if number}


def loaded(nb: NotebookNode) -> dict[str, str]:
    """{variable, or the call itself: name} of the results that a notebook loads."""
    code = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")
    return {variable or f'"{name}"': name for variable, name in LOADED.findall(code)}


def sources(cells: Sequence[NotebookNode], results_of: Mapping[str, str]) -> Sources:
    """Of these cells, and of the settings of the results that they use."""
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    used = {name for variable, name in results_of.items()
            if re.search(rf"(?<!\w){variable}(?!\w)", "\n".join(code))}
    found = Sources({value for source in code for value in _constants(source)})
    found.written.update(value for name in used for value in _flat(_settings(results.load(name))))
    for text in (text for cell in cells for text in _texts(cell)):
        for unit, values in by_unit(text).items():
            found.shown.setdefault(unit, set()).update(values)
    return found


def _constants(source: str) -> Iterator[float]:
    """Numbers in a cell's code, without seeds."""
    try:
        waiting: list[ast.AST] = [ast.parse(source)]
    except SyntaxError:                                                       # the set-up cell calls pip
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield float(node.value)
        a_seed = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("generator", "seeded")
        if not a_seed and not (isinstance(node, ast.keyword) and node.arg == "seed"):
            waiting += ast.iter_child_nodes(node)


def _settings(result: results.Result) -> dict:
    """Of a result, without the budgets of other devices."""
    kind = "cpu" if result["device"].startswith("cpu") else "cuda"
    return {name: value.get(kind) if name == "scales" else value
            for name, value in result["settings"].items()}


def _flat(settings: object) -> Iterator[float]:
    if isinstance(settings, dict | list):
        for part in settings.values() if isinstance(settings, dict) else settings:
            yield from _flat(part)
    elif type(settings) in (int, float):
        yield float(settings)


def _texts(cell: NotebookNode) -> Iterator[str]:
    """What a cell shows as text: printed, or said of a picture. Answers to choose from are not measured."""
    for output in cell.get("outputs", []):
        said = [value.get("alt", "") for value in output.get("metadata", {}).values()]
        for text in [output.get("text", ""), output.get("data", {}).get("text/plain", ""), *said]:
            if text and not QUESTION.match(text):
                yield CHOICES.sub("", text)


def by_unit(text: str) -> dict[str, set[float]]:
    """The numbers of an output. One that has no unit also takes those that the output names for all."""
    found: dict[str, set[float]] = {}
    for digits, unit, later in NUMBER.findall(text):
        found.setdefault(UNITS.get(unit or later, ""), set()).add(float(digits.replace(",", "")))
    for unit in {UNITS[name.lstrip(", ")] for name in INHERITED.findall(text)}:
        found[unit] = found.get(unit, set()) | found.get("", set())
    return found
