"""Chart and psychotherapy notes are apart, a statement says so, and each way to mix them is found."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import sealed, shelf
from tests.helpers import run_here
from vaultcli.ground.errors import Refused
from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine import pins, state
from vaultcli.psychotherapy.repository import remotes, separation
from vaultcli.psychotherapy.repository.separation import Separation


@shelf.made_once
def world(tmp_path: Path) -> sealed.SealedWorld:
    made = sealed.begin(tmp_path, "ada", "bo")
    made.note("She spoke of the river.\n")
    return made


def check(world: sealed.SealedWorld) -> Separation:
    with Chart(world.world.vault) as chart, world.store() as store:
        return separation.check(chart, store)


def snapshot(world: sealed.SealedWorld) -> dict[str, tuple[int, int, bytes]]:
    """Every file of the chart and of what this machine remembers of it: size, time, bytes."""
    vault = world.world.vault
    tops = [vault.chart, vault.keys, vault.root / "vault.toml"]
    tops += [one for one in state.top().glob("*") if one.name not in state.PSYCHOTHERAPY]
    found = {}
    for top in tops:
        for folder, _, leaves in [(str(top.parent), [], [top.name])] if top.is_file() else os.walk(top):
            for name in leaves:
                file = Path(folder) / name
                found[str(file)] = (file.stat().st_size, file.stat().st_mtime_ns, file.read_bytes())
    return found


def test_the_chart_does_not_change_by_a_byte_or_a_time(world: sealed.SealedWorld) -> None:
    before = snapshot(world)
    assert len(before) > 20
    known, _ = world.note("CANARY-4711 again\n")
    world.note("and of Bo\n", "bo")
    assert snapshot(world) == before
    canaries = (b"CANARY-4711", known.token.encode(), known.recipient.encode())
    assert not [name for name, (_, _, raw) in before.items() if any(word in raw for word in canaries)]
    assert not check(world).findings


COMMANDS: dict[str, tuple[str, ...]] = {
    "show": ("psychotherapy", "show", "ada"),
    "edit": ("psychotherapy", "edit", "ada", "--from", "text"),
    "check": ("psychotherapy", "check", "ada"),
    "search": ("psychotherapy", "search", "river"),
    "sync": ("psychotherapy", "sync"),
    "share": ("psychotherapy", "share", "ada", "--with", "id.pub", "--basis", "supervision", "-o", "../share.age", "--yes"),
    "emergency": ("psychotherapy", "emergency", "list", "--page", "../paper/page.html", "--reason", "tried"),
    "lock": ("lock",),
    "status": ("status",),
    "verify": ("verify",),
}


def test_they_are_apart_after_everything_that_is_done_with_them(
    world: sealed.SealedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this machine remembers of an opening is its own, and not the chart's."""
    root = world.world.vault.root
    monkeypatch.chdir(root)
    with world.store() as store:
        remotes.init_bare(store, tmp_path / "stick.git")
        remotes.add(store, world.world.vault.chart, "stick", str(tmp_path / "stick.git"), remotes.OWN, tmp_path)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "id"], check=True)
    (root / "text").write_text("She spoke of the sea.\n")
    for name, words in COMMANDS.items():
        done = run_here(list(words))
        assert done.code in (0, 1), (name, done)
        assert not check(world).findings, name
    written = {one.name for one in state.top().iterdir()}
    assert {"access-log", "pins-psychotherapy"} <= written
    assert written <= {*state.CHART, *state.PSYCHOTHERAPY}


def test_every_folder_of_the_state_is_in_the_list() -> None:
    """Nothing but the list makes one, so that a new folder is somebody's."""
    package = Path(state.__file__).parents[2]
    texts = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    asking = {str(path.relative_to(package)) for path, text in texts.items() if "dirs.state()" in text}
    assert asking == {"places/machine/state.py", "ground/process/daemon.py"}
    assert not set(state.CHART) & set(state.PSYCHOTHERAPY)


def test_a_statement_that_a_stranger_checks(world: sealed.SealedWorld, tmp_path: Path) -> None:
    with Chart(world.world.vault) as chart, world.store() as store:
        found = separation.check(chart, store)
        assert not found.findings
        file = tmp_path / "statement.toml"
        separation.write(found, store, chart, file, world.tick())
        with store.machine() as (entry, _):
            who = entry.principal
        with pytest.raises(Refused, match="inside"):
            separation.write(found, store, chart, chart.vault.chart / "s.toml", world.tick())
    said = file.read_text()
    assert 'verdict = "separate"' in said
    assert not [one for one in world.world.clients.values() if one in said]
    allowed = world.settings.repository / "allowed_signers"
    command = ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", who, "-n", "sealed@vaultcli.v1", "-s", f"{file}.sig"]
    assert subprocess.run(command, input=file.read_bytes(), check=False, capture_output=True).returncode == 0
    assert subprocess.run(command, input=file.read_bytes() + b"#", check=False, capture_output=True).returncode != 0


def _git(top: Path, *args: str, data: bytes = b"") -> str:
    command = ["git", "-C", str(top), "-c", "core.hooksPath=/dev/null", "-c", "user.name=x", "-c", "user.email=x", *args]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode().strip()


def _token(world: sealed.SealedWorld) -> str:
    with world.store() as store:
        return store.drawers()[0]


def token_in_a_lost_object(world: sealed.SealedWorld) -> None:
    _git(world.world.vault.chart, "hash-object", "-w", "--stdin", data=f"see {_token(world)}\n".encode())


def recipient_in_a_message(world: sealed.SealedWorld) -> None:
    with world.store() as store:
        said = store.state.epochs.recipient
    _git(world.world.vault.chart, "commit-tree", "-m", f"for {said}", "HEAD^{tree}")


def commit_in_a_log(world: sealed.SealedWorld) -> None:
    with world.store() as store:
        head = store.head
    with (world.world.vault.chart / ".git" / "logs" / "HEAD").open("a") as log:
        log.write(f"{head}\n")


def token_in_the_machine_state(world: sealed.SealedWorld) -> None:
    folder = pins.folder().with_name("glance")
    folder.mkdir(exist_ok=True)
    (folder / "x.json").write_text(f'{{"drawer": "{_token(world)}"}}\n')


def client_id_in_a_remote(world: sealed.SealedWorld) -> None:
    _git(world.settings.repository, "config", "remote.ada.url", f"/srv/{world.world.clients['ada']}")


def name_in_a_hook(world: sealed.SealedWorld) -> None:
    with Chart(world.world.vault) as chart:
        name = next(one.name for one in chart.clients() if one.handle == "ada")
    (world.settings.repository / ".git" / "hooks" / "post-commit").write_text(f"# {name}\n")


def one_machine_key(world: sealed.SealedWorld) -> None:
    for name in ("machine", "machine.pub"):
        shutil.copy(world.settings.keys / name, world.world.vault.keys / f"other-{name}")


def one_remote(world: sealed.SealedWorld) -> None:
    _git(world.settings.repository, "config", "remote.a.url", "ssh://lee@Host.example:22/srv/notes.git")
    _git(world.world.vault.chart, "config", "remote.b.url", "host.example:srv/notes")


def shared_object(world: sealed.SealedWorld) -> None:
    raw = (world.settings.repository / "README.md").read_bytes()
    _git(world.world.vault.chart, "hash-object", "-w", "--stdin", data=raw)


MIXED = {
    token_in_a_lost_object: "separation-trace",
    recipient_in_a_message: "separation-trace",
    commit_in_a_log: "separation-trace",
    token_in_the_machine_state: "separation-trace",
    client_id_in_a_remote: "separation-names",
    name_in_a_hook: "separation-names",
    one_machine_key: "separation-keys",
    one_remote: "separation-remotes",
    shared_object: "separation-objects",
}


@pytest.mark.parametrize("mix", MIXED, ids=lambda one: one.__name__)
def test_each_way_to_mix_them_is_found(world: sealed.SealedWorld, mix: Callable[[sealed.SealedWorld], None]) -> None:
    mix(world)
    found = check(world)
    assert MIXED[mix] in {one.rule for one in found.findings}, found.findings
    assert found.exit_code == 1


@pytest.mark.parametrize("form", ["folder", "file", "relative"])
def test_one_place_never_holds_both(world: sealed.SealedWorld, tmp_path: Path, form: str) -> None:
    """Also where plain git wrote down that the chart is fetched from there."""
    place = tmp_path / "one.git"
    chart = world.world.vault.chart
    with world.store() as store:
        remotes.init_bare(store, place)
        remotes.add(store, chart, "stick", str(place), remotes.OWN, tmp_path)
    with pytest.raises(Refused, match="already"):
        remotes.refuse_shared(world.settings.repository / ".git", str(place), "something else of this vault")
    written = {"folder": str(place), "file": f"file://{place}", "relative": os.path.relpath(place, chart)}[form]
    _git(chart, "config", "remote.disk.url", written)
    with world.store() as store, pytest.raises(Refused, match="the chart is synced"):
        remotes.chosen(store, chart, None)
