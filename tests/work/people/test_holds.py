"""Nothing that is held is destroyed, by whichever way: what is unreadable, unverified, unsaved or unsynced is held, too."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

import vaultcli
from tests import vaults
from tests.work import lines
from vaultcli.ground.errors import Refused
from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine.vault import Vault
from vaultcli.places.remote import remotes as places
from vaultcli.record.notes import client as entries
from vaultcli.record.notes.hold import Free
from vaultcli.record.rules import succession as statements
from vaultcli.verify import vault
from vaultcli.work.people import holds, register
from vaultcli.work.people.authority import authority
from vaultcli.work.sync import remotes
from vaultcli.work.sync import sync as syncs
from vaultcli.work.vault import succession
from vaultcli.work.vault.succession import Succeeded

HOLD = {"hold": "litigation, from 2026-11-01"}


@pytest.fixture
def world(tmp_path: Path) -> vaults.World:
    """Ada's line with two notes, one of them withdrawn as another client's."""
    world = vaults.make(tmp_path / "vault")
    lines.sign(world, "ada", "First session.")
    lines.withdraw(world, "ada", lines.sign(world, "ada", "Somebody else's.", day="2026-11-21"))
    return world


def change(world: vaults.World, **values: str) -> None:
    with world.chart() as chart:
        lined = {name.replace("_", "-"): value for name, value in values.items()}
        register.change(chart, chart.client("ada"), lined, world.tick())


def succeed(vault: Vault, client: str, now: datetime, ground: str, place: Path | None) -> Succeeded:
    with Chart(vault) as chart, authority(chart, None) as holder:
        plan = succession.plan(chart, client, ground)
        free = asked(chart, client, now) if place is None else None
        return succession.succeed(chart, plan, holder.recorder, now, place, free)


def asked(chart: Chart, client: str, now: datetime) -> Free:
    return holds.free(chart, client, now, vault.verify(chart.vault.chart, now=now).findings)


def delete(world: vaults.World, ground: str = "misfiled-text", place: Path | None = None) -> Succeeded:
    return succeed(world.vault, world.clients["ada"], world.tick(), ground, place)


def free(world: vaults.World, handle: str = "ada") -> None:
    with world.chart() as chart:
        asked(chart, world.clients[handle], world.tick())


@pytest.mark.parametrize("ground", statements.GROUNDS)
def test_nothing_held_is_deleted_on_any_ground(world: vaults.World, ground: str) -> None:
    change(world, **HOLD)
    before = lines.git(world.vault.chart, "cat-file", "--batch-all-objects", "--batch-check")
    with pytest.raises(Refused, match="litigation") as caught:
        delete(world, ground)
    assert "--hold-ended" in caught.value.hint
    assert lines.git(world.vault.chart, "cat-file", "--batch-all-objects", "--batch-check") == before


def test_a_hold_ends_on_purpose_and_not_by_its_line(world: vaults.World) -> None:
    change(world, **HOLD)
    change(world, hold="")
    with pytest.raises(Refused, match="was not ended though the line is gone"):
        delete(world)
    change(world, hold_ended="settled, 2026-11-20")
    assert len(delete(world).commit) == 64


def test_a_misfiled_text_is_sealed_away_and_the_hold_goes_on(world: vaults.World, tmp_path: Path) -> None:
    change(world, **HOLD)
    safe = tmp_path / "safe"
    safe.mkdir()
    for ground in set(statements.GROUNDS) - {"misfiled-text"}:
        with pytest.raises(Refused, match="litigation"):
            delete(world, ground, safe)
    change(world, hold="")
    with pytest.raises(Refused, match="new line would not say"):
        delete(world, place=safe)
    change(world, **HOLD)
    sealed = delete(world, place=safe).sealed
    assert sealed is not None
    assert "verified" in lines.git(world.vault.chart, "bundle", "verify", str(sealed.path)) or sealed.path.is_file()
    with pytest.raises(Refused, match="litigation"):
        free(world)


def test_a_day_of_retention_binds_until_it_has_passed(world: vaults.World) -> None:
    change(world, retain_until="2031-01-01")
    change(world, retain_until="")
    with pytest.raises(Refused, match="retain-until: 2031-01-01, though the line is gone"):
        free(world)
    change(world, retain_until="2026-01-01")
    free(world)


def unreadable(world: vaults.World, tmp: Path) -> None:
    blob = lines.git(world.vault.chart, "rev-parse", f"client/{world.clients['ada']}:client.md").strip()
    for file in (world.vault.chart / ".git" / "objects").glob(f"{blob[:2]}/{blob[2:]}"):
        file.chmod(0o600)
        file.write_bytes(b"rotten")


def unverified(world: vaults.World, tmp: Path) -> None:
    client = f"client/{world.clients['ada']}"
    tree = lines.git(world.vault.chart, "rev-parse", f"{client}^{{tree}}").strip()
    forged = lines.git(
        world.vault.chart, "-c", "user.name=x", "-c", "user.email=x", "commit-tree", tree, "-p", client, "-m", "x"
    ).strip()
    lines.git(world.vault.chart, "update-ref", f"refs/heads/{client}", forged)


def unsaved(world: vaults.World, tmp: Path) -> None:
    file = world.folder("ada") / entries.PATH
    file.write_bytes(file.read_bytes().replace(b"id: ", b"hold: court\nid: "))


def away(world: vaults.World, tmp: Path) -> None:
    with_remote(world, tmp)
    shutil.move(tmp / "usb", tmp / "elsewhere")


def ahead(world: vaults.World, tmp: Path) -> None:
    """Another machine has recorded a hold and sent it; this one has not fetched it."""
    with_remote(world, tmp)
    spare = tmp / "spare"
    shutil.copytree(world.vault.chart, spare, symlinks=True)
    change(world, **HOLD)
    sync(world)
    shutil.rmtree(world.vault.chart)
    shutil.move(spare, world.vault.chart)


def with_remote(world: vaults.World, tmp: Path) -> None:
    with world.chart() as chart:
        remotes.init_bare(tmp / "usb", object_format=chart.repository.object_format, genesis=chart.genesis)
        remotes.add(chart, "usb", str(tmp / "usb"), places.OWN, tmp)
    sync(world)


def sync(world: vaults.World) -> syncs.Outcome:
    with world.chart() as chart:
        return syncs.sync(chart, remotes.chosen(chart, "usb")[0], world.tick())


@pytest.mark.parametrize("doubt", [unreadable, unverified, unsaved, away, ahead])
def test_what_cannot_be_seen_counts_as_held(
    world: vaults.World, tmp_path: Path, doubt: Callable[[vaults.World, Path], None]
) -> None:
    free(world)
    doubt(world, tmp_path)
    with world.chart() as chart, pytest.raises(Refused, match="nothing of this client's is destroyed"):
        asked(chart, world.clients["ada"], world.tick())


def test_a_remote_in_step_stands_in_nobodys_way(world: vaults.World, tmp_path: Path) -> None:
    with_remote(world, tmp_path)
    free(world)
    assert len(delete(world).commit) == 64


@pytest.mark.parametrize("held", [True, False])
def test_what_was_deleted_elsewhere_is_not_deleted_here_while_it_is_held(
    world: vaults.World, tmp_path: Path, held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody deletes, with a program that does not ask; this copy keeps the line, and says why."""
    with_remote(world, tmp_path)
    if held:
        change(world, **HOLD)
        sync(world)
    spare = tmp_path / "spare"
    shutil.copytree(world.vault.chart, spare, symlinks=True)
    with monkeypatch.context() as patch:
        patch.setattr(holds, "free", lambda _, client, *__: Free(client, ""))
        patch.setattr(holds, "why", lambda *_: "")
        delete(world)
    assert sync(world).whole
    shutil.rmtree(world.vault.chart)
    shutil.move(spare, world.vault.chart)
    with world.chart() as chart:
        chart.repository.recover()
    outcome = sync(world)
    assert [[one.rule for one in arrival.findings] for arrival in outcome.refused] == ([["hold"]] if held else [])
    assert len(outcome.received) == (not held)


def test_a_group_is_held_with_its_members(world: vaults.World) -> None:
    with world.chart() as chart:
        group = register.add(
            chart, {"name": "Tuesday", "handle": "tuesday", "kind": "group", "members": [world.clients["ada"]]}, world.tick()
        )
        asked(chart, group.id, world.tick())
    change(world, **HOLD)
    with world.chart() as chart, pytest.raises(Refused, match="litigation"):
        asked(chart, group.id, world.tick())


CALLS = {
    "supersede": {"work/vault/succession.py": "holds.free"},
    "discard": {"psychotherapy/repository/plaintext.py": "nothing"},
    "advance": {"work/sync/sync.py": "holds.lost_by"},
    "destroy": {"cli/psychotherapy/destroy.py": "holds.free"},
}
"""What takes recorded things away, who calls it, and how that one asks. Plaintext of sealed notes was never recorded as one."""


@pytest.mark.parametrize("name", sorted(CALLS))
def test_whatever_deletes_or_destroys_asks(name: str) -> None:
    top = Path(vaultcli.__file__).parent
    found = {}
    for file in sorted(top.rglob("*.py")):
        text = file.read_text()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                if name == "discard" and ast.unparse(node.func) != "prune.discard":
                    continue
                if name == "advance" and not any(one.arg == "succession" for one in node.keywords):
                    continue
                found[str(file.relative_to(top))] = text
    assert found.keys() == CALLS[name].keys()
    for file, ask in CALLS[name].items():
        assert ask == "nothing" or ask in found[file], file
