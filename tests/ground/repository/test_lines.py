"""Reading lines, and how the working files differ from them."""

from __future__ import annotations

import os

import pytest

from tests.ground.worlds import LINE, note, save
from vaultcli.ground import files
from vaultcli.ground.errors import GitTrouble


def test_working_tells_edited_new_missing_and_leftovers_apart(repo):
    save(repo, {"notes/a.md": b"one\n", "notes/b.md": b"two\n", "notes/c.md": b"three\n"})
    folder = repo.folder(LINE) / "notes"
    (folder / "a.md").write_bytes(b"0ne\n")
    (folder / "b.md").unlink()
    (folder / "new.md").write_bytes(b"new\n")
    (folder / "link.md").symlink_to("a.md")
    os.mkfifo(folder / "pipe.md")
    leftovers = [".a.md.swp", "a.md~", "4913", ".DS_Store", "#a.md#", ".#a.md", f".a.md{files.SIDE}x"]
    for name in leftovers:
        (folder / name).write_bytes(b"?")
    found = repo.working(LINE)
    assert found.edited == ("notes/a.md",)
    assert found.missing == ("notes/b.md",)
    assert found.new == ("notes/new.md",)
    assert found.strange == ("notes/link.md", "notes/pipe.md")
    assert found.leftovers == tuple(sorted(f"notes/{name}" for name in leftovers))


def test_an_edit_of_equal_size_and_time_is_seen(repo):
    save(repo, {"notes/a.md": b"one\n"})
    times = note(repo).stat()
    note(repo).write_bytes(b"eno\n")
    os.utime(note(repo), ns=(times.st_atime_ns, times.st_mtime_ns))
    assert repo.working(LINE).edited == ("notes/a.md",)


# mending


def test_a_flipped_bit_is_an_error_on_reading(repo):
    head = save(repo, {"notes/a.md": b"one\n" * 50})
    oid = repo.files(head)["notes/a.md"][1]
    repo.close()
    loose = repo.directory / "objects" / oid[:2] / oid[2:]
    data = bytearray(loose.read_bytes())
    data[-1] ^= 1
    loose.chmod(0o600)
    loose.write_bytes(data)
    with pytest.raises(GitTrouble):
        repo.objects.blob(oid)
