"""What the results files of the course say can be traced, and computed again from what they keep."""
import json
import re

import pytest

from metacourse import results

NAMES = results.names()
COMMIT = re.compile(r"[0-9a-f]{10,40}\+?")      # with a + where files differed from it


def kept(part):
    """Every row of a payload that keeps the right answers of its episodes."""
    if isinstance(part, dict) and "correct" in part and "of" in part:
        yield part
    elif isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from kept(inner)


def recomputed(row):
    """Accuracy and the half width of its 95 % interval, 1.96 s/√n, by school arithmetic."""
    shares = [int(count) / row["of"] for count in row["correct"].split()]
    mean = sum(shares) / len(shares)
    variance = sum((share - mean) ** 2 for share in shares) / (len(shares) - 1)
    return mean, 1.96 * (variance / len(shares)) ** 0.5, len(shares)


def test_two_episodes_recomputed_with_a_pencil():
    mean, interval, episodes = recomputed({"correct": "2 4", "of": 4})
    assert (mean, episodes) == (0.75, 2) and interval == pytest.approx(1.96 * 0.25)


@pytest.mark.parametrize("name", [name for name in NAMES if any(kept(results.load(name)["payload"]))])
def test_accuracies_and_intervals_follow_from_the_episodes(name):
    for row in kept(results.load(name)["payload"]):
        mean, interval, episodes = recomputed(row)
        assert row["accuracy"] == pytest.approx(mean, abs=6e-6)
        assert row["interval"] == pytest.approx(interval, abs=6e-6)
        assert row["episodes"] == episodes >= 600


def test_full_runs_keep_their_episodes():
    full = [name for name in NAMES if re.fullmatch(r"\w+_\d+way_\d+shot", name)]
    assert "omniglot_5way_1shot" in full
    for name in full:
        table = results.load(name)["table"]
        assert table and len(list(kept(table))) == len(table)
        assert all(row["budget"] for row in table)


@pytest.mark.parametrize("name", NAMES)
def test_every_result_says_from_which_commit_and_machine_it_is(name):
    content = json.loads((results.folder() / f"{name}.json").read_text(encoding="utf-8"))
    assert content["name"] == name and COMMIT.fullmatch(content["commit"])
    assert content["device"] and content["versions"].get("torch") and content["minutes"] >= 0
