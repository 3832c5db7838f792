import pytest

from metacourse import results
from metacourse.experiments import claims
from metacourse.experiments.claims_made import CLAIMS, Claim
from metacourse.experiments.code_hash import code_hash

MAKE = "run: python -m metacourse.experiments.claims (--as-is where the change cannot move a number)"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_claim_holds_over_five_seeds(claim):
    assert claims.check(claim)["holds"], f"{claim.sentence} {claims.check(claim)['measured']}"


@pytest.mark.parametrize("name", claims.experiments())
def test_the_numbers_come_from_the_code_that_is_here(name):
    recorded = results.load("claims")
    assert recorded, MAKE
    assert recorded["code"].get(name) == code_hash(name), f"{name}'s code has changed; {MAKE}"


def test_the_file_says_what_the_results_say():
    assert results.load("claims")["claims"] == [claims.check(claim) for claim in CLAIMS], MAKE


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """Accuracies of five seeds: a is two points better than b, with luck in both; c has three seeds."""
    def scores(*values):
        return {str(seed): {"accuracy": value} for seed, value in enumerate(values)}

    def errors(*values):
        return {str(seed): {"mse": value} for seed, value in enumerate(values)}
    monkeypatch.setenv("METACOURSE_RESULTS", str(tmp_path))
    results.save("made_up", settings={}, seeds=[], device="", versions={}, commit="", minutes=0.0, payload={
        "a": scores(0.62, 0.61, 0.63, 0.62, 0.61), "b": scores(0.60, 0.60, 0.60, 0.60, 0.59),
        "c": scores(0.9, 0.9, 0.9), "chance": scores(0.19, 0.21, 0.20, 0.22, 0.18), "one": {"accuracy": 0.3},
        "low": errors(0.1, 0.2, 0.1, 0.2, 0.15), "high": errors(1.1, 1.3, 1.1, 1.2, 1.05),
        "walk": {seed: {"0": score} for seed, score in scores(0.2, 0.2, 0.2, 0.21, 0.19).items()}})


def check(left, right=None, what="accuracy"):
    left = ("made_up", *left) if isinstance(left, tuple) else ("made_up", left)
    return claims.check(Claim("id", "sentence", left, right and ("made_up", right), what))


def test_a_gain_on_every_seed_holds(recorded):
    checked = check("a", "b")
    assert checked["holds"] and checked["measured"].startswith("+2.0 ± 0.9 points")


def test_what_luck_could_do_does_not_hold(recorded):
    assert not check("b", "a")["holds"] and not check("a", "a")["holds"]


def test_three_seeds_are_too_few(recorded):
    assert not check("c", "b")["holds"] and check("c", "b")["measured"] == "only 3 seeds"


def test_one_number_stands_for_all_seeds(recorded):
    assert check("a", "one")["holds"]


def test_chance_is_near_a_fifth(recorded):
    assert check("chance")["holds"] and not check("a")["holds"]


def test_of_errors_less_is_more(recorded):
    checked = check("low", "high", "mse")
    assert checked["holds"] and checked["measured"].startswith("+1.00 ± 0.09 of squared error saved")
    assert not check("high", "low", "mse")["holds"]


def test_a_path_may_go_on_below_the_seeds(recorded):
    assert check(("walk", "*", "0"))["holds"]
