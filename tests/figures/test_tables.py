import pytest

from metacourse.figures import tables
from metacourse.results import NotRun, Result

SCORE, OTHER = {"accuracy": 0.5, "interval": 0.012}, {"accuracy": 0.7, "interval": 0.008}
OURS = Result({"name": "made_up", "minutes": 12.3, "device": "cpu", "commit": "abc",
               "payload": {"accuracy": {"1": {"maml": {"0": SCORE, "1": OTHER}},
                                        "5": {"maml": {"0": SCORE}}}}})


def test_a_table_is_text_in_a_terminal_and_html_in_a_notebook():
    rows = [{"method": "a<b", "accuracy": "91.2"}, {"method": "c", "accuracy": None}]
    made = tables.table(rows, "How good?")
    assert repr(made) == "How good?\nmethod  accuracy\n────────────────\na<b     91.2\nc       –"
    assert "a&lt;b" in made._repr_html_() and made._repr_html_().count("<tr>") == 3


def test_a_row_may_lack_a_column():
    assert tables.table([{"a": 1}, {"b": 2}]).rows == (("1", "–"), ("–", "2"))


def test_percent_is_written_with_its_interval():
    assert tables.percent(0.912, 0.005) == "91.2 ± 0.5" and tables.percent(0.912) == "91.2"
    assert tables.percent(None) is None


def test_our_mean_over_seeds_stands_below_the_papers():
    made = tables.beside_papers(OURS, "omniglot")
    assert made.rows[0][:3] == ("MAML", "98.7", "99.9")
    *numbers, protocol = made.rows[-1]
    assert numbers == ["MAML", "60.0 ± 1.0", "50.0 ± 1.2", "here"]
    assert protocol == "12 min for all of ours, cpu; inductive"


@pytest.mark.parametrize("data", tables.PAPERS)
def test_a_missing_run_says_how_to_make_it_beside_the_papers(data):
    assert "python -m metacourse.experiments.made_up" in repr(tables.beside_papers(NotRun("made_up"), data))


def test_every_reported_number_is_a_share_with_its_source_and_protocol():
    for line in (line for lines in tables.PAPERS.values() for line in lines):
        assert all(0.2 < value < 1 for value in line.accuracy.values()) and line.source and line.protocol
