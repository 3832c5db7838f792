"""What every test may ask for: a seeded generator, and the folder of real data sets where there is one."""
import os
from pathlib import Path

import pytest
import torch

REPOSITORY = Path(__file__).resolve().parent.parent

os.environ.setdefault("MPLBACKEND", "agg")


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(autouse=True)
def own_progress(tmp_path_factory, monkeypatch):
    """Tests never touch what the person at this machine has done in the course."""
    monkeypatch.setenv("METACOURSE_PROGRESS", str(tmp_path_factory.mktemp("progress") / "progress"))


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets: METACOURSE_DATA, or shared/data beside the repository."""
    folder = Path(os.environ.get("METACOURSE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real data sets: set METACOURSE_DATA to their folder")
    return folder
