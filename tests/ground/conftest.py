"""A repository to each test of the ground that wants one, in both object formats."""

from __future__ import annotations

import pytest

from tests import shelf
from tests.ground.worlds import LAYOUT, PRACTICE, save
from vaultcli.ground.repository.repository import Repository


@pytest.fixture(params=["sha256", "sha1"])
def repo(request, tmp_path):
    def make(folder):
        with Repository.create(folder / "chart", LAYOUT, object_format=request.param) as made:
            save(made, {"practice.toml": b"version = 1\n"}, line=PRACTICE)

    shelf.of(("repo", request.param), tmp_path, make)
    with Repository.open(tmp_path / "chart", LAYOUT) as made:
        yield made
