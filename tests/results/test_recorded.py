"""What the results files of the course say can be traced, and computed again from what they keep."""
import json
import re

import pytest

from metacourse import results
from metacourse.experiments import papers
from metacourse.experiments.full_run_methods import NAMES as NAMES_OF_METHODS

NAMES = results.names()
COMMIT = re.compile(r"[0-9a-f]{10,40}\+?")      # with a + where files differed from it
UNCOMMITTED = {
    "claims", "distillation_glyphs", "domain_adaptation_digits", "domain_adaptation_glyphs",
    "evaluation_protocol_glyphs", "fairness", "few_shot_comparison_glyphs", "few_shot_omniglot",
    "finetuning_glyphs", "fixed_labels_glyphs", "in_context_glyphs", "more_information_glyphs",
    "negative_transfer_glyphs", "protonet_distance_glyphs", "protonet_glyphs",
    "protonet_way_shot_glyphs", "reptile_glyphs", "reviewers_desk", "self_supervised_glyphs",
    "task_lab", "transfer_layers_glyphs", "transfer_or_meta_glyphs",
}


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


def test_full_runs_stand_beside_the_papers_numbers_of_today():
    for name in (name for name in NAMES if re.fullmatch(r"\w+_\d+way_\d+shot", name)):
        result = results.load(name)
        which = tuple(result["settings"][key] for key in ("data", "way", "shot"))
        known = {NAMES_OF_METHODS[method]: number for method, number in papers.NUMBERS.get(which, {}).items()}
        assert {row["setting"]: row["paper"] for row in result["table"] if row["paper"]} == known


def test_new_results_are_of_code_that_a_commit_holds():
    """A + after the commit says that files differed from it. Only these are so, all of the first weeks."""
    assert {name for name in NAMES if results.load(name)["commit"].endswith("+")} <= UNCOMMITTED


@pytest.mark.parametrize("name", NAMES)
def test_every_result_says_from_which_commit_and_machine_it_is(name):
    content = json.loads((results.folder() / f"{name}.json").read_text(encoding="utf-8"))
    assert content["name"] == name and COMMIT.fullmatch(content["commit"])
    assert content["device"] and content["versions"].get("torch") and content["minutes"] >= 0
