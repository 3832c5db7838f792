"""The repository's address, which stands in pyproject.toml only, and everything that is made from it."""
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))

ADDRESS = PROJECT["project"]["urls"]["Repository"]
VERSION = PROJECT["project"]["version"]
RELEASE = f"{ADDRESS}/releases/download/v{VERSION}"
WHEEL = f"metacourse-{VERSION}-py3-none-any.whl"
COLAB = ADDRESS.replace("https://github.com", "https://colab.research.google.com/github")


def in_colab(notebook: str) -> str:
    """The address at which Colab opens a notebook of this repository, named as `chapters/01_fundamentals`."""
    return f"{COLAB}/blob/main/{notebook}.ipynb"


def badge(notebook: str) -> str:
    """The README's picture link to a notebook in Colab."""
    picture = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open {notebook} in Colab]({picture})]({in_colab(notebook)})"
