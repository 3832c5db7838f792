"""The library's floors, lowest first: a file imports from its own floor or below, never from above."""
import ast
from pathlib import Path

import pytest

import metacourse

LIBRARY = Path(metacourse.__file__).parent
FLOORS = ["episode", "data", "models", "methods", "results", "training",
          "figures", "progress", "quiz", "widgets", "checks", "experiments"]
FILES = sorted(file for file in LIBRARY.rglob("*.py") if file != LIBRARY / "__init__.py")


def dotted(file: Path) -> str:
    parts = file.relative_to(LIBRARY).with_suffix("").parts
    return ".".join(("metacourse", *parts)).removesuffix(".__init__")


def imports(source: str, here: str) -> set[str]:
    """What a file imports from metacourse, dotted, whichever of the forms of import it uses."""
    package, found = here.split("."), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level] if node.level else []
            found |= {".".join([*base, *filter(None, [node.module]), alias.name]) for alias in node.names}
    return {name for name in found if name.startswith("metacourse.")}


def violations(source: str, here: str) -> list[str]:
    """The imports of one file that go up, or sideways out of a method."""
    own, wrong = here.split(".")[1], []
    for name in sorted(imports(source, here)):
        other = name.split(".")[1]
        up = FLOORS.index(other) > FLOORS.index(own) if other in FLOORS else other != "__version__"
        if up or (own == "methods" and other not in ("episode", "methods")):
            wrong.append(f"{here} imports {name}")
    return wrong


@pytest.mark.parametrize("file", FILES, ids=dotted)
def test_imports_only_point_down(file):
    assert dotted(file).split(".")[1] in FLOORS, f"{file.name} stands on no floor: give it one in FLOORS"
    assert violations(file.read_text(encoding="utf-8"), dotted(file)) == []


@pytest.mark.parametrize("source", [
    "import metacourse.checks.maml",
    "from metacourse import checks",
    "from metacourse.checks import maml",
    "from ..checks import maml",
    "def f():\n    from metacourse.training.train import train",
    "from metacourse.data import sampling",
    "from metacourse import plumbing",
])
def test_every_form_of_import_is_read(source):
    assert violations(source, "metacourse.methods.maml")


@pytest.mark.parametrize("source", [
    "import torch",
    "from . import maml",
    "from metacourse.episode import Params",
    "from metacourse.methods.maml import adapt",
])
def test_methods_may_import_the_words_and_each_other(source):
    assert violations(source, "metacourse.methods.anil") == []


@pytest.mark.parametrize("file", FILES, ids=dotted)
def test_no_file_is_longer_than_a_sitting(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("file", FILES, ids=dotted)
def test_every_file_says_what_it_is_for(file):
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
