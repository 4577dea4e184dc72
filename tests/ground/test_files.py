"""Durable file work: what is read, what is never overwritten, what a failing disk leaves."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, DiskTrouble, NotFound


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_read_gives_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"\r\n\x00\xff")
    assert files.read(tmp_path / "a") == b"\r\n\x00\xff"


def test_read_refuses_links_folders_pipes_and_too_much(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "."):
        with pytest.raises(BadInput):
            files.read(tmp_path / name)
    with pytest.raises(BadInput, match="larger than 4 bytes"):
        files.read(tmp_path / "a", 4)
    assert files.read(tmp_path / "a", 5) == b"12345"
    with pytest.raises(NotFound):
        files.read(tmp_path / "none")
    with pytest.raises(DiskTrouble):
        files.read(tmp_path / "a" / "b")


def test_a_sparse_giant_is_refused_without_reading_it_all(tmp_path):
    with (tmp_path / "giant").open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(BadInput):
        files.read(tmp_path / "giant")


def test_create_never_overwrites(tmp_path):
    files.create(tmp_path / "a", b"one")
    with pytest.raises(Conflict, match="exists already"):
        files.create(tmp_path / "a", b"two")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"one"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_create_does_not_write_through_a_link(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "victim")
    with pytest.raises(Conflict):
        files.create(tmp_path / "a", b"one")
    assert names(tmp_path) == ["a"]


def test_create_on_a_stick_without_links(tmp_path, monkeypatch):
    def no_links(*_, **__):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    files.create(tmp_path / "a", b"one")
    with pytest.raises(Conflict):
        files.create(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert names(tmp_path) == ["a"]


def test_replace_takes_the_place_of_what_was_seen(tmp_path):
    (tmp_path / "a").write_bytes(b"one")
    files.replace(tmp_path / "a", b"two", expecting=files.digest(b"one"))
    assert (tmp_path / "a").read_bytes() == b"two"
    assert names(tmp_path) == ["a"]


def test_replace_keeps_both_texts_when_the_file_changed(tmp_path):
    (tmp_path / "a").write_bytes(b"somebody else's")
    with pytest.raises(Conflict, match="changed since") as caught:
        files.replace(tmp_path / "a", b"mine", expecting=files.digest(b"one"))
    assert (tmp_path / "a").read_bytes() == b"somebody else's"
    (side,) = [path for path in tmp_path.iterdir() if path.name != "a"]
    assert side.read_bytes() == b"mine"
    assert str(side) in caught.value.hint


def test_replace_expecting_nothing_or_something_that_is_gone(tmp_path):
    with pytest.raises(Conflict):
        files.replace(tmp_path / "a", b"x", expecting=files.digest(b"one"), keep=False)
    assert names(tmp_path) == []
    files.replace(tmp_path / "a", b"x", expecting=None)
    with pytest.raises(Conflict):
        files.replace(tmp_path / "a", b"y", expecting=None, keep=False)
    assert (tmp_path / "a").read_bytes() == b"x"


@pytest.mark.parametrize("call", ["write", "fsync", "open"])
def test_a_full_disk_leaves_the_old_text_and_no_rubbish(tmp_path, monkeypatch, call):
    (tmp_path / "a").write_bytes(b"one")
    real = os.open

    def full(*args, **_):
        if call == "open" and not args[1] & os.O_CREAT:
            return real(*args)
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(DiskTrouble, match=f"cannot write {tmp_path}/a: the disk is full"):
        files.replace(tmp_path / "a", b"two", expecting=files.digest(b"one"))
    with pytest.raises(DiskTrouble):
        files.create(tmp_path / "b", b"two")
    monkeypatch.undo()
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"one"


def test_remove_only_what_was_seen(tmp_path):
    (tmp_path / "a").write_bytes(b"one")
    with pytest.raises(Conflict):
        files.remove(tmp_path / "a", expecting=files.digest(b"two"))
    files.remove(tmp_path / "a", expecting=files.digest(b"one"))
    files.remove(tmp_path / "a", expecting=files.digest(b"one"))
    assert names(tmp_path) == []


def test_folders_are_private(tmp_path):
    files.make_dirs(tmp_path / "a" / "b")
    files.make_dirs(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_every_write_is_synced_before_it_takes_its_name(tmp_path, monkeypatch):
    order = []
    sync, rename = os.fsync, os.rename
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("sync"), sync(handle))[1])
    monkeypatch.setattr(os, "rename", lambda *a, **k: (order.append("rename"), rename(*a, **k))[1])
    files.replace(tmp_path / "a", b"x", expecting=None)
    assert order == ["sync", "rename", "sync"]


def test_what_a_killed_writer_left_goes_and_what_is_being_written_stays(tmp_path):
    file = tmp_path / "pins.json"
    old, young, other = (tmp_path / f".{name}{files.SIDE}x{n}" for n, name in enumerate(("pins.json", "pins.json", "else.json")))
    for left in (old, young, other):
        left.write_bytes(b"{")
    for left in (old, other):
        os.utime(left, (1, 1))
    files.put(file, b"{}")
    assert not old.exists()
    assert young.exists()
    assert other.exists()
    files.clear_stale(file, 0)
    assert not young.exists()


@pytest.mark.parametrize("links", [True, False])
def test_what_another_program_wrote_takes_its_place_whole_or_not_at_all(tmp_path, monkeypatch, links):
    def none(*_args: object, **_named: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not links:
        monkeypatch.setattr(os, "link", none)
    path = tmp_path / "large"
    with files.made(path) as temporary:
        temporary.write_bytes(b"x" * 3_000_000)
        assert not path.exists()
    assert path.read_bytes() == b"x" * 3_000_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert files.digest_in_pieces(path) == files.digest(path.read_bytes())
    with pytest.raises(Conflict), files.made(path) as temporary:
        temporary.write_bytes(b"y")
    assert path.read_bytes()[:1] == b"x"
    with pytest.raises(FileNotFoundError), files.made(tmp_path / "other") as temporary:
        temporary.with_name("none").read_bytes()
    assert os.listdir(tmp_path) == ["large"]
    with pytest.raises(DiskTrouble), files.made(tmp_path / "none" / "x"):
        pass
