"""The commands that stand on the pages and in the repository's own README, run as they stand: stock age opens a note by them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

from tests import shelf
from tests.psychotherapy.proofs.desk import PASSPHRASE, PATIENCE, Desk, git, id_in

ROOT = Path(__file__).parents[3]
SPEC = ROOT / "docs/spec/psychotherapy"
TEXT = "She spoke of the lighthouse."
TOKEN, ID, MACHINE = "4r0q2m8wkc4xe9r7", "7n5tq2m8wkc4xe9r", "m5k2x8q0c"
"""What stands on the pages in the place of ids."""

pytestmark = pytest.mark.skipif(shutil.which("age") is None, reason="SKIPPED: age is not installed; its commands were NOT tried")


def blocks(page: str, language: str = "sh") -> list[str]:
    """The fenced blocks of a page."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def shell(script: str, cwd: Path, passphrase: str = "") -> str:
    """Run lines in a terminal, as they would be typed; what was on it."""
    child = pexpect.spawn(
        "bash", ["--norc", "-euo", "pipefail", "-c", script], cwd=cwd, env={**os.environ, "HOME": str(cwd)}, timeout=PATIENCE,
        encoding="utf-8",
    )  # fmt: skip
    if passphrase:
        child.expect("passphrase")
        child.sendline(passphrase)
    child.expect(pexpect.EOF)
    said = str(child.before)
    child.close()
    assert child.exitstatus == 0, said
    return said


@shelf.made_once
def made(tmp_path: Path) -> tuple[Desk, Path, str, str]:
    """A note under a real passphrase; a folder with a clone and the key files, and the note's token and id."""
    desk = Desk(tmp_path / "desk")
    desk.begin("ada")
    asked = [("new passphrase", PASSPHRASE), ("again", PASSPHRASE)]
    desk.typed("psychotherapy", "init", "--page", tmp_path / "page.html", answers=asked)
    (text := tmp_path / "text").write_text(f"{TEXT}\n")
    note = id_in(desk.unlocked("psychotherapy", "new", "ada", "--from", text).partition("sealed")[2])
    text.unlink()
    (path,) = desk.sealed.glob(f"*/{note}.age")
    ram = tmp_path / "ram"
    git(tmp_path, "clone", "-q", desk.sealed, ram)
    for name in ("clinician.age", "epoch.age"):
        shutil.copy(desk.key_store() / name, ram)
    return desk, ram, path.parent.name, note


def test_the_page_on_keys(made: tuple[Desk, Path, str, str]) -> None:
    _, ram, token, note = made
    (script,) = [block for block in blocks((SPEC / "keys.md").read_text()) if "clinician.age" in block]
    assert TEXT in shell(script.replace(TOKEN, token).replace(ID, note), ram, PASSPHRASE)


def test_the_repositorys_own_readme(made: tuple[Desk, Path, str, str]) -> None:
    _, ram, token, note = made
    readme = (ram / "README.md").read_text()
    lines = [line.strip() for line in readme.splitlines() if line.startswith("    ")]
    opening = [line for line in lines if line.startswith("age ")]
    assert len(opening) == 3
    shell("age -d clinician.age > c.txt", ram, PASSPHRASE)
    words = {"CLINICIAN-OR-RECOVERY-IDENTITY": "c.txt", "DRAWER": token, "FILE": note}
    script = "\n".join(opening)
    for word, meant in words.items():
        script = script.replace(word, meant)
    assert TEXT in shell(script, ram)
    (verify,) = [line for line in lines if line.startswith("ssh-keygen")]
    (log,) = [line for line in lines if line.startswith("git ")]
    took = f"age -d -i d.txt {token}/{note}.age > note.tar; tar -xf note.tar header.toml header.toml.sig note.md"
    shell(took, ram)
    header = (ram / "header.toml").read_text()
    machine = re.search(r'^machine = "(.*)"$', header, re.MULTILINE)
    assert machine
    assert 'Good "sealed@vaultcli.v1" signature' in shell(verify.replace("MACHINE", machine[1]), ram)
    digest = subprocess.run(["sha256sum", ram / "note.md"], capture_output=True, text=True, check=True).stdout.split()[0]
    assert f'sha256 = "{digest}"' in header
    commits = len(git(ram, "rev-list", "sealed").split())
    assert shell(f"{log} | cat", ram).count('Good "git" signature') == commits == 2
    # and the control: a changed header does not verify
    (ram / "header.toml").write_text(header.replace("note", "nota", 1))
    with pytest.raises(AssertionError):
        shell(verify.replace("MACHINE", machine[1]), ram)


def test_the_pages_on_the_repository_and_on_sealed_files(made: tuple[Desk, Path, str, str]) -> None:
    desk, ram, token, note = made
    shell("age -d clinician.age > c.txt", ram, PASSPHRASE)
    shell(f"age -d -i c.txt epoch.age > e.txt; age -d -i e.txt {token}/identity.age > drawer.txt", ram)
    (listing,) = re.findall(r"^\$ (age -d .*)$", (SPEC / "sealed-file.md").read_text(), re.MULTILINE)
    said = shell(listing.replace(TOKEN, token).replace(ID, note), ram)
    assert [line.split()[-1] for line in said.splitlines()] == ["header.toml", "header.toml.sig", "note.md"]
    assert said.count("-rw------- 0/0") == 3
    (clone,) = [block for block in blocks((SPEC / "repository.md").read_text()) if "git clone" in block]
    assert "Good" in shell(clone, desk.root)


def test_what_stock_age_sealed_is_taken_in_and_marked(tmp_path: Path) -> None:
    """By the commands of the page on notes, with the token and the recipient that `list --json` gives."""
    desk = Desk(tmp_path / "desk")
    desk.begin("ada")
    desk.begin_sealed()
    first = desk.new("ada", "One.\n")
    (person,) = desk.people()
    (script,) = [block for block in blocks((ROOT / "docs/psychotherapy/notes.md").read_text()) if "age -r" in block]
    seal, save = script.strip().splitlines()
    (desk.root / "note.txt").write_text(f"{TEXT}\n")
    shell(seal.replace("age1...", str(person["recipient"])).replace(TOKEN, str(person["token"])), desk.root)
    (desk.root / "note.txt").unlink()
    assert save == "vaultcli psychotherapy save"
    said = desk.apart("save").out
    assert "unsigned" in said
    taken = id_in(said)
    assert taken != first
    shown = desk.apart("show", taken)
    assert TEXT in shown.out
    assert "unsigned" in shown.out
    assert [note["signed"] for note in desk.listed("ada") if note["id"] == taken] == [False]
    assert not list(desk.sealed.rglob("today.age"))
    assert desk.verify().out.startswith("VERIFIED")
    desk.apart("confirm", taken)
    assert [note["signed"] for note in desk.listed("ada")] == [True, True]
    # sealed to somebody else it stays where it is, and is told
    strange = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    recipient = re.search(r"age1\w+", strange)
    assert recipient
    path = desk.sealed / str(person["token"]) / "strange.age"
    subprocess.run(["age", "-r", recipient[0], "-o", path], input=b"x", check=True)
    refused = desk.apart("save", code=None)
    assert refused.code != 0
    assert "strange.age" in refused.out + refused.err
    assert path.exists()
