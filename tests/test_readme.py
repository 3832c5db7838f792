"""The README tells the truth: its files exist, its commands are there, its code runs."""
import re

import pytest

from tools import address, readme

TEXT = readme.README.read_text(encoding="utf-8")
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (readme.REPOSITORY / page).read_text(encoding="utf-8"))
    assert [link for link in links if not (readme.REPOSITORY / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_is_named_exists(page):
    makefile = (readme.REPOSITORY / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"`make ([a-z]+)", (readme.REPOSITORY / page).read_text(encoding="utf-8"))
    assert {target for target in named if f"\n{target}:" not in makefile} == set()


def test_every_folder_of_the_map_exists():
    folders = re.findall(r"^(\S+/) ", TEXT, re.M)
    assert len(folders) == 7
    assert [folder for folder in folders if not (readme.REPOSITORY / folder).is_dir()] == []


def test_badges_and_accuracies_are_those_of_now():
    assert readme.filled(TEXT) == TEXT, "run `make readme`"


def test_the_repository_has_one_address():
    pages = [TEXT, (readme.REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")]
    own = [link for page in pages for link in re.findall(r"https://github\.com/[\w-]+/[\w-]+", page)]
    assert set(own) == {address.ADDRESS}


def test_citation_and_package_have_one_version():
    citation = (readme.REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {address.VERSION}\n" in citation


def test_the_example_runs(capsys):
    example = re.search(r"```python\n(.*?)```", TEXT, re.S)[1]
    quick = example.replace("steps=200", "steps=2, progress=False").replace("(new)", "(new, episodes=5)")
    exec(quick, {})
    assert "chance 20 %" in capsys.readouterr().out
