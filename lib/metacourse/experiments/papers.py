"""What papers report, beside which the full runs stand: accuracies as fractions, and how they were measured.

Only numbers that were looked up are here. Where a method has none for a setting, its row has none.
"""

METHODS = ("protonet", "matching", "relation", "siamese", "maml", "reptile", "maml_plus_plus")

OMNIGLOT = {                                    # in the order of METHODS
    (5, 1): (0.988, 0.981, 0.996, 0.967, 0.987, 0.977, 0.995),
    (5, 5): (0.997, 0.989, 0.998, 0.984, 0.999, 0.995, 0.999),
    (20, 1): (0.960, 0.938, 0.976, 0.880, 0.958, 0.894, 0.977),
    (20, 5): (0.989, 0.985, 0.991, 0.965, 0.989, 0.971, 0.993),
}
QUICKDRAW = {(5, 1): 0.59, (5, 5): 0.77, (5, 10): 0.77, (10, 1): 0.42, (10, 5): 0.58, (10, 10): 0.61}

NUMBERS = {
    **{("omniglot", *setting): dict(zip(METHODS, row)) for setting, row in OMNIGLOT.items()},
    **{("quickdraw", *setting): {"maml": number} for setting, number in QUICKDRAW.items()},
}

PROTOCOLS = {
    "omniglot": {
        "protonet": "Snell et al. (2017), Table 1: Vinyals' split with rotations, 60-way training, inductive",
        "matching": "Vinyals et al. (2016), Table 1: 1,200 characters for training, with rotations; cosine, "
                    "not fine-tuned",
        "relation": "Sung et al. (2018), Table 1: 1,200 characters for training, with rotations",
        "siamese": "Vinyals et al. (2016), Table 1: their rerun of Koch et al. (2015), not fine-tuned",
        "maml": "Finn et al. (2017), Table 1: 1,200 characters for training, with rotations; transductive "
                "batch norm; 5-way: 1 inner step of 0.4 in training and 3 in testing; 20-way: 5 of 0.1",
        "reptile": "Nichol et al. (2018): transductive; inductive 95.4, 98.9, 88.1 and 96.7 in the four "
                   "settings",
        "maml_plus_plus": "Antoniou et al. (2019): a random split of 1,150, 50 and 423 characters",
    },
    "quickdraw": {
        "maml": "Cloudera Fast Forward (2020): 20 images a class, 207, 69 and 69 categories, Conv4 with 20 "
                "channels, 5 inner steps of 0.005, SGD, 5,000 steps of 10 tasks",
    },
}


def number(data: str, way: int, shot: int, method: str) -> float | None:
    """The accuracy that a method's paper reports, where there is one."""
    return NUMBERS.get((data, way, shot), {}).get(method)


def protocol(data: str, way: int, shot: int, method: str) -> str | None:
    """How it was measured; nothing where there is no number."""
    return None if number(data, way, shot, method) is None else PROTOCOLS[data][method]
