"""What other programs leave beside the record: folded, a copy of a note by name, and counted alike by `verify`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import vaults
from vaultcli.ground.repository.working import is_ignored, is_junk
from vaultcli.verify import vault as verification
from vaultcli.work.overview import status as overview


@pytest.mark.parametrize(
    "path",
    [
        "Thumbs.db", "notes/desktop.ini", ".obsidian/app.json", "notes/.history/2026-11-22.md", ".trash/a.md",
        "notes/.~lock.a.odt#", "a.tmp", "~$note.docx", ".Trash-1000/files/a.md", "@eaDir/a", "notes/.a.md.swp", "notes/a.md~",
    ],
)  # fmt: skip
def test_junk(path: str) -> None:
    assert is_junk(path)


@pytest.mark.parametrize("path", ["notes/ideas.md", "obsidian/a.md", "history.md", "notes/a.md", "tmp", "notes/desktop.md"])
def test_no_junk(path: str) -> None:
    assert not is_junk(path)


@pytest.mark.parametrize(
    ("pattern", "path", "is_it"),
    [
        ("*.log", "notes/a.log", True),
        ("*.log", "notes/a.md", False),
        ("drafts/", "drafts/a.md", True),
        ("drafts/", "drafts", False),
        ("/ideas.md", "ideas.md", True),
        ("notes/ideas*", "notes/ideas.md", True),
        ("notes/ideas*", "other/notes/ideas.md", False),
    ],
)
def test_what_git_is_told_to_ignore(pattern: str, path: str, is_it: bool) -> None:
    assert is_ignored(path, [pattern]) is is_it


def test_status_folds_what_is_beside_the_record_and_verify_counts_alike(tmp_path: Path) -> None:
    world = vaults.make(tmp_path / "v", clients=("ada", "bo"))
    folder = world.vault.chart / "clients" / world.clients["ada"]
    world.write("ada", vaults.NOTE)
    (note,) = folder.glob("notes/*.md")
    written = {
        "Thumbs.db": "", ".obsidian/app.json": "{}", "ideas.log": "x", "notes/ideas.md": "mine",
        f"notes/.history/{note.stem}_20261122.md": "old words", f"notes/{note.stem} (conflicted copy).md": "other words",
    }  # fmt: skip
    for name, text in written.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    exclude = world.vault.chart / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text("# mine\n*.log\n")
    (world.vault.chart / "clients" / "old charts").mkdir()
    with world.chart() as chart:
        found = overview.stand(chart, world.now)
    assert [one.path for one in found.beside] == sorted([*list(written)[:3], f"notes/.history/{note.stem}_20261122.md"])
    assert [one.path for one in found.strangers] == sorted(["notes/ideas.md", f"notes/{note.stem} (conflicted copy).md"])
    assert [one.path for one in found.copies] == sorted(list(written)[4:])
    assert {one.handle for one in (*found.beside, *found.strangers, *found.copies)} == {"ada"}
    assert found.folders == ("old charts",)
    verdict = verification.verify(world.vault.chart, now=world.now, cold=True)
    # what plain git is told to ignore hides from nobody here
    assert verdict.tally.counts.unrecorded == len(found.strangers) + len(["ideas.log"])
    assert "clients/old charts is no client's: nothing in it is in the record" in verdict.remarks
