"""Two machines, both offline, both writing, then syncing by the commands, in either order and crossing: nothing is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.psychotherapy.proofs.desk import Desk, git


def pair(tmp_path: Path) -> tuple[Desk, Desk, Path]:
    """Two machines of one person with the same chart and notes, and the place where they meet."""
    office, stick = Desk(tmp_path / "office"), tmp_path / "stick"
    stick.mkdir()
    office.begin("ada", "bo")
    office.begin_sealed()
    for place in ("chart", "sealed"):
        command = [*(["psychotherapy"] if place == "sealed" else []), "sync"]
        office.run(*command, "init-bare", stick / f"{place}.git")
        office.run(*command, "add", "stick", stick / f"{place}.git", "--own-machine")
    common = office.new("ada", "Before they parted.\n")
    office.run("sync")
    office.apart("sync")
    home = Desk(tmp_path / "home")
    genesis = git(stick / "chart.git", "rev-list", "--max-parents=0", "practice")
    home.run("init", home.root, "--adopt", stick / "chart.git", "--genesis", f"sha256:{genesis}", "--yes")
    shutil.copy(office.home / "id", home.home / "id")
    page = office.top / "page.html"
    home.apart("init", "--adopt", stick / "sealed.git", "--page", page, "--identity", f"ssh:{home.home / 'id'}")
    home.apart("sync", "add", "stick", stick / "sealed.git", "--own-machine")
    home.apart("sync")
    office.apart("sync")
    assert common in str(home.listed("ada"))
    return office, home, stick


def texts(desk: Desk) -> set[str]:
    """Every text that this machine shows, what stands beside one included."""
    found = set()
    for person in desk.people():
        for note in desk.listed(str(person["token"])):
            shown = json.loads(desk.apart("show", str(note["id"]), "--json").out)
            for one in (shown, *shown["additions"], *shown["attachments"], *shown["beside"]):
                found.add(one["text"])
    return found


@pytest.mark.parametrize("first", ["office", "home"])
def test_nothing_is_lost(tmp_path: Path, first: str) -> None:
    office, home, _ = pair(tmp_path)
    (common,) = [str(note["id"]) for note in office.listed("ada")]
    written: list[str] = ["Before they parted."]
    for desk, where in ((office, "office"), (home, "home")):
        desk.new("ada", f"Written at the {where}.\n")
        desk.new("bo", f"A first note of Bo, at the {where}.\n")
        desk.apart("add", common, "-m", "-", stdin=f"Added at the {where}.\n")
        desk.apart("edit", common, "-m", "-", stdin=f"Before they parted. Changed at the {where}.\n")
        scan = tmp_path / f"{where}.pdf"
        scan.write_bytes(f"scan of the {where}".encode())
        desk.apart("attach", common, scan)
        written += [f"{what} the {where}" for what in ("Written at", "first note of Bo, at", "Added at", "Changed at")]
    order = [office, home] if first == "office" else [home, office]
    for desk in (*order, *order):
        desk.apart("sync")
    ours, theirs = texts(office), texts(home)
    assert ours == theirs
    assert [line for line in written if not any(line in text for text in ours)] == []
    for desk in (office, home):
        assert desk.verify().out.splitlines()[-1].startswith("opened"), desk.verify()
        names = sorted(str(one["name"]) for one in _attached(desk, common))
        assert names == ["home.pdf", "office.pdf"]
    # the next edit takes both texts in, and both machines come to the same head
    office.apart("edit", common, "-m", "-", stdin="Before they parted. Changed at both.\n")
    for desk in (office, home, office):
        desk.apart("sync")
    heads = {git(desk.sealed, "rev-parse", "sealed") for desk in (office, home)}
    assert len(heads) == 1
    for desk in (office, home):
        log = desk.apart("log", "--access")
        assert log.code == 0


def _attached(desk: Desk, note: str) -> list[dict[str, object]]:
    return list(json.loads(desk.apart("show", note, "--json").out)["attachments"])


def test_notes_that_crossed_twice_meet_again(tmp_path: Path) -> None:
    office, home, stick = pair(tmp_path)
    written = []
    for round_ in range(3):
        for desk, where in ((office, "office"), (home, "home")):
            text = f"Round {round_}, {where}."
            desk.new("ada", f"{text}\n")
            written.append(text)
        office.apart("sync")
        # the office goes on before it has what home wrote
        office.new("ada", f"Meanwhile {round_}.\n")
        written.append(f"Meanwhile {round_}.")
        home.apart("sync")
    for desk in (office, home, office):
        desk.apart("sync")
    assert len({git(top, "rev-parse", "sealed") for top in (stick / "sealed.git", office.sealed, home.sealed)}) == 1
    for desk in (office, home):
        found = texts(desk)
        assert [line for line in written if not any(line in text for text in found)] == []
        assert desk.verify().code == 0
