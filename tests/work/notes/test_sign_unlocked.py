"""While a person or an agent is waited for, others can write: no lock of the vault is held, and the chain stays one chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import vaults
from tests.work import lines
from vaultcli.ground.errors import Conflict
from vaultcli.places.chart.chart import Chart
from vaultcli.record.finding import Finding
from vaultcli.verify import vault
from vaultcli.work.notes import sign as signatures
from vaultcli.work.notes.sign import Batch
from vaultcli.work.people import exceptions
from vaultcli.work.people.authority import authority
from vaultcli.work.vault import succession


class Slow:
    """A key for which somebody is waited for: what happens meanwhile, and whether the vault's lock was held."""

    def __init__(self, real: Any, world: vaults.World, meanwhile: Callable[[], None] = lambda: None) -> None:
        self._real, self._world, self._meanwhile = real, world, meanwhile
        self.held: list[bool] = []

    def sign(self, message: bytes, namespace: str) -> str:
        with Chart(self._world.vault) as other:
            try:
                with other.repository._lock.hold(patience=0):
                    self.held.append(False)
            except Conflict:
                self.held.append(True)
        self._meanwhile()
        return str(self._real.sign(message, namespace))


@pytest.fixture
def world(tmp_path: Path) -> vaults.World:
    return vaults.make(tmp_path / "vault")


def sign(world: vaults.World, meanwhile: Callable[[], None]) -> Slow:
    file = world.write("ada", vaults.NOTE)
    path = f"notes/{file.name}"
    with world.chart() as chart, signatures.pen(chart, None) as pen, chart.recorder() as by:
        slow = Slow(pen.signer, world, meanwhile)
        ready = signatures.ready(chart, world.clients["ada"], path, file.read_bytes())
        batch = Batch(world.clients["ada"], "sign", [ready.unsigned], {path: ready.seen})
        signatures.sign(chart, batch, replace(pen, signer=slow), by, world.tick(), "system")  # type: ignore[arg-type]
    return slow


def test_a_note_is_signed_without_the_lock_and_the_chain_goes_on_behind_another_command(world: vaults.World) -> None:
    once = [lambda: lines.sign(world, "ada", "Another command.", day="2026-11-19")]
    slow = sign(world, lambda: once and once.pop()())  # type: ignore[func-returns-value]
    assert slow.held == [False, False]
    found = vault.verify(world.vault.chart, now=world.tick())
    assert found.findings == ()
    with world.chart() as chart:
        assert sorted(one.block.number for one in chart.line(world.clients["ada"]).signed.values()) == [1, 2]


def waiting(monkeypatch: pytest.MonkeyPatch, world: vaults.World) -> list[bool]:
    """Every key is one for which somebody is waited for."""
    from vaultcli.ground.ssh.sign import Signer

    held: list[bool] = []
    real = Signer.sign

    def sign(self: Signer, message: bytes, namespace: str) -> str:
        if self._locked or (namespace, message) in self._made:
            return real(self, message, namespace)
        slow = Slow(self, world)
        with monkeypatch.context() as patch:
            patch.setattr(Signer, "sign", real)
            made = slow.sign(message, namespace)
        held.extend(slow.held)
        return made

    monkeypatch.setattr(Signer, "_waits", property(lambda _: True))
    monkeypatch.setattr(Signer, "sign", sign)
    return held


def test_a_policy_key_is_waited_for_without_the_lock(world: vaults.World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines.sign(world, "ada", "First session.")
    branch = f"client/{world.clients['ada']}"
    with world.chart() as chart, authority(chart, None) as holder, chart.recorder() as by:
        head = chart.line(world.clients["ada"]).head
        by.ready()
        held = waiting(monkeypatch, world)
        finding = Finding(branch, "date-order", "x", commit=f"sha256:{head}", branch=branch)
        exceptions.add(chart, finding, "the clock was wrong", holder, world.tick(), "system")
        assert held == [False, False]
        plan = succession.plan(chart, world.clients["bo"], "court-order", []) if world.notes("bo") else None
        assert plan is None
    assert vault.verify(world.vault.chart, now=world.tick()).findings == ()
