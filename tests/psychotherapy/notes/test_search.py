"""A search is the same in one process, in several, and by the agent; what does not open stops nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import sealed, shelf
from tests.sealed import SealedWorld
from vaultcli.ground.age import seal as age
from vaultcli.psychotherapy.notes import search
from vaultcli.psychotherapy.unlock import agent
from vaultcli.psychotherapy.unlock.agent import Agent
from vaultcli.psychotherapy.unlock.opener import Opener
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.view.query import query


@shelf.made_once
def world(tmp_path: Path) -> SealedWorld:
    made = sealed.begin(tmp_path, "ada", "bo")
    for day in range(1, 5):
        made.note(f"---\ndate: 2026-10-0{day}\n---\n\nThe river, {day}.\n", "ada" if day % 2 else "bo")
    return made


@pytest.mark.parametrize("how", ["one process", "several", "agent", "agent, several"])
def test_every_way_finds_the_same(world: SealedWorld, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "several" in how:
        monkeypatch.setattr(search, "PAYS", 1)
        monkeypatch.setattr(search, "PIECE", 1)
        monkeypatch.setattr(search.workers, "available", lambda: 2)
    with world.store() as store:
        keys = world.keys(store)
        known = list(keys.drawers().values())
        stranger = Sealed(known[0].token, "0123456789abcdef")
        with store.machine() as (_, signer):
            raw = age.seal(b"x" * 4096, [age.generate().recipient])
            store.record({stranger.path: raw}, world.tick(), by=signer)
        opener: Opener = keys
        if "agent" in how:
            agent.start(store, keys.epoch)
            opener = Agent(store.vault)
        try:
            seen: list[int] = []
            found = search.search(store, opener, known, query(["river"]), 3, seen.append)
        finally:
            agent.lock(store)
        assert [one.facts.date for one in found.hits] == ["2026-10-04", "2026-10-03", "2026-10-02"]
        assert (found.total, found.broken, sum(seen)) == (4, [stranger.path], 5)
        assert all(one.places and not one.problem for one in found.hits)
