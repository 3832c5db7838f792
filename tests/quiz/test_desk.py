"""The reviewer's desk: every paper is inflated by its own code, and only one diagnostic shows how."""
import inspect
import re
from statistics import fmean

import pytest
import torch

from metacourse import progress, quiz, results
from metacourse.episode import Examples
from metacourse.quiz import papers
from metacourse.quiz.desk import Desk, as_number, written
from metacourse.quiz.papers import fair_shares, steady_scores
from metacourse.quiz.papers.paper import Diagnostic, Finding
from tests.quiz.by_hand import plain, saved_state


def made_up(text, number):
    numbers = {"claimed": 90.0, "honest": number, "other": 12.0}
    return Diagnostic(text, lambda seed=0: Finding(numbers, "Read."))


@pytest.fixture
def on_the_desk():
    """The first paper, with diagnostics that answer at once; the second shows the flaw."""
    invented = papers.paper("steady scores")._replace(
        diagnostics=(made_up("Look.", 90.0), made_up("Break it.", 61.3)), flaw=1, corrected="honest")
    return Desk(invented)


def run(shown, place):
    shown.menu.value = place
    shown.run.click()


def report(shown, number):
    shown.number.value = str(number)
    shown.report.click()
    return plain(shown.status.value)


@pytest.mark.parametrize("name", papers.NAMES)
def test_a_page_fits_on_a_page_and_prints_the_code_that_runs(name):
    one = papers.paper(name)
    words = sum(len(paragraph.split()) for paragraph in one.text())
    assert 120 <= words <= 180, words
    assert {"claimed", "other"} == set(re.findall(r"{(\w+)}", one.page))
    assert one.name == name and 0 <= one.flaw < len(one.diagnostics) == 3
    for function in one.code:
        assert inspect.getsource(function).rstrip() in one.source()


@pytest.mark.parametrize("name", papers.NAMES)
def test_the_saved_page_does_not_say_which_diagnostic_it_is(name):
    shown = quiz.desk(name)
    for given in (plain(saved_state()), plain(repr(shown))):
        assert all(diagnostic.text in given for diagnostic in shown.paper.diagnostics)
        assert shown.paper.why not in given and shown.paper.habit not in given


def test_the_text_form_stays_the_same_and_has_title_page_code_and_menu():
    one = papers.paper("fair shares")
    assert repr(quiz.desk("fair shares")) == repr(Desk(one)) and "0x" not in repr(Desk(one))
    for part in (one.title, "a hundred of each digit", "votes = scores.softmax", "( ) Test with the class"):
        assert part in plain(repr(Desk(one)))


def test_nothing_can_be_pressed_before_a_choice_and_nothing_reported_before_a_run(on_the_desk):
    assert on_the_desk.run.disabled and on_the_desk.reporting.layout.display == "none"
    on_the_desk.menu.value = 0
    assert not on_the_desk.run.disabled and on_the_desk.reporting.layout.display == "none"
    on_the_desk.run.click()
    assert on_the_desk.reporting.layout.display is None and "90.0" in on_the_desk.found.value


def test_the_wrong_diagnostic_corrects_nothing(on_the_desk):
    run(on_the_desk, 0)
    said = report(on_the_desk, 90)
    assert "✗ This diagnostic does not show the flaw" in said
    assert f"Hint: {plain(on_the_desk.paper.hint)}" in said
    assert progress.read("desk") == {}


def test_the_right_diagnostic_and_the_corrected_number_solve_the_paper(on_the_desk):
    run(on_the_desk, 0)
    report(on_the_desk, 90)
    run(on_the_desk, 1)
    said = report(on_the_desk, 61.0)
    assert "✓" in said and plain(on_the_desk.paper.why) in said
    assert progress.read("desk") == {"steady scores": {"diagnostics": 2}}
    assert progress.read("quiz") == {"desk": {"points": 1, "of": 5}}


@pytest.mark.parametrize("number, hint", [(90.2, "90.2 is “claimed”"), (12, "12 is “other”"),
                                          (50, "50 is none of its numbers")])
def test_another_number_is_not_the_corrected_one(on_the_desk, number, hint):
    run(on_the_desk, 1)
    assert hint in report(on_the_desk, number) and progress.read("desk") == {}


@pytest.mark.parametrize("text, number", [("61.3", 61.3), (" 61,3 %", 61.3), ("−1.5 points", -1.5),
                                          ("", None), ("none", None)])
def test_a_number_may_be_written_in_several_ways(text, number):
    assert as_number(text) == number


def test_no_number_is_no_report(on_the_desk):
    run(on_the_desk, 1)
    assert "Wanted: the corrected number" in report(on_the_desk, "") and on_the_desk.tried == set()


def test_a_diagnostic_that_fails_leaves_a_desk_that_can_be_used(on_the_desk):
    def broken(seed=0):
        raise RuntimeError("no memory")
    one = on_the_desk.paper._replace(diagnostics=(Diagnostic("Break.", broken),))
    shown = Desk(one)
    shown.menu.value = 0
    with pytest.raises(RuntimeError, match="no memory"):
        shown._run()
    assert not shown.run.disabled and shown.reporting.layout.display == "none"


def test_an_unknown_paper_is_refused_with_the_names_there_are():
    with pytest.raises(KeyError, match="steady scores, ten offsets"):
        quiz.desk("unsteady scores")


def test_without_its_recorded_numbers_a_page_shows_dashes(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_RESULTS", str(tmp_path))
    assert papers.paper("fair shares").numbers() == {"claimed": "–", "other": "–"}
    assert "**– %**" in papers.paper("fair shares").text()[2]


@pytest.mark.parametrize("name", papers.NAMES)
def test_every_recorded_claim_is_inflated_from_every_seed(name):
    one, recorded = papers.paper(name), results.load("reviewers_desk")
    first = recorded["papers"][name]
    claimed = next(iter(first["claim"]))
    assert first["diagnostics"].keys() == {diagnostic.text for diagnostic in one.diagnostics}
    inflated = [run[claimed] - run[one.corrected] for run in recorded["repeated"][name].values()]
    assert min(inflated) > 0 and fmean(inflated) > 5                       # percent, or points


@pytest.mark.parametrize("name", ["steady scores", "contrast first"])
def test_the_recorded_claim_is_what_the_code_gives(name):
    found = papers.paper(name).claim()
    recorded = results.load("reviewers_desk")["papers"][name]["claim"]
    assert found.numbers == pytest.approx(recorded, abs=0.1)


def test_steady_scores_are_means_of_five_in_a_row():
    scores = torch.tensor([[0.0], [5.0], [10.0], [0.0], [5.0], [0.0]])
    steady = steady_scores.steady(lambda support, x: x, Examples(scores, scores), scores)
    assert steady.flatten().tolist() == [3.0, 3.0, 4.0, 4.0, 3.0, 1.0]     # (0 + 0 + 0 + 5 + 10) / 5, …


def test_fair_shares_gives_every_digit_as_many_votes_and_every_picture_one():
    votes = fair_shares.fair_shares(torch.randn(40, 10, generator=torch.Generator().manual_seed(0)))
    torch.testing.assert_close(votes.sum(1), torch.ones(40))
    torch.testing.assert_close(votes.sum(0), torch.full((10,), 4.0), atol=0.01, rtol=0)


def test_a_number_is_written_as_a_reader_expects_it():
    assert [written(value) for value in (1707, 83.42, -1.5)] == ["1,707", "83.4", "−1.5"]
