"""A bundle of one client's line is all that a stranger needs, and shows nothing of anybody else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.work import lines
from vaultcli.ground import files
from vaultcli.ground.errors import Conflict, NotFound, Refused
from vaultcli.places.chart.chart import Chart
from vaultcli.record.notes.hold import Free
from vaultcli.work.people.authority import authority
from vaultcli.work.release import line_bundle
from vaultcli.work.release.line_bundle import Bundle
from vaultcli.work.vault import succession

CANARY = "Bo's own words"


@shelf.made_once
def world(tmp_path: Path) -> vaults.World:
    world = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM), clients=("ada", "bo", "cy-dee"))
    note = lines.sign(world, "ada", "First session.")
    lines.correct(world, "ada", note, "Mood is better.")
    for handle in ("bo", "cy-dee"):
        lines.sign(world, handle, CANARY, day="2026-11-19")
        world.write(handle, lines.TEXT.replace("She came", f"{CANARY} came").encode(), day="2026-11-18")
    return world


def bundle(world: vaults.World, path: Path) -> Bundle:
    with world.chart() as chart:
        return line_bundle.bundle(chart, world.clients["ada"], path)


def clone(made: Bundle, folder: Path) -> Path:
    lines.git(folder, "clone", "-q", str(made.path), "theirs")
    lines.git(folder / "theirs", "branch", "-q", "practice", "origin/practice")
    return folder / "theirs"


def test_the_clone_checks_out_the_clients_files_and_every_stock_tool_agrees(world: vaults.World, tmp_path: Path) -> None:
    made = bundle(world, tmp_path / "ada.bundle")
    theirs = clone(made, tmp_path)
    branch = f"client/{world.clients['ada']}"
    assert lines.git(theirs, "branch", "--show-current").strip() == branch
    assert lines.git(theirs, "fsck", "--strict", "--full") == ""
    assert "First session." in lines.git(theirs, "log", "-p")
    assert sorted(path.name for path in (theirs / "notes").glob("*.md")) == [path.name for path in world.notes("ada")]
    signers = tmp_path / "allowed_signers"
    signers.write_text(lines.git(theirs, "show", "practice:allowed_signers"))
    commits = lines.git(theirs, "rev-list", branch, "practice").split()
    assert len(commits) == 5
    for commit in commits:
        lines.git(theirs, "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", commit)


def test_every_note_signature_of_the_clone_verifies_with_ssh_keygen(world: vaults.World, tmp_path: Path) -> None:
    theirs = clone(bundle(world, tmp_path / "ada.bundle"), tmp_path)
    signers = tmp_path / "allowed_signers"
    signers.write_text(lines.git(theirs, "show", "practice:allowed_signers"))
    signed = sorted(theirs.rglob("*.sig"))
    assert len(signed) == 2
    for signature in signed:
        kind = "correction" if ".correction-" in signature.name else "note"
        command = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "lee-example", "-n", f"{kind}@vaultcli.v1", "-s", signature]
        subprocess.run(command, input=signature.with_suffix("").read_bytes(), check=True, capture_output=True)


def test_nothing_of_another_client_is_in_it(world: vaults.World, tmp_path: Path) -> None:
    canaries = canaries_of(world, "bo") | canaries_of(world, "cy-dee")
    assert len(canaries) > 25
    made = bundle(world, tmp_path / "ada.bundle")
    theirs = clone(made, tmp_path)
    objects = lines.everything(theirs)
    for canary in canaries:
        assert canary not in objects
        assert not [oid for oid, raw in objects.items() if canary.encode() in raw or as_bytes(canary) in raw], canary
        assert canary not in lines.git(theirs, "for-each-ref") + "".join(made.heads)
    mine = set(lines.git(world.vault.chart, "rev-list", "--objects", "--no-object-names", *made.heads.values()).split())
    assert objects.keys() == mine


def canaries_of(world: vaults.World, handle: str) -> set[str]:
    """What tells of a client: ids, names, file hashes, commit and object ids that no other line has."""
    branch, ada, chart = f"client/{world.clients[handle]}", f"client/{world.clients['ada']}", world.vault.chart
    listing = ("rev-list", "--objects", "--no-object-names")
    found = set(lines.git(chart, *listing, branch).split()) - set(lines.git(chart, *listing, ada, "practice").split())
    for path in world.notes(handle):
        found |= {path.name, path.stem.rpartition("-")[2], files.digest(path.read_bytes())}
    times = lines.git(chart, "log", "--format=%ct", branch).split()
    name = " ".join(part.capitalize() for part in (*handle.split("-"), "example"))
    return found | set(times) | {world.clients[handle], name, f"handle: {handle}", CANARY}


def as_bytes(canary: str) -> bytes:
    """An object's id as trees have it; the text itself for all else."""
    try:
        return bytes.fromhex(canary) if len(canary) == 64 else canary.encode()
    except ValueError:
        return canary.encode()


def test_practice_ends_at_the_newest_policy_that_the_line_names(world: vaults.World, tmp_path: Path) -> None:
    from tests.helpers import signed
    from vaultcli.ground.ssh.keyfiles import KeyFile

    before = lines.git(world.vault.chart, "rev-parse", "practice").strip()
    with world.chart() as chart:
        texts = {"templates/notes/later.md": b"---\nformat: dap\n---\n"}
        chart.repository.record(
            "practice", texts, message="policy\n", ident=lines_ident(), when=world.tick(), expecting=before,
            sign=lambda payload: signed(KeyFile(world.vault.keys / "personal"), payload, "git"),
        )  # fmt: skip
    made = bundle(world, tmp_path / "ada.bundle")
    assert made.heads["refs/heads/practice"] == before
    assert lines.git(world.vault.chart, "rev-parse", "practice").strip() != before


def lines_ident() -> object:
    from vaultcli.ground.git.objects import Ident

    return Ident(vaults.LEE.name, vaults.LEE.id)


def test_no_trace_is_left_and_nothing_is_overwritten(world: vaults.World, tmp_path: Path) -> None:
    git = world.vault.chart / ".git"
    with world.chart() as chart:
        chart.policies  # noqa: B018
    before = {file.relative_to(git) for file in git.rglob("*")}
    made = bundle(world, tmp_path / "ada.bundle")
    assert {file.relative_to(git) for file in git.rglob("*")} <= before | {Path("vaultcli.lock")}
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert made.sha256 == files.digest(made.path.read_bytes())
    with pytest.raises(Conflict):
        bundle(world, made.path)


@pytest.mark.parametrize("reason", ["wrong-client", "entered-in-error"])
def test_a_misfiled_text_is_not_given_away_until_the_line_is_succeeded(world: vaults.World, tmp_path: Path, reason: str) -> None:
    wrong = lines.sign(world, "ada", "Somebody else's session.", day="2026-11-21")
    lines.withdraw(world, "ada", wrong, reason=reason)
    if reason != "wrong-client":
        assert bundle(world, tmp_path / "ada.bundle")
        return
    with pytest.raises(Refused, match="wrong-client"):
        bundle(world, tmp_path / "ada.bundle")
    assert not (tmp_path / "ada.bundle").exists()
    with world.chart() as chart, authority(chart, None) as holder:
        plan = succession.plan(chart, world.clients["ada"], "misfiled-text")
        succession.succeed(chart, plan, holder.recorder, world.tick(), None, Free(plan.client, ""))
    theirs = clone(bundle(world, tmp_path / "ada.bundle"), tmp_path)
    assert not any(b"Somebody else's session." in raw for raw in lines.everything(theirs).values())


def test_there_must_be_a_line(world: vaults.World, tmp_path: Path) -> None:
    with Chart(world.vault) as chart, pytest.raises(NotFound):
        line_bundle.bundle(chart, "0000000000000000", tmp_path / "x.bundle")
