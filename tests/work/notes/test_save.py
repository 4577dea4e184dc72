from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import vaults
from tests.helpers import Result, run_here
from tests.vaults import NOTE, World
from vaultcli.ground.errors import Conflict
from vaultcli.places.machine import pins
from vaultcli.work.index import lines
from vaultcli.work.notes import save as saves


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = vaults.make(tmp_path / "practice")
    monkeypatch.chdir(made.vault.root)
    return made


def recorded(world: World, handle: str, path: str) -> bytes | None:
    with world.chart() as chart:
        return chart.recorded(world.clients[handle], path)


def signed(world: World, handle: str = "ada") -> Path:
    note = world.write(handle, NOTE)
    done = run_here(["sign", "--yes", handle])
    assert done.code == 0, done.err
    return note


def save(*args: str) -> Result:
    return run_here(["save", *args])


def test_nothing_to_do(world: World) -> None:
    assert save().out == "nothing to save\n"


def test_edited_and_new_drafts_of_one_client_are_one_commit(world: World) -> None:
    old = world.write("ada", NOTE)
    old.write_bytes(old.read_bytes() + b"More.\n")
    new = world.write("ada", NOTE, day="2026-11-21", record=False)
    other = world.write("bo", NOTE, record=False)
    before = len(history(world, "ada"))
    done = save()
    assert done.code == 0
    assert sorted(done.out.split()[2::3]) == sorted(f"notes/{note.name}" for note in (old, new, other))
    assert len(history(world, "ada")) == before + 1
    for handle, note in (("ada", old), ("ada", new), ("bo", other)):
        assert recorded(world, handle, f"notes/{note.name}") == note.read_bytes()


def history(world: World, handle: str) -> list[object]:
    with world.chart() as chart:
        return list(chart.repository.history(f"client/{world.clients[handle]}"))


def test_only_the_clients_named(world: World) -> None:
    ada, bo = (world.write(handle, NOTE, record=False) for handle in ("ada", "bo"))
    save("bo")
    assert recorded(world, "ada", f"notes/{ada.name}") is None
    assert recorded(world, "bo", f"notes/{bo.name}") is not None


@pytest.mark.parametrize("raw", [b"", b"---\n: [broken\n---\ntext\n", b"\xff\xfe not text", b"---\ndate: x\n---\n"])
def test_a_broken_draft_is_recorded_and_told(world: World, raw: bytes) -> None:
    note = world.write("ada", NOTE)
    note.write_bytes(raw)
    done = save()
    assert done.code == 0
    assert f"saved ada notes/{note.name}" in done.out
    assert f"ada notes/{note.name}:" in done.err
    assert recorded(world, "ada", f"notes/{note.name}") == raw


def test_a_draft_with_a_signed_block_is_told_and_stays(world: World) -> None:
    text = signed(world).read_bytes()
    note = world.write("bo", NOTE)
    note.write_bytes(text)
    done = save()
    assert done.code == 1
    assert "signed block" in done.err
    assert note.read_bytes() == text


def test_the_register_is_recorded_when_it_can_be_read(world: World) -> None:
    page = world.folder("ada") / "client.md"
    page.write_text(page.read_text().replace("place: office", "place: video"))
    assert save().out == "saved ada client.md\n"
    good = page.read_bytes()
    for wrong in (b"---\nname: x\n---\n", good.replace(b"handle: ada", b"handle: bo"), b""):
        page.write_bytes(wrong)
        done = save()
        assert (done.code, done.out) == (1, "")
        assert "ada client.md: not saved" in done.err
        assert page.read_bytes() == wrong
        assert recorded(world, "ada", "client.md") == good


def test_leftovers_are_never_recorded_and_strangers_are_named(world: World) -> None:
    notes = world.write("ada", NOTE).parent
    for name in (".x.md.swp", "x.md~", "#x.md#", ".DS_Store"):
        (notes / name).write_text("left")
    assert save().out == "nothing to save\n"
    (notes / "foo.md").write_text("text")
    (notes / "link.md").symlink_to("/etc/passwd")
    done = save()
    assert done.code == 1
    assert "notes/foo.md: not saved" in done.err
    assert "notes/link.md: not saved" in done.err
    with world.chart() as chart:
        head = chart.repository.head(f"client/{world.clients['ada']}")
        assert head is not None
        assert not any("foo" in path for path in chart.repository.files(head))


def test_a_stale_buffer_with_nothing_new_is_put_back_without_asking(world: World) -> None:
    note = signed(world)
    good = note.read_bytes()
    draft = good[: good.index(b"signed:\n")] + good[good.index(b"---\n\n## Data") :]
    note.write_bytes(draft)
    done = save()
    assert (done.code, done.out) == (0, f"put back ada notes/{note.name}: what was there is in the record already\n")
    assert note.read_bytes() == good


def test_without_an_answer_an_overwritten_note_stays_and_is_told(world: World) -> None:
    note = signed(world)
    note.write_bytes(note.read_bytes() + b"typed\n")
    typed = note.read_bytes()
    done = save()
    assert done.code == 1
    assert "--correct" in done.err
    assert note.read_bytes() == typed


def test_an_overwritten_note_becomes_a_correction_in_the_making(world: World) -> None:
    note = signed(world)
    good = note.read_bytes()
    note.write_bytes(good.replace(b"lifting", b"low"))
    done = save("--correct")
    assert done.code == 0
    assert note.read_bytes() == good
    (correction,) = [path for path in world.notes("ada") if "correction" in path.name]
    text = correction.read_bytes()
    assert b"Mood is low." in text
    assert b"corrects: " in text
    assert b"signed:" not in text
    assert save().out == "nothing to save\n"
    amended = run_here(["amend", f"notes/{note.name}"], stdin="a slip\n", env={"EDITOR": "true"})
    assert amended.code == 0, amended.err
    shown = run_here(["show", "ada"])
    assert "Mood is [-lifting-]{+low+}." in shown.out
    assert "a slip" in shown.out


def test_put_back_keeps_the_typed_text_aside(world: World) -> None:
    note = signed(world)
    good = note.read_bytes()
    note.write_bytes(b"everything replaced\n")
    done = save("--put-back")
    assert done.code == 0
    assert note.read_bytes() == good
    aside = Path(done.out.rstrip("\n").rpartition(" is in ")[2])
    assert aside.read_bytes() == b"everything replaced\n"


def test_a_text_that_cannot_become_a_correction_is_not_lost_to_the_flag(world: World) -> None:
    note = signed(world)
    note.write_bytes(b"no front matter\n")
    done = save("--correct")
    assert done.code == 1
    assert "cannot become a correction" in done.err
    assert note.read_bytes() == b"no front matter\n"


def test_an_overwritten_signature_is_put_back(world: World) -> None:
    note = signed(world)
    sig = note.with_name(note.name + ".sig")
    good = sig.read_bytes()
    sig.write_bytes(b"x")
    (world.folder("ada") / "notes" / "zz.tmp~").touch()
    assert save("--put-back").code == 0
    assert sig.read_bytes() == good


def test_an_older_text_is_no_correction_once_the_note_was_corrected(world: World) -> None:
    note = signed(world)
    note.write_bytes(note.read_bytes().replace(b"lifting", b"low"))
    save("--correct")
    assert run_here(["amend", f"notes/{note.name}"], stdin="\n", env={"EDITOR": "true"}).code == 0
    note.write_bytes(note.read_bytes().replace(b"on time", b"late"))
    with world.chart() as chart:
        over = saves.overwritten(chart, world.clients["ada"], f"notes/{note.name}")
    assert not over.correctable


def test_a_file_that_changes_between_question_and_answer_stays(world: World) -> None:
    note = signed(world)
    note.write_bytes(note.read_bytes() + b"one\n")
    with world.chart() as chart:
        over = saves.overwritten(chart, world.clients["ada"], f"notes/{note.name}")
        note.write_bytes(note.read_bytes() + b"two\n")
        typed = note.read_bytes()
        with pytest.raises(Conflict):
            saves.put_back(chart, over)
    assert note.read_bytes() == typed


def test_a_missing_file_is_told_and_written_again_on_demand(world: World) -> None:
    note = signed(world)
    good = note.read_bytes()
    note.unlink()
    assert save().code == 1
    assert not note.exists()
    assert save("--put-back").code == 0
    assert note.read_bytes() == good


# the glance


def look(world: World, handle: str = "ada") -> lines.Glance:
    with world.chart() as chart:
        return next(one for one in lines.all_lines(chart) if one.client == world.clients[handle])


def test_the_glance_sees_what_a_full_look_sees(world: World) -> None:
    draft, note = world.write("ada", NOTE), signed(world, "bo")
    assert [one.path for one in look(world).open] == [f"notes/{draft.name}"]
    assert look(world, "bo").open == ()
    note.write_bytes(note.read_bytes() + b"x")
    draft.write_bytes(draft.read_bytes() + b"x")
    assert look(world, "bo").overwritten == (f"notes/{note.name}",)
    assert look(world).edited == (f"notes/{draft.name}",)


def test_an_edit_that_keeps_size_and_modification_time_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(lines, "SETTLED", 0)
    draft = world.write("ada", NOTE)
    assert look(world).edited == ()
    assert look(world).edited == ()
    before = draft.stat()
    draft.write_bytes(draft.read_bytes().replace(b"lifting", b"LIFTING"))
    os.utime(draft, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert look(world).edited == (f"notes/{draft.name}",)


def _remembered() -> Path:
    """What earlier looks found, in the machine's state folder."""
    (store,) = pins.folder().with_name("glance").glob("*.json")
    return store


def test_what_was_found_is_used_again_and_a_damaged_store_is_ignored(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "SETTLED", -(10**12))
    world.write("ada", NOTE)
    first = look(world)
    with world.chart() as chart:
        monkeypatch.setattr(chart.repository, "working", lambda _: pytest.fail("the files were read again"))
        assert first in lines.all_lines(chart)
    store = _remembered()
    kept = json.loads(store.read_text())
    for damage in ("", "[]", *(json.dumps(kept | {"value": {world.clients["ada"]: row}}) for row in ({"head": 1}, 5, None))):
        store.write_text(damage)
        assert look(world) == first


def test_a_fresh_file_is_looked_at_again(world: World) -> None:
    """Within the clock's steps two writes may carry the same times: what was just written is not taken on trust."""
    world.write("ada", NOTE)
    look(world)
    store = json.loads(_remembered().read_text())
    assert store["value"][world.clients["ada"]]["stamp"] == ""
