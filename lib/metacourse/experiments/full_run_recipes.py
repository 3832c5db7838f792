"""How each method trains in a full run: as long as its paper did on a GPU, some minutes on a CPU."""
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Recipe:
    """One method's training; α and inner steps where it has them."""

    way: int                                    # of training tasks
    shot: int
    queries: int                                # a class
    tasks: int                                  # a step
    steps: int
    channels: int
    outer_lr: float = 1e-3                      # at first; falls to zero along a cosine
    optimizer: str = "adam"
    inner_lr: float | None = None
    inner_steps: int | None = None
    test_steps: int | None = None               # inner steps in validation and testing
    loss: Mapping[str, float] = field(default_factory=dict)     # its temperature or margin


@dataclass(frozen=True)
class Scale:
    """A budget and what it is spent on."""

    budget: str                                 # in words, for every row of the results
    recipes: Mapping[str, Recipe]
    validations: int = 20                       # in one training
    validation_episodes: int = 200


def scales(way: int, shot: int, *, photos: bool = False) -> dict[str, Scale]:
    """The budget for each kind of device; whatever is no GPU has that of a CPU."""
    papers = photographs(way, shot) if photos else characters(way, shot)
    short = "minutes of a core" if photos else "3 minutes of a core"
    return {"cuda": Scale("near the papers'", papers, validations=50, validation_episodes=600),
            "cpu": Scale(short, minutes(papers), validations=10, validation_episodes=100)}


def characters(way: int, shot: int) -> dict[str, Recipe]:
    """Steps, tasks, ways and rates of the papers on Omniglot, also for Quick, Draw! and glyphs; 64 channels.

    Where a paper's rate falls in steps, or not at all, it falls along a cosine here. Reptile's inner steps
    are plain descent (Adam in the paper), and on 20 ways it takes half of the paper's 200,000 outer steps.
    Relation networks and Siamese ones have fewer episodes than their papers'. (The report on Quick, Draw!
    took fewer steps than these, and a smaller network: see `papers`.)
    """
    one = Recipe(way, shot, queries=15 if way == 5 else 5, tasks=1, steps=100_000, channels=64)
    walk = {"inner_lr": 0.4, "inner_steps": 1, "test_steps": 3} if way == 5 else \
        {"inner_lr": 0.1, "inner_steps": 5, "test_steps": 5}
    maml = replace(one, queries=5, tasks=32 if way == 5 else 16, steps=60_000, **walk)
    reptile = replace(one, queries=max(1, 10 - shot), tasks=5, outer_lr=1.0, optimizer="sgd", inner_lr=0.1,
                      inner_steps=5 if way == 5 else 10, test_steps=50)
    return {
        "protonet": replace(one, way=60, queries=5, steps=20_000),
        "matching": replace(one, loss={"temperature": 0.1}),
        "relation": one,
        "siamese": replace(one, way=20, queries=5, loss={"margin": 5.0}),
        "maml": maml, "fomaml": maml, "anil": maml, "reptile": reptile,
        "maml_plus_plus": replace(maml, tasks=16, steps=75_000, inner_lr=0.1, inner_steps=5, test_steps=5),
    }


def photographs(way: int, shot: int) -> dict[str, Recipe]:
    """As for characters, with the smaller steps and batches that MAML takes on miniImageNet."""
    recipes = characters(way, shot)
    walk = dict(queries=15, tasks=4 if shot == 1 else 2, channels=32, inner_lr=0.01, inner_steps=5,
                test_steps=10)
    recipes |= {name: replace(recipes[name], **walk) for name in ("maml", "fomaml", "anil")}
    recipes["maml_plus_plus"] = replace(recipes["maml_plus_plus"], **{**walk, "test_steps": 5})
    recipes["reptile"] = replace(recipes["reptile"], channels=32, inner_lr=0.01, inner_steps=8)
    recipes["protonet"] = replace(recipes["protonet"], way=30 if shot == 1 else 20, queries=15)
    return recipes


def minutes(papers: Mapping[str, Recipe]) -> dict[str, Recipe]:
    """The same with 32 channels, fewer queries and tasks, a larger outer rate, and some minutes of steps."""
    changes = {
        "protonet": dict(way=20, steps=2400),
        "matching": dict(way=20, steps=2400),
        "relation": dict(tasks=4, steps=1600),
        "siamese": dict(way=20, steps=2400),
        "maml": dict(tasks=4, steps=1800),
        "fomaml": dict(tasks=4, steps=1400, inner_lr=0.1, inner_steps=5, test_steps=5),
        "anil": dict(tasks=4, steps=1150, inner_lr=0.1, inner_steps=5, test_steps=5),
        "reptile": dict(steps=700, test_steps=10),
        "maml_plus_plus": dict(tasks=4, steps=850, inner_lr=0.2, inner_steps=3, test_steps=3),
    }
    recipes = {}
    for name, change in changes.items():
        recipe = replace(papers[name], **{"channels": 32, "queries": 5, **change})
        if recipe.optimizer == "adam":
            recipe = replace(recipe, outer_lr=3e-3)
        more = recipe.way * (recipe.shot + recipe.queries) / (change.get("way", 5) * 6)     # pictures
        recipes[name] = replace(recipe, steps=round(recipe.steps / more))
    return recipes


def longer(scale: Scale, times: int, *, budget: str) -> Scale:
    """The same recipes with so many times the steps, validated more often and with more episodes."""
    recipes = {name: replace(recipe, steps=times * recipe.steps) for name, recipe in scale.recipes.items()}
    return replace(scale, budget=budget, recipes=recipes, validations=3 * scale.validations,
                   validation_episodes=3 * scale.validation_episodes)


def smoke(scale: Scale) -> Scale:
    """The same methods, done in a moment."""
    tiny = dict(queries=1, tasks=1, steps=2, channels=8)
    return Scale("a moment", validations=1, validation_episodes=2, recipes={
        name: replace(recipe, **tiny, way=min(recipe.way, 20), inner_steps=recipe.inner_steps and 1,
                      test_steps=recipe.test_steps and 1) for name, recipe in scale.recipes.items()})
