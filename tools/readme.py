"""What the README gets from elsewhere: `python -m tools.readme` writes picture, badges and accuracies."""
from collections.abc import Callable

from metacourse import figures, results
from metacourse.data import glyphs, sampling
from metacourse.episode import task
from metacourse.training import reproducible
from tools.address import REPOSITORY, badge

README = REPOSITORY / "README.md"
PICTURE = REPOSITORY / "docs" / "picture.png"
MEASURED = "omniglot_5way_1shot"


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


def accuracies() -> str:
    """Papers beside what a full run gave here, as a table."""
    run = results.load(MEASURED)
    lines = [f"| {row['setting']} | {_percent(row['paper'])} | {_percent(row['accuracy'])} ± "
             f"{_percent(row['interval'])} | {row['policy']} |\n" for row in run["table"]]
    head = f"| 5-way 1-shot, % | paper | ours: {run['budget']} | |\n| --- | ---: | ---: | --- |\n"
    return head + "".join(lines)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


PARTS: dict[str, Callable[[], str]] = {"badges": badges, "accuracies": accuracies}


def filled(readme: str) -> str:
    """The README with every part as it should be now, between its two marks."""
    for name, part in PARTS.items():
        before, begin, rest = readme.partition(f"<!-- {name}: written by `make readme` -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        readme = before + begin + part() + end + after
    return readme


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    picture().save(PICTURE)
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    print("README.md and docs/picture.png written")
