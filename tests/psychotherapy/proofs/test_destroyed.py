"""One client's notes are destroyed by the command: no combination of what was kept opens them, and all opens the others'."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.psychotherapy import handing
from tests.psychotherapy.proofs.desk import PASSPHRASE, Desk, git, holding
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity
from vaultcli.psychotherapy.keys import recovery_page

ADA, BO = "Ada spoke of the river.", "Bo spoke of the bridge."
SEALED = b"age-encryption.org/v1"


def sealed_below(*tops: Path) -> list[bytes]:
    """Every age file that lies in the clear file system there, by its first bytes and not by its name."""
    found = []
    for top in tops:
        for path in top.rglob("*"):
            if path.is_file() and not path.is_symlink() and (raw := path.read_bytes()).startswith(SEALED):
                found.append(raw)
    return found


def opened_by_passphrase(raws: list[bytes]) -> list[Identity]:
    """What the clinician's passphrase opens, of everything that asks for one."""
    found = []
    for raw in raws:
        if b"-> scrypt " in raw[:200]:
            found += handing.secrets_in(age.open_with_passphrase(raw, PASSPHRASE))
    return found


def test_every_combination_of_what_was_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")
    desk.begin("ada", "bo")
    away = tmp_path / "away"
    blue = away / "blue"
    blue.mkdir(parents=True)
    old_page, new_page = away / "old.html", away / "new.html"
    asked = [("new passphrase", PASSPHRASE), ("again", PASSPHRASE)]
    desk.typed("psychotherapy", "init", "--page", old_page, "--copy", blue, answers=asked)
    desk.unlocked("unlock")
    first = desk.new("ada", f"{ADA}\n")
    desk.new("bo", f"{BO}\n")
    git(desk.top, "clone", "-q", "--bare", desk.sealed, away / "early.git")
    desk.apart("edit", first, "-m", "-", stdin=f"{ADA} And of the ferry.\n")
    desk.apart("add", "ada", "-m", "-", stdin=f"{ADA} Once more.\n")
    desk.apart("sync", "init-bare", away / "remote.git")
    desk.apart("sync", "add", "disk", away / "remote.git", "--own-machine")
    desk.apart("sync")
    git(desk.top, "clone", "-q", "--mirror", away / "remote.git", away / "late.git")
    assert ADA in desk.apart("show", "ada").out
    half = crashed(desk, first)
    assert half
    desk.run("lock")

    clones = {name: handing.blobs(away / f"{name}.git") for name in ("early", "late")}
    before = [*clones["late"], recovery_page.read(old_page).sealed, *sealed_below(desk.key_store(), blue)]
    clinician = opened_by_passphrase(before)
    assert clinician
    assert handing.tells(handing.opened(before, clinician), ADA)  # the control: the search opens, and finds

    words = ["--certificate", away / "certificate.toml", "--page", new_page, "--old-page", old_page]
    answers = [("[y]es [n]o", "y"), ("type ada to destroy these notes:", "ada")]
    desk.unlocked("psychotherapy", "destroy", "ada", *words, answers=answers, code=1)
    old_page.unlink()
    desk.unlocked("psychotherapy", "destroy", "--confirm", "recovery page")
    desk.unlocked("unlock")
    desk.new("bo", f"{BO} Again.\n")
    desk.apart("sync")
    desk.run("lock")

    parts = {
        **{f"{name} clone": blobs for name, blobs in clones.items()},
        "repository": handing.blobs(desk.sealed),
        "remote": handing.blobs(away / "remote.git"),
        "everything at home": sealed_below(desk.home, desk.root),
        "stick": sealed_below(blue),
        "new page": [recovery_page.read(new_page).sealed],
    }
    everything = [raw for raws in parts.values() for raw in raws]
    on_paper = handing.secrets_in(recovery_page.read(new_page).identity.encode())
    known = {"passphrase": opened_by_passphrase(everything), "new page": on_paper}
    known["both"] = [*known["passphrase"], *known["new page"]]
    assert known["passphrase"]
    others = tried = 0
    for some in handing.combinations(parts):
        raws = list({raw for name in some for raw in parts[name] if raw.startswith(b"age-")})
        for identities in (known["both"],) if len(some) not in (1, len(parts)) else known.values():
            found = handing.opened(raws, identities)
            tried += 1
            assert not handing.tells(found, ADA), some
            others += handing.tells(found, BO)
    assert tried > 2 ** len(parts)
    assert others > 60
    # and whoever holds everything reads all of the others'
    whole = handing.opened([raw for raw in set(everything) if raw.startswith(b"age-")], known["both"])
    assert handing.tells(whole, f"{BO} Again.")
    # nothing names the client but the chart's register; what waits of a crash is gone
    assert not Path(half).exists()
    assert holding(["Ada Example", "ada spoke"], desk.sealed, desk.state(), desk.key_store(), away) == []
    assert "VERIFIED" in desk.unlocked("psychotherapy", "verify", "--unlocked")


def crashed(desk: Desk, note: str) -> str:
    """A recovery copy of a text, left by an editor that failed; its path."""
    script = desk.top / "editor"
    script.write_text(f'#!/bin/sh\necho "{ADA} Half." >> "$1"\nsleep 0.3\nexit 1\n')
    script.chmod(0o755)
    desk.apart("edit", note, code=13, EDITOR=str(script))
    script.unlink()
    copies = list(desk.state().glob("autosaves/*/*.age"))
    assert len(copies) == 1
    return str(copies[0])


def test_a_copy_of_the_key_that_was_not_handed_in_is_why_places_are_named(tmp_path: Path) -> None:
    """The limit that the certificate states: an old epoch.age, kept where nobody registered it, opens the old clone."""
    desk = Desk(tmp_path / "desk")
    desk.begin("ada")
    desk.begin_sealed()
    desk.new("ada", f"{ADA}\n")
    kept = tmp_path / "kept.age"
    shutil.copy(desk.key_store() / "epoch.age", kept)
    words = ["--certificate", tmp_path / "c.toml", "--page", tmp_path / "new.html", "--old-page", desk.top / "page.html"]
    desk.apart("destroy", "ada", *words, "--yes-destroy", "ada", code=1)
    clinician = [age.ssh_identity((desk.home / "id").read_bytes())]
    blobs = [raw for raw in handing.blobs(desk.sealed) if raw.startswith(b"age-")]
    assert not handing.tells(handing.opened([*blobs, *sealed_below(desk.home)], clinician), ADA)
    assert handing.tells(handing.opened([*blobs, kept.read_bytes()], clinician), ADA)
