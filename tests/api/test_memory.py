"""Walking over a practice keeps one client's record in memory, not all of them."""

import datetime as dt

from tests import vaults
from vaultcli import Vault

NOW = dt.datetime.fromisoformat("2026-11-23T15:00:00-05:00")


def test_what_was_read_of_one_client_is_let_go_before_the_next(tmp_path):
    world = vaults.make(tmp_path / "vault", clients=("ada", "bo", "cy"))
    for handle in world.clients:
        world.write(handle, vaults.NOTE)
    with Vault.open(world.vault.root, clock=lambda: NOW) as vault:
        vault.sign(vault.notes())
    with Vault.open(world.vault.root, clock=lambda: NOW) as vault:
        for walk in (vault.notes(), vault.export_all("jsonl")):
            for _ in walk:
                assert len(vault.chart._lines) <= 2
        assert vault.chart._lines == {}
