from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests import vaults
from tests.vaults import NOTE, World
from vaultcli.ground import files, frontmatter
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.work.notes import draft as drafts
from vaultcli.work.notes import lookup
from vaultcli.work.notes.draft import Wanted

TODAY = "2026-11-22"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return vaults.make(tmp_path / "practice")


def begun(world: World, wanted: Wanted) -> tuple[drafts.Draft, frontmatter.FrontMatter]:
    with world.chart() as chart:
        draft = drafts.begin(chart, chart.client("ada"), wanted)
    return draft, frontmatter.parse(draft.file.read_bytes())


def test_a_new_note_has_the_clients_defaults_and_nothing_invented(world: World) -> None:
    draft, front = begun(world, Wanted(TODAY))
    assert dict(front) == {
        "format": "dap", "date": TODAY, "time": "", "place": "office", "cpt": "90834", "diagnoses": ["F33.1"], "goals": "",
        "id": draft.id,
    }  # fmt: skip
    assert stat.S_IMODE(draft.file.stat().st_mode) == 0o600
    assert draft.path == f"notes/{TODAY}-progress-{draft.id}.md"
    with world.chart() as chart:
        assert chart.recorded(draft.client.id, draft.path) is None


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(TODAY, "14:00"),
        Wanted(TODAY, "14:00-25:00"),
        Wanted(TODAY, place="moon"),
        Wanted(TODAY, cpt="x"),
        Wanted(TODAY, type="poem"),
    ],
)
def test_a_wrong_value_leaves_no_file(world: World, wanted: Wanted) -> None:
    with pytest.raises(BadInput):
        begun(world, wanted)
    assert world.notes("ada") == []


@pytest.mark.parametrize(
    ("text", "why"),
    [(b"ok\ncaf\xe9\n", "not UTF-8 .line 2"), (b"a\n\0", "zero byte .line 2"), (b"---\nsigned: x\n---\n", "signed block")],
)
def test_what_is_no_text_or_signed_is_refused(world: World, text: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        begun(world, Wanted(TODAY, text=text))
    assert world.notes("ada") == []


def test_recording_and_recording_the_same_again(world: World) -> None:
    draft, _ = begun(world, Wanted(TODAY, text=b"Text\n"))
    raw = draft.file.read_bytes()
    with world.chart() as chart:
        assert drafts.record(chart, {draft.path: raw}, draft.client.id, world.tick())
        assert chart.recorded(draft.client.id, draft.path) == raw
        assert drafts.record(chart, {draft.path: raw}, draft.client.id, world.tick()) == ""
        with pytest.raises(Refused, match="recorded and stays"):
            drafts.discard(chart, draft, raw)


def test_a_file_that_changed_since_it_was_read_is_neither_recorded_nor_lost(world: World) -> None:
    draft, _ = begun(world, Wanted(TODAY, text=b"Text\n"))
    raw = draft.file.read_bytes()
    draft.file.write_bytes(raw + b"from another window\n")
    with world.chart() as chart:
        with pytest.raises(Conflict):
            drafts.record(chart, {draft.path: raw}, draft.client.id, world.tick())
        with pytest.raises(Conflict):
            drafts.discard(chart, draft, raw)
        assert chart.recorded(draft.client.id, draft.path) is None
    assert draft.file.read_bytes() == raw + b"from another window\n"


def test_only_one_of_two_may_edit(world: World) -> None:
    draft, _ = begun(world, Wanted(TODAY))
    with world.chart() as chart:
        with drafts.editing(chart, draft), pytest.raises(Conflict, match="another `vaultcli`"), drafts.editing(chart, draft):
            pass
        with drafts.editing(chart, draft):
            pass


def test_the_mark_of_an_editing_process_ends_with_it(world: World) -> None:
    draft, _ = begun(world, Wanted(TODAY))
    script = (
        "import sys, os, signal\nfrom pathlib import Path\nfrom vaultcli.places.machine import vault\n"
        "from vaultcli.places.chart.chart import Chart\nfrom vaultcli.work.notes import draft\n"
        "with Chart(vault.load(Path(sys.argv[1]))) as chart, draft.held(chart, sys.argv[2]) as free:\n"
        "    print(free, flush=True); sys.stdin.readline()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(world.vault.root), draft.id], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"True\n"
    with world.chart() as chart:
        with pytest.raises(Conflict), drafts.editing(chart, draft):
            pass
        other.kill()
        other.wait()
        with drafts.editing(chart, draft):
            pass
        assert list((chart.repository.directory / "vaultcli" / "editing").iterdir()) == []


def test_a_signed_note_is_not_opened_again_and_a_lost_draft_is(world: World) -> None:
    note = world.write("ada", NOTE)
    raw = note.read_bytes()
    note.unlink()
    with world.chart() as chart:
        draft = drafts.reopen(chart, lookup.resolve(chart, "ada", world.now))
        assert draft.file.read_bytes() == raw


def test_the_other_note_is_a_copy_that_cannot_be_written_to(world: World) -> None:
    world.write("ada", NOTE)
    with world.chart() as chart:
        draft = drafts.begin(chart, chart.client("ada"), Wanted(TODAY))
        left = chart.repository.scratch / "beside-0000000000000000"
        left.mkdir()
        (left / "old.md").touch()
        entry = lookup.resolve(chart, "ada~1", world.now)
        with drafts.shown_beside(chart, draft, entry) as copy:
            assert copy.read_bytes() == entry.raw
            assert stat.S_IMODE(copy.stat().st_mode) == 0o400
            assert not left.exists()
        assert not copy.exists()
        assert files.digest(draft.file.read_bytes()) == files.digest(draft.start)
        with pytest.raises(NotFound):
            drafts.newest_before(lookup.entries_of(chart, draft.client), draft)


@pytest.mark.skipif(os.geteuid() == 0, reason="SKIPPED: root may write anywhere, so a folder without permission was not tried")
def test_a_folder_that_cannot_be_written_to_is_said(world: World) -> None:
    from vaultcli.ground.errors import DiskTrouble

    folder = world.folder("ada") / "notes"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o500)
    with pytest.raises(DiskTrouble):
        begun(world, Wanted(TODAY))
