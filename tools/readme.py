"""What the README gets from elsewhere, its picture and its badges: `python -m tools.readme` writes both."""
import re

from metacourse import figures
from metacourse.data import glyphs, sampling
from metacourse.episode import task
from metacourse.training import reproducible
from tools.address import REPOSITORY, badge

README = REPOSITORY / "README.md"
PICTURE = REPOSITORY / "docs" / "picture.png"
BADGES = re.compile(r"(?<=<!-- badges: written by `make readme` -->\n).*?(?=<!-- /badges -->)", re.S)


def picture() -> figures.Picture:
    """A 5-way 1-shot episode of scripts that no method of chapter 1 meets in training."""
    new, rng = glyphs.load("test"), reproducible.generator(2)
    episodes = sampling.sample_episodes(new.images, tasks=1, way=5, shot=1, queries=7, rng=rng)
    return figures.episode(task(episodes, 0), title="One example each. Would you know the others again?")


def badges() -> str:
    """A row for each chapter that exists: the chapter and its exercises, in Colab."""
    names = [path.stem for path in sorted((REPOSITORY / "chapters").glob("*.ipynb"))]
    return "".join(f"{name.replace('_', ' ')}: chapter {badge(f'chapters/{name}')} "
                   f"exercises {badge(f'exercises/{name}')}\n\n" for name in names)


def with_badges(readme: str) -> str:
    return BADGES.sub(lambda old: badges(), readme)


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    picture().save(PICTURE)
    README.write_text(with_badges(README.read_text(encoding="utf-8")), encoding="utf-8")
    print("README.md and docs/picture.png written")
