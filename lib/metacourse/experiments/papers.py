"""What papers report, beside which the full runs stand: accuracies as fractions, and how they were measured.

Only numbers that were looked up are here. Where a method has none for a setting, its row has none.
"""

METHODS = ("protonet", "matching", "relation", "siamese", "maml", "fomaml", "reptile", "anil",
           "maml_plus_plus")

OMNIGLOT = {                                    # in the order of METHODS
    (5, 1): (0.988, 0.981, 0.996, 0.967, 0.987, 0.983, 0.977, None, 0.995),
    (5, 5): (0.997, 0.989, 0.998, 0.984, 0.999, 0.992, 0.995, None, 0.999),
    (20, 1): (0.960, 0.938, 0.976, 0.880, 0.958, 0.894, 0.894, 0.962, 0.977),
    (20, 5): (0.989, 0.985, 0.991, 0.965, 0.989, 0.979, 0.971, 0.980, 0.993),
}
MINI_IMAGENET = {
    (5, 1): (0.494, None, None, None, 0.487, 0.481, 0.500, 0.467, None),
    (5, 5): (0.682, None, None, None, 0.631, 0.632, 0.660, 0.615, None),
}
QUICKDRAW = {(5, 1): 0.59, (5, 5): 0.77, (5, 10): 0.77, (10, 1): 0.42, (10, 5): 0.58, (10, 10): 0.61}

NUMBERS = {
    **{(data, *setting): {method: number for method, number in zip(METHODS, row) if number is not None}
       for data, rows in {"omniglot": OMNIGLOT, "mini_imagenet": MINI_IMAGENET}.items()
       for setting, row in rows.items()},
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
        "fomaml": "Nichol et al. (2018), Table 2: 1st-order MAML, transductive",
        "reptile": "Nichol et al. (2018), Table 2: transductive; inductive 95.4, 98.9, 88.1 and 96.7 in the "
                   "four settings",
        "anil": "Raghu et al. (2020), whose own MAML has 93.7 and 96.4 on 20 ways",
        "maml_plus_plus": "Antoniou et al. (2019): a random split of 1,150, 50 and 423 characters",
    },
    "mini_imagenet": {
        "protonet": "Snell et al. (2017), Table 2: 30-way training for 1 shot, 20-way for 5; inductive",
        "maml": "Finn et al. (2017), Table 1: transductive batch norm",
        "fomaml": "Nichol et al. (2018), Table 1: 1st-order MAML, transductive",
        "reptile": "Nichol et al. (2018), Table 1: transductive; inductive 47.1 and 62.7",
        "anil": "Raghu et al. (2020), whose own MAML has 46.9 and 63.1",
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
