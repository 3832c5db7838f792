"""Progress survives several notebooks, broken files and folders that cannot be written."""
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from metacourse import progress


def test_what_is_recorded_is_read_back_also_with_odd_names():
    for id in ("1.1 scratch", "families/where", "ä: 100 %?", "con*.json"):
        progress.record("prediction", id, {"answer": "φ", "sure": 0.8})
    read = progress.read("prediction")
    assert set(read) == {"1.1 scratch", "families/where", "ä: 100 %?", "con*.json"}
    assert read["ä: 100 %?"] == {"answer": "φ", "sure": 0.8}


def test_a_later_record_replaces_an_earlier_one_and_kinds_do_not_mix():
    progress.record("quiz", "families", 1)
    progress.record("quiz", "families", 2)
    assert progress.read("quiz") == {"families": 2}
    assert progress.read("exercise") == {}


def test_reading_makes_no_folder():
    assert progress.read("quiz") == {}
    assert not progress.folder().exists()


def test_many_writers_at_once_lose_no_record():
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: progress.record("quiz", f"q{i}", i), range(60)))
        list(pool.map(lambda i: progress.record("quiz", "same", i), range(60)))
    records = progress.read("quiz")
    assert records.pop("same") in range(60)
    assert records == {f"q{i}": i for i in range(60)}
    assert all(not path.name.startswith(".") for path in progress.folder().rglob("*")), "nothing half-written"


def test_another_process_sees_the_record():
    progress.record("quiz", "families", {"points": 4, "of": 6})
    code = "from metacourse import progress; print(progress.read('quiz'))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "{'families': {'points': 4, 'of': 6}}"


@pytest.mark.parametrize("broken", [b'{"points": 4, "o', b"", b"\xff\xfe\x00"])
def test_a_corrupt_file_is_kept_aside_with_a_message_and_the_rest_is_read(broken):
    progress.record("quiz", "families", 3)
    progress.record("quiz", "fundamentals", 5)
    (progress.folder() / "quiz" / "families.json").write_bytes(broken)
    with pytest.warns(UserWarning, match=r"quiz/families.json cannot be read .* kept as families.corrupt"):
        assert progress.read("quiz") == {"fundamentals": 5}
    assert (progress.folder() / "quiz" / "families.corrupt").read_bytes() == broken
    progress.record("quiz", "families", 4)
    assert progress.read("quiz") == {"families": 4, "fundamentals": 5}


def test_a_folder_that_cannot_be_written_costs_only_persistence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("METACOURSE_PROGRESS", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="until this kernel stops.*METACOURSE_PROGRESS"):
        progress.record("quiz", "unwritten", 1)
    assert progress.read("quiz") == {"unwritten": 1}
    progress._unwritten.clear()


@pytest.mark.parametrize("id", ["", ".hidden"])
def test_an_id_that_would_be_lost_is_refused(id):
    with pytest.raises(ValueError, match="does not begin with a dot"):
        progress.record("quiz", id, 1)


def test_a_value_that_json_cannot_hold_changes_nothing():
    progress.record("quiz", "families", 1)
    with pytest.raises(TypeError):
        progress.record("quiz", "families", {1, 2})
    assert progress.read("quiz") == {"families": 1}


def test_the_files_are_plain_json_that_a_person_can_read():
    progress.record("prediction", "1.1 scratch", {"answer": "Nearly 100 %."})
    file = progress.folder() / "prediction" / "1.1 scratch.json"
    assert json.loads(file.read_text(encoding="utf-8")) == {"answer": "Nearly 100 %."}


def test_the_summary_counts_exercises_quizzes_and_predictions():
    progress.record("exercise", "fundamentals.interval", {"points": 2, "of": 3})
    progress.record("quiz", "families", {"points": 4, "of": 6})
    for id, right in [("1.1 scratch", True), ("1.3 twice", False)]:
        progress.record("prediction", id, {"answer": "a", "sure": 0.9})
        progress.record("judged", id, {"sure": 0.9, "right": right})
    progress.record("prediction", "1.5 flip", {"answer": "a", "sure": 0.5})
    text, html = repr(progress.summary()), progress.summary()._repr_html_()
    for part in ("2 of 3 points", "4 of 6 points", "3 committed", "1 of 2 revealed", "sent anywhere"):
        assert part in text and part in html


def test_the_summary_of_nothing_says_so_and_names_no_folder():
    text = repr(progress.summary())
    assert text.startswith("nothing yet")
    assert str(progress.folder()) not in text


@pytest.mark.parametrize("platform, tail", [
    ("linux", ".local/share/metacourse/progress"),
    ("darwin", "Library/Application Support/metacourse/progress"),
    ("win32", "AppData/Local/metacourse/progress"),
])
def test_the_folder_is_the_platforms_place_for_data(platform, tail, monkeypatch):
    for name in ("METACOURSE_PROGRESS", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    assert progress.folder().as_posix().endswith(tail)
