"""The home is wiped and the vault with it: a clone and the second copy, or a clone and the paper, open every note."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.psychotherapy.proofs.desk import PASSPHRASE, Desk, git

SCAN = bytes(range(256)) * 20


def written(desk: Desk, scan: Path) -> dict[str, bytes]:
    """Notes of every kind, written through the commands; what each id must give back."""
    desk.unlocked("unlock")
    first = desk.new("ada", "The dream had no door.\n")
    desk.apart("edit", first, "-m", "-", stdin="The dream had no door, and then it had.\n")
    addition = desk.apart("add", "ada", "-m", "-", stdin="The window, too.\n")
    desk.apart("attach", "ada", scan)
    desk.new("bo", "He spoke of the river.\n")
    desk.new("bo", "And of the ferry.\n", "--date", "2026-11-20")
    assert addition.out.startswith("sealed")
    texts = {}
    for one in everything(desk):
        texts[one] = desk.apart("show", one, "--raw").out.encode("utf-8", "surrogateescape")
    desk.run("lock")
    return texts


def everything(desk: Desk) -> list[str]:
    """The ids of everybody's notes, additions and attachments."""
    found = []
    for person in desk.people():
        for note in desk.listed(str(person["token"])):
            found += [str(note["id"]), *map(str, note["additions"]), *map(str, note["attachments"])]  # type: ignore[call-overload]
    return sorted(found)


@pytest.mark.parametrize("by", ["second copy", "paper"])
def test_every_note_opens_again(tmp_path: Path, by: str) -> None:
    desk = Desk(tmp_path / "laptop")
    desk.begin("ada", "bo")
    away = tmp_path / "away"
    for name in ("stick", "paper"):
        (away / name).mkdir(parents=True)
    page = away / "paper/page.html"
    asked = [("new passphrase", PASSPHRASE), ("again", PASSPHRASE)]
    desk.typed("psychotherapy", "init", "--page", page, "--copy", away / "stick", answers=asked)
    (tmp_path / "scan.pdf").write_bytes(SCAN)
    texts = written(desk, tmp_path / "scan.pdf")
    assert len(texts) == 5
    assert SCAN in texts.values()
    git(desk.top, "clone", "-q", "--bare", desk.sealed, away / "clone.git")
    genesis = git(desk.sealed, "rev-list", "--max-parents=0", "sealed")
    shutil.rmtree(desk.top)

    again = Desk(tmp_path / "new")
    again.begin()
    adopt = ["psychotherapy", "init", "--adopt", away / "clone.git"]
    if by == "paper":
        again.typed(*adopt, "--page", page, answers=[("new passphrase", "another one of mine"), ("again", "another one of mine")])
        again.typed("unlock", answers=[("Passphrase (psychotherapy notes)", "another one of mine")])
    else:
        again.unlocked(*adopt, "--genesis", f"sha256:{genesis}", "--epoch", away / "stick/psychotherapy-keys/epoch.age")
        again.unlocked("unlock")
    assert everything(again) == sorted(texts)
    for one, text in texts.items():
        assert again.apart("show", one, "--raw").out.encode("utf-8", "surrogateescape") == text
    assert again.verify().out.startswith("VERIFIED")
    again.run("lock")
    # also on a machine that nobody has let in yet, which may record nothing, each opening is kept
    asked = PASSPHRASE if by == "second copy" else "another one of mine"
    log = again.typed("psychotherapy", "log", "--access", answers=[("Passphrase (psychotherapy notes)", asked)])
    assert log.count("  show  ") == 2 * len(texts)  # on the lost machine, and on this one
