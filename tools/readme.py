"""What the README gets from elsewhere: `python -m tools.readme` writes picture, badges and accuracies."""
from collections.abc import Callable

from metacourse import figures, results
from metacourse.data import glyphs, sampling
from metacourse.episode import task
from metacourse.training import reproducible
from tools.address import REPOSITORY, badge

README = REPOSITORY / "README.md"
PICTURE = REPOSITORY / "docs" / "picture.png"
MEASURED = {                                    # full runs, and how the table calls them
    "omniglot_5way_1shot": "Omniglot 5-way 1-shot", "omniglot_5way_5shot": "Omniglot 5-way 5-shot",
    "omniglot_20way_1shot": "Omniglot 20-way 1-shot",
    "omniglot_20way_5shot": "Omniglot 20-way 5-shot",
    "glyphs_to_omniglot_5way_1shot": "glyphs to Omniglot 5-way 1-shot",
    "quickdraw_5way_1shot": "Quick, Draw! 5-way 1-shot", "quickdraw_5way_5shot": "Quick, Draw! 5-way 5-shot",
}


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
    """Full runs, a column each: our accuracy with its interval, and in brackets the paper's."""
    runs = {head: {row["setting"]: row for row in run["table"]}
            for name, head in MEASURED.items() if (run := results.load(name))}
    policies = {method: row["policy"] for run in runs.values() for method, row in run.items()}
    lines = [("%", *runs, ""), ("---", *["---:"] * len(runs), "---")]
    lines += [(method, *(_cell(run.get(method)) for run in runs.values()), policy)
              for method, policy in policies.items()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(row: dict | None) -> str:
    if row is None:
        return "–"
    paper = f" ({100 * row['paper']:.1f})" if row["paper"] else ""
    return f"{100 * row['accuracy']:.1f} ± {100 * row['interval']:.1f}{paper}"


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
