"""Objects as we write them: git takes them for its own."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from tests.ground.worlds import plain, save, whole
from tests.helpers import store_object
from vaultcli.ground import files
from vaultcli.ground.errors import DiskTrouble, GitTrouble
from vaultcli.ground.git import loose
from vaultcli.ground.git.objects import name_object


def test_git_reads_what_was_written(repo):
    texts = [b"", b"one\n", b"\0binary\r\n" * 5000]
    made = {name_object("blob", text, repo.object_format): ("blob", text) for text in texts}
    loose.store(repo.directory, made)
    for oid, (_, text) in made.items():
        assert repo.objects.blob(oid) == text
        assert plain(repo.path, "cat-file", "-t", oid) == "blob\n"
        file = repo.directory / "objects" / oid[:2] / oid[2:]
        assert stat.S_IMODE(file.stat().st_mode) == 0o400
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    whole(repo)
    assert set(made) <= set(loose.names(repo.directory))
    assert loose.count(repo.directory) == len(loose.names(repo.directory)) == repo.git.loose()


@pytest.mark.parametrize(
    "spoil", [lambda raw: b"", lambda raw: raw[:-3], lambda raw: raw + b"junk", lambda raw: raw + raw], ids=range(4)
)
def test_an_object_that_a_power_cut_emptied_or_spoiled_is_written_again(repo, spoil):
    text = b"the same bytes\n"
    oid = store_object(repo.git, text)
    file = repo.directory / "objects" / oid[:2] / oid[2:]
    file.chmod(0o600)
    file.write_bytes(spoil(file.read_bytes()))
    assert store_object(repo.git, text) == oid
    repo.objects.close()
    assert repo.objects.blob(oid) == text
    whole(repo)


def test_a_disk_that_fails_leaves_nothing_half(repo, monkeypatch):
    save(repo, {"notes/a.md": b"one\n"})
    before = sorted(loose.names(repo.directory))

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "sync", full)
    with pytest.raises(DiskTrouble, match="the disk is full"):
        store_object(repo.git, b"never there\n")
    assert sorted(loose.names(repo.directory)) == before


def test_the_estimate_is_near_enough(repo):
    made = {name_object("blob", text, repo.object_format): ("blob", text) for text in (b"%d" % n for n in range(800))}
    loose.store(repo.directory, made)
    assert 400 < loose.about(repo.directory) < 1600


def test_an_object_that_is_there_stays_the_same_file(repo):
    oid = store_object(repo.git, b"once\n")
    file = repo.directory / "objects" / oid[:2] / oid[2:]
    before = file.stat().st_ino
    assert store_object(repo.git, b"once\n") == oid
    assert file.stat().st_ino == before


def test_other_bytes_of_the_same_name_are_refused(repo, monkeypatch):
    class Weak:
        def __init__(self, *_, **__):
            pass

        def hexdigest(self):
            return oid

    oid = store_object(repo.git, b"first\n")
    monkeypatch.setattr(loose, "hasher", lambda _: Weak)
    with pytest.raises(GitTrouble, match="other bytes of the same name"):
        loose.store(repo.directory, {oid: ("blob", b"other\n")})
    monkeypatch.undo()
    assert repo.objects.blob(oid) == b"first\n"
