"""A repository to each test of the ground that wants one, in both object formats."""

from __future__ import annotations

import pytest

from tests.ground.worlds import LAYOUT, PRACTICE, save
from vaultcli.ground.repository.repository import Repository


@pytest.fixture(params=["sha256", "sha1"])
def repo(request, tmp_path):
    with Repository.create(tmp_path / "chart", LAYOUT, object_format=request.param) as made:
        save(made, {"practice.toml": b"version = 1\n"}, line=PRACTICE)
        yield made
