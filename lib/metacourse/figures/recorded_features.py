"""The table of features that others pretrained: accuracy, and what they had seen."""
from metacourse.figures.recorded_few_shot_tables import or_missing
from metacourse.figures.tables import Table, percent, table

NAMES = {"efficientnet_lite0": "EfficientNet-Lite0, ImageNet", "characters": "ours, training scripts",
         "pixels": "raw pixels"}
DATA = {"glyphs": "new scripts", "omniglot": "Omniglot", "quickdraw": "Quick, Draw!"}


@or_missing
def features_table(result) -> Table:
    """A row for each data set and kind of features: 5-way accuracy, nothing trained, and what was seen.

    Reads "accuracy" {features: {data: {shot: score}}}, "seen" {features: {data: sentence}} and "dim".
    """
    lines = []
    for data, name in DATA.items():
        for features, tested in result["accuracy"].items():
            if data in tested:
                scores = {f"{shot}-shot": percent(score["accuracy"], score["interval"])
                          for shot, score in tested[data].items()}
                lines.append({"tested on": name, "features": NAMES.get(features, features),
                              "numbers": f"{result['dim'][features]:,}", **scores,
                              "in pretraining": result["seen"][features][data]})
    episodes = result["settings"]["test_episodes"]
    return table(lines, f"accuracy in percent, 5-way, frozen features and the nearest mean (centered, length "
                        f"1); {episodes} episodes and their 95 % interval; pictures enlarged to "
                        f"{result['settings']['size']} pixels for ImageNet's network",
                 wide=("features", "in pretraining"))
