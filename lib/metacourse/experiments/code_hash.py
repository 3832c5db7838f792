"""A fingerprint of the code that a recorded number depends on, blind to comments and docstrings."""
import ast
import hashlib
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent.parent
MOVERS = ("episode", "data", "models", "methods", "training", "experiments")   # floors that move numbers
BYSTANDERS = ("data.cache", "data.download", "training.bar", "training.checkpoint", "experiments.runner",
              "experiments.recording")


def code_hash(experiment: str) -> str:
    """Of the experiment's module and all modules of the library that it imports, directly or not."""
    digest = hashlib.blake2b(digest_size=8)
    for module in sorted(_closure(f"experiments.{experiment}")):
        digest.update(f"{module}\n{ast.dump(_without_docstrings(_tree(module)))}\n".encode())
    return digest.hexdigest()


def _closure(start: str) -> set[str]:
    found, waiting = set(), [start]
    while waiting:
        module = waiting.pop()
        if module not in found and _moves_numbers(module):
            found.add(module)
            waiting += _imports(_tree(module))
    return found


def _moves_numbers(module: str) -> bool:
    return module.split(".")[0] in MOVERS and module not in BYSTANDERS and _file(module) is not None


def _imports(tree: ast.Module) -> list[str]:
    """Everything in the library that a module may import: `from metacourse.data import glyphs` names two."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "metacourse":
            inside = node.module.split(".")[1:]
            names += [".".join(inside), *(".".join([*inside, alias.name]) for alias in node.names)]
    return [name for name in names if name]


def _file(module: str) -> Path | None:
    path = LIBRARY / module.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _tree(module: str) -> ast.Module:
    return ast.parse(_file(module).read_text(encoding="utf-8"))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    return tree
