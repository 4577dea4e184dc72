"""A stranger opens and checks what was sealed with age, tar, git and ssh-keygen alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import sealed
from vaultcli.record.sealed import recovery_page

age = pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed: opening by stock age was not tried")


def run(*command: str, stdin: bytes = b"", cwd: Path | None = None) -> bytes:
    done = subprocess.run(command, input=stdin, cwd=cwd, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@age
def test_three_nested_age_calls_open_a_note(tmp_path: Path) -> None:
    world = sealed.begin(tmp_path, "ada")
    known, id_ = world.note("She spoke of the river again.\n")
    repository, keys = world.settings.repository, world.settings.keys
    ram = tmp_path / "ram"
    ram.mkdir()
    (ram / "e").write_bytes(run("age", "-d", "-i", str(keys / "plain.txt"), str(keys / "epoch.age")))
    (ram / "d").write_bytes(run("age", "-d", "-i", str(ram / "e"), str(repository / known.token / "identity.age")))
    plain = run("age", "-d", "-i", str(ram / "d"), str(repository / known.token / f"{id_}.age"))
    assert run("tar", "-xOf", "-", "note.md", stdin=plain) == b"She spoke of the river again.\n"
    for name in ("header.toml", "header.toml.sig"):
        (ram / name).write_bytes(run("tar", "-xOf", "-", name, stdin=plain))
    head = (ram / "header.toml").read_bytes()
    machine = head.decode().split('machine = "')[1].split('"')[0]
    said = run(
        *("ssh-keygen", "-Y", "verify", "-f", str(repository / "allowed_signers"), "-I", machine),
        *("-n", "sealed@vaultcli.v1", "-s", str(ram / "header.toml.sig")),
        stdin=head,
    )
    assert said.startswith(b"Good")
    run("git", "fsck", "--strict", "--full", cwd=repository)
    for commit in run("git", "rev-list", "HEAD", cwd=repository).split():
        run("git", "-c", "gpg.ssh.allowedSignersFile=allowed_signers", "verify-commit", commit.decode(), cwd=repository)


@age
def test_the_page_and_a_clone_open_a_note(tmp_path: Path) -> None:
    world = sealed.begin(tmp_path, "ada")
    known, id_ = world.note("The dream had no door.\n")
    sheet = recovery_page.parse(world.page.read_text())
    ram = tmp_path / "ram"
    run("git", "clone", "-q", str(world.settings.repository), str(ram / "clone"))
    (ram / "r").write_text(sheet.identity + "\n")
    (ram / "epoch.age").write_bytes(sheet.sealed)
    (ram / "e").write_bytes(run("age", "-d", "-i", str(ram / "r"), str(ram / "epoch.age")))
    (ram / "d").write_bytes(run("age", "-d", "-i", str(ram / "e"), str(ram / "clone" / known.token / "identity.age")))
    plain = run("age", "-d", "-i", str(ram / "d"), str(ram / "clone" / known.token / f"{id_}.age"))
    assert run("tar", "-xOf", "-", "note.md", stdin=plain) == b"The dream had no door.\n"
