"""Files that follow their heads: what a kill, a crash or a move left is completed and told."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.ground.worlds import LAYOUT, LINE, note, plain, save
from vaultcli.ground import files
from vaultcli.ground.errors import DiskTrouble
from vaultcli.ground.repository.lock import fetch_lock
from vaultcli.ground.repository.repository import Repair, Repository


def interrupted(repo: Repository, changes: dict[str, bytes | None]) -> str:
    """A save that was killed after the commit point."""
    kept = Repository._follow
    try:
        Repository._follow = lambda *_: None
        return save(repo, changes)
    finally:
        Repository._follow = kept


def test_an_interrupted_save_is_completed_and_said(repo):
    save(repo, {"notes/a.md": b"one\n", "notes/b.md": b"gone soon\n"})
    interrupted(repo, {"notes/a.md": b"two\n", "notes/b.md": None, "notes/c.md": b"new\n"})
    assert note(repo).read_bytes() == b"one\n"
    told: list[Repair] = []
    with Repository.open(repo.path, LAYOUT, tell=told.append) as again:
        again.recover()
        assert again.working(LINE).clean
        assert again.recover() == []
    assert told == [Repair(LINE, "an interrupted save was completed: notes/a.md, notes/b.md, notes/c.md")]
    assert plain(repo.folder(LINE), "status", "--porcelain") == ""


def test_completing_a_save_leaves_what_the_user_wrote(repo):
    save(repo, {"notes/a.md": b"one\n"})
    interrupted(repo, {"notes/a.md": b"two\n"})
    note(repo).write_bytes(b"mine\n")
    repo.recover()
    assert note(repo).read_bytes() == b"mine\n"
    assert repo.working(LINE).edited == ("notes/a.md",)


def test_the_next_record_completes_first(repo):
    save(repo, {"notes/a.md": b"one\n"})
    interrupted(repo, {"notes/a.md": b"two\n"})
    save(repo, {"notes/b.md": b"b\n"})
    assert note(repo).read_bytes() == b"two\n"
    assert repo.working(LINE).clean


def test_a_missing_folder_comes_back(repo):
    save(repo, {"notes/a.md": b"one\n"})
    shutil.rmtree(repo.folder(LINE))
    assert [repair.line for repair in repo.recover()] == [LINE]
    assert note(repo).read_bytes() == b"one\n"
    assert plain(repo.folder(LINE), "status", "--porcelain") == ""


def test_a_file_that_the_user_deleted_stays_deleted(repo):
    save(repo, {"notes/a.md": b"one\n"})
    note(repo).unlink()
    assert repo.recover() == []
    assert repo.working(LINE).missing == ("notes/a.md",)


def test_a_vault_that_moved_is_mended(repo, tmp_path):
    for number in range(5):
        save(repo, {"notes/a.md": b"%d\n" % number}, line=f"client/{number:016d}")
    repo.close()
    moved = repo.path.rename(tmp_path / "elsewhere")
    with Repository.open(moved, LAYOUT) as again:
        assert len(again.recover()) == 5
        assert again.recover() == []
        assert plain(again.folder("client/0000000000000003"), "status", "--porcelain") == ""
        save(again, {"notes/b.md": b"more\n"}, line="client/0000000000000003")
    assert "prunable" not in plain(moved, "worktree", "list", "--porcelain")


def test_commits_made_with_plain_git_are_taken_as_they_are(repo):
    save(repo, {"notes/a.md": b"one\n"})
    note(repo).write_bytes(b"two\n")
    plain(repo.folder(LINE), "-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qam", "by hand")
    assert repo.recover() == []
    assert note(repo).read_bytes() == b"two\n"
    assert repo.working(LINE).clean


def test_a_line_moved_back_by_plain_git_keeps_its_files(repo):
    first = save(repo, {"notes/a.md": b"one\n"})
    save(repo, {"notes/a.md": b"two\n"})
    plain(repo.folder(LINE), "reset", "-q", "--soft", first)
    assert "moved back" in repo.recover()[0].what
    assert note(repo).read_bytes() == b"two\n"
    assert repo.working(LINE).edited == ("notes/a.md",)


def test_leftovers_of_a_killed_writer_go_and_those_of_others_stay(repo):
    save(repo, {"notes/a.md": b"one\n"})
    directory = repo.directory
    old = directory / "index.lock"
    old.write_bytes(b"")
    os.utime(old, (1, 1))
    (directory / "vaultcli" / "writing").touch()
    mine = [
        directory / "refs" / "heads" / f"{LINE}.lock",
        directory / "worktrees" / LINE.replace("/", "-") / "index.lock",
        directory / "objects" / "pack" / "tmp_pack_x",
        directory / "vaultcli" / "tmp" / ".git_signing_buffer_x",
    ]
    for file in mine:
        file.write_bytes(b"")
    told: list[Repair] = []
    with Repository.open(repo.path, LAYOUT, tell=told.append) as again:
        again.recover()
    assert [file for file in mine if file.exists()] == []
    assert old.exists()
    assert not (directory / "vaultcli" / "writing").exists()
    assert len(told) == 1


def test_parts_of_a_pack_whose_fetch_was_killed_go_and_those_of_a_fetch_under_way_stay(repo):
    packs, sign = repo.directory / "objects" / "pack", repo.directory / "vaultcli" / "fetching"
    mine, old, users = packs / "tmp_pack_x", packs / "tmp_pack_old", packs / "pack-x.keep"
    half, whole = [packs / f"pack-y{end}" for end in (".pack", ".keep")], packs / "pack-z.pack"
    told: list[Repair] = []
    with fetch_lock(repo.directory).hold(), Repository.open(repo.path, LAYOUT, tell=told.append) as again:
        mine.write_bytes(b"PACK")
        users.write_text("mine\n")
        for file in (*half, whole, whole.with_suffix(".idx"), whole.with_suffix(".keep")):
            file.write_text("fetch-pack 12 on here\n")
        old.write_bytes(b"PACK")
        os.utime(old, (1, 1))
        again.recover()
        assert (mine.exists(), sign.exists(), told) == (True, True, [])
    assert not sign.exists()
    sign.touch()
    with Repository.open(repo.path, LAYOUT, tell=told.append) as again:
        again.recover()
        again.recover()
    assert (mine.exists(), old.exists(), users.exists(), sign.exists()) == (False, True, True, False)
    assert [file for file in half if file.exists()] == []
    assert (whole.exists(), whole.with_suffix(".idx").exists(), whole.with_suffix(".keep").exists()) == (True, True, False)
    assert len(told) == 1


def test_a_disk_that_fails_after_the_commit_point_is_said_so(repo, monkeypatch):
    save(repo, {"notes/a.md": b"one\n"})

    def full(*_, **__):
        raise DiskTrouble("the disk is full")

    monkeypatch.setattr(files, "replace_together", full)
    with pytest.raises(DiskTrouble, match="is recorded, but"):
        save(repo, {"notes/a.md": b"two\n"})
    monkeypatch.undo()
    repo.recover()
    assert note(repo).read_bytes() == b"two\n"


# making and opening
